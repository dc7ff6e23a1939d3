"""The embedded authority: for trial, tests and small administrations; a door of the same shape waits for the state's own.

Owns: the check of signing requests, the profiles, issuing, revocation lists and `/pki/…`.

Read first: `door.py` (what any authority does), `signing_requests.py` (bytes become `CheckedCSR`), `embedded.py`.

Must never: copy anything but the key from a signing request, sign what was not linted, or see a subject's private key.
"""
