"""The code grant: one code, one redemption, by the client, address and verifier it was made for (RFC 6749 §4.1.3,
RFC 7636).

The code is consumed by one UPDATE before anything else is looked at; a second coming ends everything the first gave.
"""

from datetime import timedelta
from typing import Any, Final, cast

import sqlalchemy as sa
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from foundation import audit
from sso import models
from sso.clients import Client
from sso.grants.families import end_family
from sso.opaque import digest
from sso.resources import narrow
from sso.tokens import ACCOUNT, Granted, issue_person_tokens, open_grant

CODE: Final = cast(sa.Table, models.Code.__table__)
SESSION: Final = cast(sa.Table, models.BrowserSession.__table__)
# Account in session in code, each by one column: behind RETURNING columns are compiled without the names of their tables for SQLite.
STILL_GOOD: Final = (
    sa.exists()
    .where(
        SESSION.c.id == CODE.c.session_id,
        SESSION.c.ended_at.is_(None),
        SESSION.c.account_id.in_(sa.select(ACCOUNT.c.id).where(ACCOUNT.c.state == "active")),
    )
    .correlate(CODE)
)
CONSUME: Final = (
    sa.update(CODE)
    .where(
        CODE.c.code_hash == sa.bindparam("hash"),
        CODE.c.client_id == sa.bindparam("client"),
        CODE.c.used_at.is_(None),
        CODE.c.ends_at > sa.bindparam("now"),
    )
    .values(used_at=sa.bindparam("now"))
    .returning(*CODE.c, STILL_GOOD.label("still_good"))
)
"""Consumes the code, and tells whether its session is open and its account active."""
USED: Final = sa.select(CODE.c.grant_id, CODE.c.person_id).where(
    CODE.c.code_hash == sa.bindparam("hash"), CODE.c.client_id == sa.bindparam("client"), CODE.c.used_at.is_not(None)
)


class RedeemedCode:
    """A code that was just consumed, with the questions Authlib asks of it."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.code_challenge: str | None = row.challenge
        self.code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        """The address the code was sent to; the request must name it again."""
        return str(self.row.redirect_uri)

    def get_scope(self) -> str:
        """What was granted."""
        return str(self.row.scope)


class Proof(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types.
    """PKCE by S256 only; a challenge that was sent is always checked, a verifier without one refused."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS: Final = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib ships no types.
    """Authlib's order of checks over our storage."""

    def query_authorization_code(self, code: str, client: Client) -> RedeemedCode | None:
        """Consume the code. None when it is unknown, over, another client's, or used: then what it gave ends."""
        work = self.request.work
        key = {"hash": digest(code), "client": client.client_id}
        row = work.writes.connection().execute(CONSUME, {**key, "now": work.now}).first()
        if row is not None:
            return RedeemedCode(row)
        used = work.writes.connection().execute(USED, key).first()
        if used is not None:
            end_family(work, used.grant_id, "code used twice")
            audit.record(
                work.writes, work.now, "sso.code.reused", client.client_id, str(used.person_id), outcome="refused"
            )
        return None

    def authenticate_user(self, authorization_code: RedeemedCode) -> Any:
        """The code's row while its session is open and its account active, else None."""
        return authorization_code.row if authorization_code.row.still_good else None

    def delete_authorization_code(self, authorization_code: RedeemedCode) -> None:
        """Nothing: it was consumed before anything was given."""

    def generate_token(self, user: Any = None, scope: str | None = None, **_unused: object) -> dict[str, Any]:
        """Open the grant and issue its first tokens."""
        work = self.request.work
        policy = work.provider.policy
        # Without offline access a family lives no longer than a session may.
        seconds = policy.refresh_seconds if "offline_access" in user.scope.split() else policy.session_seconds
        granted = Granted(
            grant_id=user.grant_id,
            client=self.request.client,
            person_id=user.person_id,
            account_id=user.account_id,
            session_id=user.session_id,
            scope=user.scope,
            auth_time=user.auth_time,
            acr=user.acr,
            amr=user.amr,
            ends_at=work.now + timedelta(seconds=seconds),
            wishes=user.wishes,
            resources=tuple(user.resources or ()),
        )
        resources = narrow(granted.resources, self.request.resources)
        open_grant(work, granted)
        audit.record(
            work.writes,
            work.now,
            "sso.grant.opened",
            str(user.person_id),
            self.request.client.client_id,
            {"scope": user.scope},
        )
        return issue_person_tokens(work, granted, user.scope, user.nonce, resources)

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: issuing keeps."""
