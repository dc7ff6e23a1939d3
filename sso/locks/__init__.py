"""Locks: an account that guesses have shut is shut in the directory too, and the other way round, within two seconds.

Owns: the asking (`asking`, a job in the deed's transaction), what is done on either side (`carrying`) and who goes back and forth
(`courier`, a thread of the worker). The wire is the printing's (`directory.printing.locks`).

Read first: `courier.py`; then “Locks” in docs/ldap.md.

Must never: shut a browser the account knows; take anything but a lock from the directory.
"""
