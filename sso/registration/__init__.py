"""Dynamic registration: applications that register themselves (OpenID Connect Dynamic Client Registration 1.0, RFC 7591, RFC 7592).

Off unless the settings open it, to everybody or to holders of an initial token. What registers itself is a stranger:
people are asked for consent, it never gets a scope of programs, and its registration token is good for itself alone.
"""
