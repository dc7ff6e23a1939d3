"""Rosters: the lists of people that HR offices send, read as they really are.

Owns: the commands `roster check`, `roster template`, `roster import`; the readers of XLSX, XLS, ODS and CSV; what is a fault and
what may be restored; the operation `person.load` of a plan.

Read first: `vocabulary.py` (outcomes, columns, faults), `check.py` (the order of the whole), then one value's module.

Must never: accept anything doubtful in silence, stop at the first fault, or write a personal number into a plan in clear.
"""
