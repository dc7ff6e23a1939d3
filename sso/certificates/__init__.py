"""Certificates: coming in with the official's key device (X.509), as a proxy hands the certificate on.

Owns: the section `[client_certificate]` (`settings`), the headers (`presented`), the judgement of chain, validity and revocation
(`judgement`, `lists`, `responders`), whose it is in the register (`holders`), the act and its address `/login/certificate` (`entrance`);
which certificate opened which session (`openings`) and what its path needs (`keeping`), that both end together (`ending`), and the
worker's look at the lists of the moment (`second_look`).

Read first: `entrance.py`; then docs/key-device.md.

Must never: believe the header from anybody but a trusted proxy, find a person by a name in a certificate, or let in where it could
not be found out whether a certificate is revoked.
"""
