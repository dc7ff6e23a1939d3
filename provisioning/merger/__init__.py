"""Mergers: a decree and a list of places become a plan that people read, another approves, and `apply` does exactly.

Owns: `hopnhat merger …`; the decree file and its schema; the destinations of people; applying, resuming and undoing any plan.

Read first: `decree.py` (what is asked), `events.py` (what happens to units), `destinations.py` (where people go), `planning.py`
(how a plan is made), `apply.py` (how it is done).

Must never: guess anybody into a leader's post, show half a change, apply what was not approved or is no longer true, or put a
personal number into a plan.
"""
