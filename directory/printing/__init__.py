"""Printing: the register as an LDAP tree, so that mail and older systems find people and let them bind.

Owns: what stands in the directory (`entries`), read from the register (`people`, `units`); what differs from it (`difference`), when
it is safer to stop (`guards`), the wire (`server`; `locks` for those alone), the private slapd (`slapd`) and the way to either server
(`access`); the deed as a whole (`sync`) and of single entries (`singles`); the jobs (`asking`, `jobs`, `ahead`), the audit of it
(`deeds`), the verbs of `hopnhat directory` (`command`).

Read first: `sync.py`, which puts the parts in their order; then `deploy/ldap/schema.ldif` and `docs/ldap.md`.

Must never: take anything from the directory back into the register (locks alone travel, by `sso.locks`), or change the RDN of an entry.
"""
