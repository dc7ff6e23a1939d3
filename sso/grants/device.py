"""The device grant (RFC 8628 §3.4): the device asks until its person has decided; tokens are given once."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc8628 import DeviceCodeGrant

from directory.models import Account
from foundation import audit
from sso import models
from sso.clients import Client
from sso.devices import TABLE
from sso.opaque import digest
from sso.provider import Work
from sso.resources import narrow
from sso.sessions import idle_of
from sso.tokens import Granted, issue_person_tokens, open_grant

SESSION: Final = cast(sa.Table, models.BrowserSession.__table__)
ACCOUNT: Final = cast(sa.Table, Account.__table__)
SLOWER: Final = 5
FIND: Final = sa.select(TABLE).where(
    TABLE.c.device_hash == sa.bindparam("hash"), TABLE.c.client_id == sa.bindparam("client"), TABLE.c.state != "used"
)
POLL: Final = (
    sa.update(TABLE)
    .where(TABLE.c.device_hash == sa.bindparam("hash"))
    .values(polled_at=sa.bindparam("now"), interval=sa.bindparam("seconds"))
)
CONSUME: Final = (
    sa.update(TABLE)
    .where(TABLE.c.device_hash == sa.bindparam("hash"), TABLE.c.state == "allowed")
    .values(state="used")
    .returning(TABLE.c.session_id)
)
FIND_SESSION: Final = (
    sa.select(SESSION, ACCOUNT.c.kind)
    .join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
    .where(SESSION.c.id == sa.bindparam("session"), SESSION.c.ended_at.is_(None), ACCOUNT.c.state == "active")
)


@dataclass(frozen=True)
class Asking:
    """A device code that was shown by its client, with the questions Authlib asks of it."""

    row: Any
    work: Work

    def get_client_id(self) -> str:
        """It was looked up by its client already."""
        return str(self.row.client_id)

    def get_scope(self) -> str:
        """What was asked for."""
        return str(self.row.scope)

    def get_user_code(self) -> "Asking":
        """Itself: what the person decided stands in the same row."""
        return self

    def is_expired(self) -> bool:
        """Whether nobody may use it any more."""
        return bool(self.row.ends_at <= self.work.now)


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]  # Authlib ships no types.
    """Authlib's order of checks over our storage."""

    def authenticate_token_endpoint_client(self) -> Client:
        """The client, remembered: its codes are looked for among its own."""
        client: Client = super().authenticate_token_endpoint_client()
        self.asking_client = client
        return client

    def query_device_credential(self, device_code: str) -> Asking:
        """The code if it is this client's and was not used. Raises InvalidGrantError."""
        work = self.request.work
        key = {"hash": digest(device_code), "client": self.asking_client.client_id}
        row = work.writes.connection().execute(FIND, key).first()
        if row is None:
            raise InvalidGrantError("The device_code is unknown, used or another client's.")
        return Asking(row, work)

    def query_user_grant(self, asking: Asking) -> tuple[Asking, bool] | None:
        """What the person decided, or None while they have not."""
        return None if asking.row.state == "waiting" else (asking, asking.row.state == "allowed")

    def should_slow_down(self, asking: Asking) -> bool:
        """Whether the device asked again too early; then it has to wait five seconds longer from now on (§3.5 there)."""
        work, row = self.request.work, asking.row
        early = row.polled_at is not None and row.polled_at + timedelta(seconds=row.interval) > work.now
        seconds = row.interval + SLOWER if early else row.interval
        work.writes.connection().execute(POLL, {"hash": row.device_hash, "now": work.now, "seconds": seconds})
        return early

    def generate_token(self, user: Asking | None = None, scope: str | None = None, **_unused: object) -> dict[str, Any]:
        """Spend the code and give tokens of the log-in it was allowed with. Raises InvalidGrantError."""
        assert user is not None
        work, client = self.request.work, self.request.client
        spent = work.writes.connection().execute(CONSUME, {"hash": user.row.device_hash}).first()
        found = work.writes.connection().execute(FIND_SESSION, {"session": spent.session_id}).first() if spent else None
        session = found if found is not None and is_in_time(work, found) else None
        if session is None:
            raise InvalidGrantError("The device_code was used, or the session that allowed it is over.")
        policy = work.provider.policy
        seconds = policy.refresh_seconds if "offline_access" in user.row.scope.split() else policy.session_seconds
        granted = Granted(
            grant_id=uuid.uuid4(),
            client=client,
            person_id=session.person_id,
            account_id=session.account_id,
            session_id=session.id,
            scope=user.row.scope,
            auth_time=session.auth_time,
            acr=session.acr,
            amr=session.amr,
            ends_at=work.now + timedelta(seconds=seconds),
            resources=tuple(user.row.resources or ()),
        )
        open_grant(work, granted)
        detail = {"scope": granted.scope, "by": "device"}
        audit.record(work.writes, work.now, "sso.grant.opened", str(session.person_id), client.client_id, detail)
        resources = narrow(granted.resources, self.request.resources)
        return issue_person_tokens(work, granted, granted.scope, resources=resources)

    def save_token(self, token: dict[str, Any]) -> None:
        """Nothing: issuing keeps."""


def is_in_time(work: Work, session: Any) -> bool:
    """Whether the session that allowed a device could still be used at a browser: neither idle too long nor too old."""
    return bool(session.ends_at > work.now and session.seen_at + idle_of(work.provider.policy, session.kind) > work.now)
