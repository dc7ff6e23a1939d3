"""A small document system, as its makers would connect one: the reference for integrators.

It imports nothing of Hợp Nhất and knows only its public interfaces: OpenID Connect (`oidc.py`), the unit API (`units.py`), who may
read old documents (`heirs.py`) and the verification API (`verification.py`). Documents and sessions are its own (`store.py`); pages
are in `pages.py` and `templates/`.

Read first: `README.md` beside this file, then `oidc.py`.
"""
