"""Sign-on: who is at the door, and what an application may know about them.

Owns: the OpenID provider (`/authorize`, `/token`, `/userinfo` and their kin), sessions, factors, activation,
recovery and "my account"; the commands `client` and `key`.

Read first: the table of checks of an authorization request, then the one function that decides the next step.

Must never: store a code or a token in clear, tell a wrong password from an unknown log-in, or import `signing`.
"""
