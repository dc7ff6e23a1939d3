"""Reports for the people who answer for a merger: what is ready by which deadline, and who is still missing what.

Owns: `hopnhat report …`; the file of deadlines and its JSON Schema; the figures, and their printing on a screen, as HTML, XLSX and PDF.

Read first: `tasks.py` (what may be asked for), `census.py` (every official in exactly one place), `readiness.py` (figures to dates).

Must never: show a figure without its instant, or a part that does not add up to its whole; nothing here changes anything.
"""
