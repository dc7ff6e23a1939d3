"""Printing: the register as an LDAP tree, so that mail and older systems find people and let them bind.

Owns: what stands in the directory (`entries`), what differs from it (`difference`), when it is safer to stop (`guards`), the
wire (`server`), the private slapd of trial and tests (`slapd`), the reading of the register (`register`), the deed (`sync`)
and the jobs (`jobs`); the verbs of `hopnhat directory`.

Read first: `sync.py`, which puts the parts in their order; then `deploy/ldap/schema.ldif`.

Must never: take anything from the directory back into the register, or change the RDN of an entry.
"""
