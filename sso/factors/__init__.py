"""What proves a person besides the password: an app that counts, codes for the day it is lost, keys of devices, browsers that are known.

Owns: the tables of `models.py`; the pages `/second-factor`, `/me/authenticator`, `/me/recovery-codes`, `/me/passkeys`, `/me/devices`,
`/me/review`.

Read first: `standing.py` (what a person has and what it reaches), then `second_factor.py` (the page everybody meets).

Must never: let a session that still owes its second factor open anything, keep a code in clear, take a factor away for
somebody who did not just prove one.
"""
