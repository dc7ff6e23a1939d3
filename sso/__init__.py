"""Who is at the door, and what an application may know: the OpenID provider.

Owns the tables of sso/models.py and these addresses: `/authorize`, `/par`, `/token`, `/userinfo`, `/introspect`,
`/revoke`, `/device_authorization`, `/register`, `/jwks`, the two discovery documents, `/logout`, `/session/check`; the
pages `/login`, `/activate`, `/recover`, `/consent`, `/device`, `/me`. Read first: `authorization/checks.py` (what a request
must pass, in order), `authorization/dispatch.py` (what is still missing before an application gets its answer), `grants/`
(how it becomes tokens), `fetching.py` (the one way out), docs/specifications.md (what of which specification).

Must never: know an application by anything but its registration, keep a code, token or secret in clear, decide by a
header that a stranger can write, or import signing.
"""
