"""Provisioning: what happens to people and units. They join, move, merge and leave.

Owns: rosters, placement lists, decrees, merger plans, activation letters and reports; `/scim/v2/…`; the
`hopnhat` command line (`command.py`) and the one application that mounts every room (`app.py`).

Read first: the planner of a merger, which takes values and returns a plan, then the act that applies it.

Must never: guess where a person goes, write a one-time code into a plan, or change what nobody has approved.
"""
