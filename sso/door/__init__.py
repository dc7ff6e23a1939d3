"""The pages at the door: log-in, activation, recovery, log-out, my account, and the guess limits they share.

Read first: `candidates.py` (who a typed log-in may mean; each try is counted before anything is looked at), `entrance.py` (by password
and by code), `admission.py` (the session, at whatever door somebody proved themselves). `login.py` asks `authorization.endpoint` whether
the application that waits can be answered at once.
"""
