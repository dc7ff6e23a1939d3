"""The refresh grant: each token once, replaced by a child (RFC 9700 §4.14.2).

An answer may be lost on its way. So for some seconds the same client may show the same token again and gets the same
child: the child is a keyed digest of its parent, so nothing has to be kept to say it twice. A child that was used
itself, or a later hour, makes a second coming what it looks like: it ends the family and stands in the audit. Of many at
once exactly one rotates; the others get its child.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from directory.account_use import is_worth_noting, note_use
from foundation import audit
from foundation.sealing import Sealer
from sso.certificates.openings import is_opener_revoked
from sso.clients import Client
from sso.grants.families import end_family
from sso.levels import is_by_certificate
from sso.opaque import Digest, digest
from sso.resources import narrow
from sso.tokens import ACCOUNT, GRANT, REFRESH, Granted, issue_person_tokens, keep_refresh

CONTEXT: Final = "sso.refresh.child"
FIND: Final = (
    sa.select(
        REFRESH.c.used_at,
        REFRESH.c.ends_at.label("token_ends"),
        *GRANT.c,
        ACCOUNT.c.state,
        ACCOUNT.c.last_used_at,
    )
    .join(GRANT, GRANT.c.id == REFRESH.c.grant_id)
    .join(ACCOUNT, ACCOUNT.c.id == GRANT.c.account_id)
    .where(REFRESH.c.token_hash == sa.bindparam("hash"), GRANT.c.client_id == sa.bindparam("client"))
)
CONSUME: Final = (
    sa.update(REFRESH)
    .where(REFRESH.c.token_hash == sa.bindparam("hash"), REFRESH.c.used_at.is_(None))
    .values(used_at=sa.bindparam("now"))
    .returning(REFRESH.c.grant_id)
)
CONSUME_GOOD: Final = CONSUME.where(
    REFRESH.c.ends_at > sa.bindparam("now"),
    sa.exists()
    .where(
        GRANT.c.id == REFRESH.c.grant_id,
        GRANT.c.client_id == sa.bindparam("client"),
        GRANT.c.ended_at.is_(None),
        GRANT.c.ends_at > sa.bindparam("now"),
        ACCOUNT.c.id == GRANT.c.account_id,
        ACCOUNT.c.state == "active",
    )
    .correlate(REFRESH),
)
"""The same for a token that `authenticate_refresh_token` would take."""
FIND_UNUSED: Final = sa.select(REFRESH.c.grant_id).where(
    REFRESH.c.token_hash == sa.bindparam("hash"), REFRESH.c.used_at.is_(None)
)


@dataclass(frozen=True)
class Shown:
    """A refresh token that was shown by its client; `child` is what follows it, `again` that it was told already, `consumed` that it
    was consumed when it was looked at.
    """

    hash: bytes
    grant_id: uuid.UUID
    ends_at: datetime
    row: Any
    child: str
    again: bool
    consumed: bool

    def check_client(self, client: Client) -> bool:
        """It was looked up by its client already."""
        return bool(self.row.client_id == client.client_id)

    def get_scope(self) -> str:
        """What the grant holds."""
        return str(self.row.scope)


def derive_child(sealer: Sealer, token: str) -> str:
    """The token that follows this one: 256 bits nobody can tell without our key."""
    return base64.urlsafe_b64encode(sealer.blind_index(token, CONTEXT)).decode().rstrip("=")


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # Authlib ships no types.
    """Authlib's order of checks; the token is consumed last, when all the rest was right, which the statement that consumes it can say
    where no scope is asked for: then it goes with the look.
    """

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Shown | None:
        """The token if it may be used: in time, of an open grant and an active account. A used one ends its family, unless
        its answer may have been lost.
        """
        work = self.request.work
        key = digest(refresh_token)
        row, consumed = self.look(key)
        if (
            row is None
            or row.ended_at is not None
            or row.state != "active"
            or min(row.token_ends, row.ends_at) <= work.now
        ):
            return None
        if is_by_certificate(row.amr) and is_opener_revoked(work.writes, row.session_id, work.now):
            end_family(work, row.id, "certificate revoked")
            return None
        child = derive_child(work.provider.runtime.sealer, refresh_token)
        if row.used_at is not None and not self.may_be_lost(row.used_at, child):
            self.end_reused(row.id, row.person_id)
            return None
        return Shown(key, row.id, row.ends_at, row, child, again=row.used_at is not None, consumed=consumed)

    def look(self, key: Digest) -> tuple[Any, bool]:
        """What is known of a token before anything happens to it, and whether it was consumed by this."""
        work, client = self.request.work, self.request.client.client_id
        find = (FIND, {"hash": key, "client": client})
        if self.request.payload.scope:
            return work.writes.ask(find)[0].first(), False
        found, consumed = work.writes.ask(find, (CONSUME_GOOD, {"hash": key, "client": client, "now": work.now}))
        return found.first(), consumed.first() is not None

    def may_be_lost(self, used_at: datetime, child: str) -> bool:
        """Whether the answer to a token used then may not have arrived: it was just now, and its child was never seen."""
        work = self.request.work
        if used_at + timedelta(seconds=work.provider.policy.refresh_again_seconds) <= work.now:
            return False
        return work.writes.connection().execute(FIND_UNUSED, {"hash": digest(child)}).first() is not None

    def authenticate_user(self, refresh_token: Shown) -> Any:
        """Consume the token, in one statement, if it is not. Raises InvalidGrantError."""
        work = self.request.work
        if refresh_token.again:
            return refresh_token.row
        consume = {"hash": refresh_token.hash, "now": work.now}
        if refresh_token.consumed or work.writes.connection().execute(CONSUME, consume).first() is not None:
            keep_refresh(work, refresh_token.child, refresh_token.grant_id, refresh_token.ends_at)
        elif not self.may_be_lost(work.now, refresh_token.child):
            # Another request consumed it between our look and our hand, and there is no time in which that is excused.
            self.end_reused(refresh_token.grant_id, refresh_token.row.person_id)
            raise InvalidGrantError()
        return refresh_token.row

    def end_reused(self, grant_id: uuid.UUID, person_id: uuid.UUID) -> None:
        """End the family of a token that came twice, and say so in the audit."""
        work = self.request.work
        end_family(work, grant_id, "refresh token used twice")
        audit.record(
            work.writes,
            work.now,
            "sso.refresh.reused",
            self.request.client.client_id,
            str(person_id),
            outcome="refused",
        )

    def issue_token(self, user: Any, refresh_token: Shown) -> dict[str, Any]:
        """New tokens of the same grant, for the scope and resources asked or all of them; level and time of the log-in stay."""
        row = refresh_token.row
        if is_worth_noting(row.last_used_at, self.request.work.now):
            note_use(self.request.work.writes, row.account_id, self.request.work.now)
        granted = Granted(
            grant_id=row.id,
            client=self.request.client,
            person_id=row.person_id,
            account_id=row.account_id,
            session_id=row.session_id,
            scope=row.scope,
            auth_time=row.auth_time,
            acr=row.acr,
            amr=row.amr,
            ends_at=row.ends_at,
            wishes=row.wishes,
            resources=tuple(row.resources or ()),
        )
        # What was taken from the application since it was given is not given again.
        scope = self.request.client.get_allowed_scope(self.request.payload.scope or row.scope)
        if not scope:
            raise InvalidGrantError()
        resources = narrow(granted.resources, self.request.resources)
        return issue_person_tokens(self.request.work, granted, scope, resources=resources, refresh=refresh_token.child)

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: issuing keeps."""

    def revoke_old_credential(self, refresh_token: Shown) -> None:
        """Nothing: it was consumed before the new ones were made."""
