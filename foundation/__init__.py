"""Foundation: what every room stands on, without a word of the domain.

Owns: settings, the two clocks, the database and its changes, audit, outbox and worker, plan mechanics,
sealing, errors, texts in two languages, the web frame and the terminal's manners.

Read first: `clocks.py`, `database.py`, `changes.py`.

Must never: import another room, or know what a unit, a post or a certificate is.
"""
