"""Directory: the register of units, codes, people, posts and accounts, as of an instant, and its LDAP printing.

Owns: the tables of the register; the reads with `at` and `known_at`; the commands `unit`, `person`, `account`
and `directory`; the public paths under `/api/units`.

Read first: `models.py`, then the module of the act you are after.

Must never: rewrite a row of the register, derive an identity from a name or a unit, or import a room above.
"""
