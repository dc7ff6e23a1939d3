"""Requests kept here and named by a reference: pushed ones (RFC 9126), and signed or referred ones once they were unfolded.

The reference is a secret of 256 bits and kept as a digest, bound to its client. It must be opened in time; opened, it
carries the person through log-in and consent, and it is spent with the answer: exactly one code comes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, cast

import sqlalchemy as sa

from foundation.database import Reads, Writes
from sso import models
from sso.opaque import digest, new_opaque
from sso.waiting import Heap

TABLE: Final = cast(sa.Table, models.KeptRequest.__table__)
PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
UNDER_WAY: Final = timedelta(minutes=30)
"""How long a request that was opened in time may take to be finished: log-in, second factor, consent."""
ADD: Final = sa.insert(TABLE)
UNANSWERED: Final = TABLE.c.used_at.is_(None)
OPEN: Final = (
    sa.update(TABLE)
    .where(TABLE.c.reference_hash == sa.bindparam("hash"), TABLE.c.asked_from.is_not(None), TABLE.c.opened_at.is_(None))
    .values(opened_at=sa.bindparam("now"))
)


def is_living(now: datetime) -> sa.ColumnElement[bool]:
    """Waiting to be opened in time, or opened by somebody who may be logging in."""
    return sa.and_(UNANSWERED, sa.or_(TABLE.c.ends_at > now, TABLE.c.opened_at > now - UNDER_WAY))


def is_over(now: datetime) -> sa.ColumnElement[bool]:
    """Not opened in time, or opened and left."""
    left = sa.or_(TABLE.c.opened_at.is_(None), TABLE.c.opened_at <= now - UNDER_WAY)
    return sa.and_(UNANSWERED, TABLE.c.ends_at <= now, left)


REQUESTS: Final = Heap(TABLE, TABLE.c.reference_hash, is_living, is_over, TABLE.c.opened_at.is_not(None))
"""As what nobody proved is counted."""
FIND: Final = sa.select(TABLE.c.parameters, TABLE.c.signed, TABLE.c.ends_at).where(
    TABLE.c.reference_hash == sa.bindparam("hash"),
    TABLE.c.client_id == sa.bindparam("client"),
    TABLE.c.used_at.is_(None),
)
SPEND: Final = (
    sa.update(TABLE)
    .where(TABLE.c.reference_hash == sa.bindparam("hash"), TABLE.c.used_at.is_(None))
    .values(used_at=sa.bindparam("now"))
    .returning(TABLE.c.client_id)
)


@dataclass(frozen=True)
class Kept:
    """A request kept under a reference; `late`: it is good only for somebody who is under way already."""

    parameters: Mapping[str, Any]
    signed: bool
    late: bool


def keep_request(
    writes: Writes,
    client_id: str,
    parameters: Mapping[str, Any],
    now: datetime,
    seconds: int,
    *,
    signed: bool,
    place: Mapping[str, bytes] = MappingProxyType({}),
    opened: bool = False,
) -> str:
    """Keep a checked request. Gives its reference, good for so many seconds. `place`: where one came from that nobody proved
    (`sso/waiting.py`); `opened`: somebody is under way with it already.
    """
    reference = new_opaque()
    row = {
        "reference_hash": digest(reference),
        "client_id": client_id,
        "parameters": dict(parameters),
        "signed": signed,
        "made_at": now,
        "ends_at": now + timedelta(seconds=seconds),
        "asked_from": place.get("asked_from"),
        "asked_near": place.get("asked_near"),
        "opened_at": now if opened else None,
    }
    writes.connection().execute(ADD, row)
    return PREFIX + reference


def find_request(reads: Reads, client_id: str, uri: str, now: datetime) -> Kept | None:
    """What is kept under a reference of this client, or None: unknown, spent, another's, or too old for anybody."""
    key = {"hash": digest(uri.removeprefix(PREFIX)), "client": client_id}
    row = reads.connection().execute(FIND, key).first()
    if row is None or row.ends_at + UNDER_WAY <= now:
        return None
    return Kept(row.parameters, row.signed, row.ends_at <= now)


def open_request(writes: Writes, uri: str, now: datetime) -> None:
    """Remember that somebody is under way with a request that nobody proved: it is given up last."""
    writes.connection().execute(OPEN, {"hash": digest(uri.removeprefix(PREFIX)), "now": now})


def spend_request(writes: Writes, uri: str, now: datetime) -> bool:
    """Spend a reference, in one statement: of two at once one is answered."""
    return (
        writes.connection().execute(SPEND, {"hash": digest(uri.removeprefix(PREFIX)), "now": now}).first() is not None
    )
