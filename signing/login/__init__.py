"""Who is at the signing pages: learnt from the sign-on service over the same redirects as any other application.

Owns: `/signing/login`, `/signing/login/done`, `/signing/logout`, `/signing/logout/called` and the sessions of these pages.

Read first: `provider.py` (what is asked of the sign-on service and what is believed of its answer), `pages.py`.

Must never: import the sign-on room, believe a token it did not verify, or take a session for a right.
"""
