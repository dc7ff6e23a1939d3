"""Telling applications that a session is over: OpenID Connect Back-Channel Logout 1.0, the provider's side.

`ask_for_logouts` stands in the transaction that ends sessions and adds one job for each application that has one of them and
registered an address. The worker's job signs a log-out token anew at every try (its `jti` is good for one delivery) and posts it:
to the registered address only, following no redirect, within five seconds, several beside each other. An answer that is not 200 or 204
is tried again. Who does not answer is left alone for a while; who answers slowly is told of a few log-outs at a time.
"""

import asyncio
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import httpx
import sqlalchemy as sa

from foundation.database import Writes
from foundation.errors import Unreachable
from foundation.handling import Beside
from foundation.outbox import Job, enqueue_many
from foundation.runtime import Runtime
from sso import models
from sso.clients import Client, find_client
from sso.fetching import Fetcher, FetchFailed, FetchRefused, open_http
from sso.keys import KeyRing
from sso.opaque import new_opaque
from sso.settings import SsoSection
from sso.slow_applications import taken_on
from sso.subjects import name_subject

KIND: Final = "log_out_client"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
TYP: Final = "logout+jwt"
TOKEN_SECONDS: Final = 120
TIMEOUT_SECONDS: Final = 5.0
REST_SECONDS: Final = 30.0
"""An application that did not answer is left alone for so long, and twice as long each time it does not again: the worker has other
things to do, and a merged province has many applications that are away."""
REST_AT_MOST: Final = 300.0
ACCEPTED: Final = (200, 204)
GRANT: Final = cast(sa.Table, models.Grant.__table__)
CLIENT: Final = cast(sa.Table, models.Client.__table__)


@dataclass(frozen=True)
class Rest:
    """Until when an application is left alone (monotonic seconds), and for how long it is."""

    until: float
    span: float


_resting: dict[str, Rest] = {}
_rings: list[tuple[Runtime, KeyRing]] = []
"""The keys of the runtime at hand: opening them for each token would cost the worker more than all else it does. Threads that begin
together may each open them; the last one's are kept."""


class LogoutNotDelivered(Unreachable):
    """The application did not take the log-out token; the worker tries again."""

    code = "logout_not_delivered"
    sentence = "The application {client} did not confirm a log-out: {why}"


@dataclass(frozen=True)
class Way:
    """Where a call goes, and under which name."""

    url: str
    headers: Mapping[str, str]
    extensions: Mapping[str, Any]


def ask_for_logouts(writes: Writes, session_ids: Iterable[uuid.UUID], now: datetime) -> None:
    """Have every application that has one of these sessions told that it is over."""
    wanted = (
        sa.select(GRANT.c.client_id, GRANT.c.session_id, GRANT.c.person_id)
        .join(CLIENT, CLIENT.c.client_id == GRANT.c.client_id)
        .where(
            GRANT.c.session_id.in_(list(session_ids)),
            CLIENT.c.backchannel_logout_uri.is_not(None),
            CLIENT.c.removed_at.is_(None),
        )
        .distinct()
    )
    jobs: list[tuple[str, dict[str, Any]]] = [
        (
            f"{row.client_id}:{row.session_id}",
            {"client": row.client_id, "sid": str(row.session_id), "sub": str(row.person_id)},
        )
        for row in writes.execute(wanted)
    ]
    enqueue_many(writes, KIND, cast(Any, jobs), now)


def log_out_client(runtime: Runtime, job: Job) -> None:
    """Outbox `log_out_client` {client, sid, sub}: see the module. Nothing to do once the application is gone. Raises LogoutNotDelivered."""
    with runtime.database.read() as reads:
        client = find_client(reads, job.payload["client"])
    if client is None or client.backchannel_logout_uri is None:
        return
    resting = _resting.get(client.client_id)
    if resting is not None and resting.until > time.monotonic():
        raise LogoutNotDelivered(client=client.client_id, why="it did not answer a moment ago")
    with taken_on(runtime, KIND, client.client_id):
        subject = name_subject(runtime.sealer, client, uuid.UUID(job.payload["sub"]))
        token = build_logout_token(runtime, client, subject, job.payload["sid"])
        asyncio.run(deliver(client, find_way(runtime, client, client.backchannel_logout_uri), token))


def build_logout_token(runtime: Runtime, client: Client, sub: str, sid: str) -> str:
    """A log-out token (§2.4 there): who and which session, for this application, for two minutes, never a nonce."""
    now = runtime.clocks.wall()
    keys = find_ring(runtime)
    keys.prepare(now)
    claims = {
        "iss": runtime.settings.issuer,
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + TOKEN_SECONDS,
        "jti": new_opaque(),
        "sub": sub,
        "sid": sid,
        "events": {EVENT: {}},
    }
    return keys.sign(claims, client.id_token_alg, now, TYP)


def find_ring(runtime: Runtime) -> KeyRing:
    """The key ring of this runtime, opened once; one that was turned meanwhile is read again within seconds."""
    if not _rings or _rings[0][0] is not runtime:
        _rings[:] = [(runtime, KeyRing(runtime))]
    return _rings[0][1]


def reach(runtime: Runtime, address: str) -> str:
    """The address as the worker reaches it: our own origin may have another way in behind a proxy (`sso.own_address`)."""
    own = runtime.settings[SsoSection].own_address
    inside = address.startswith(runtime.settings.issuer + "/")
    return own + address.removeprefix(runtime.settings.issuer) if own and inside else address


def find_way(runtime: Runtime, client: Client, address: str) -> Way:
    """How an application is reached: the administration's own as registered; a stranger only where we may ask at all, and at
    the very address that was looked at (`fetching.py`). Raises LogoutNotDelivered.
    """
    if client.own:
        return Way(reach(runtime, address), {}, {})
    try:
        target = Fetcher(runtime.settings[SsoSection]).check(address)
    except (FetchRefused, FetchFailed) as error:
        raise LogoutNotDelivered(client=client.client_id, why=error.code) from error
    return Way(target.url, {"Host": target.host}, {"sni_hostname": target.parts.hostname})


async def deliver(client: Client, way: Way, token: str) -> None:
    """Post the token (§2.5 there); what the application writes back is never read. Raises LogoutNotDelivered.

    The time is for the whole call: an application that answers a letter a second must not hold the worker.
    """
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            open_http() as http,
            http.stream(
                "POST", way.url, data={"logout_token": token}, headers=way.headers, extensions=way.extensions
            ) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, TimeoutError) as error:
        leave_alone(client.client_id)
        raise LogoutNotDelivered(client=client.client_id, why=type(error).__name__) from error
    _resting.pop(client.client_id, None)
    if status not in ACCEPTED:
        raise LogoutNotDelivered(client=client.client_id, why=f"HTTP {status}")


def leave_alone(client_id: str) -> None:
    """Ask an application nothing for a while that did not answer; calls that were under way beside each other count as one."""
    former, now = _resting.get(client_id), time.monotonic()
    if former is None or former.until <= now:
        span = min(2 * former.span, REST_AT_MOST) if former is not None else REST_SECONDS
        _resting[client_id] = Rest(now + span, span)


HANDLERS: Final = {KIND: Beside(log_out_client)}
