"""How many requests may wait unanswered that nobody proved: pushed ones, those of devices, signed ones that anybody may show again.

Each is a row. A public application proves nothing, so whoever knows its name could fill the disk with them, and a bound that
refuses would let them shut the application for everybody. So nobody is refused: where there is no more room, somebody's oldest
request goes, one that nobody opened before one that a person is logging in for.

A network has room for `waiting_at_most` and makes more out of its own. All together have twenty times as much, and there it is the
heaviest who makes room: the widest network first (an IPv4 /24, an IPv6 /48: a single host has as many narrow ones as it likes),
in it the heaviest address. So an office with a few people under way keeps them however many networks somebody else has, up to
the number at which each of those holds fewer than the office.

What was answered, and what was not opened in its seconds, counts no more; the latter leaves with the next that comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Writes
from sso.door.sources import source_subject
from sso.provider import Provider

NETWORKS: Final = 20
"""So many times the bound of one network wait for one application, from wherever they come."""
PORTION: Final = 20
"""At the bound of the application the heaviest gives up this part of a network's bound at a time: not every request looks for it."""
LETTERS_AT_MOST: Final = 8000
"""How long an unproved request may be: as long as a query that a browser carries."""
WIDE: Final = {4: 24, 6: 48}
"""Bits of the wider network around an address."""
ASKED_LATE: Final = timedelta(minutes=5)
"""So long a row stays that is over, for who asks a little too late."""
OVER_AT_ONCE: Final = 2
"""What is over leaves two at a time with each that comes, so that it never piles up."""


@dataclass(frozen=True)
class Heap:
    """Where one kind of request waits: its table, its key, what of it waits or is over by then, and what goes last."""

    table: sa.Table
    key: sa.Column[Any]
    living: Callable[[datetime], sa.ColumnElement[bool]]
    over: Callable[[datetime], sa.ColumnElement[bool]]
    under_way: sa.ColumnElement[bool]

    def of(self, client_id: str) -> sa.ColumnElement[bool]:
        """The unproved ones of an application."""
        return sa.and_(self.table.c.client_id == client_id, self.table.c.asked_from.is_not(None))


def make_room(provider: Provider, writes: Writes, heap: Heap, client_id: str, caller: str) -> dict[str, bytes]:
    """Make room for one more; somebody's oldest goes where there is none. Gives what the new row is counted under, as columns.

    Requests at the very same moment may go over a bound by their number.
    """
    sealer, now, most = provider.runtime.sealer, provider.now(), provider.policy.waiting_at_most
    place = {
        "asked_from": source_subject(sealer, caller),
        "asked_near": sealer.blind_index(name_near(caller), "sso.near"),
    }
    own = sa.and_(heap.of(client_id), heap.table.c.asked_from == place["asked_from"])
    drop(writes, heap, sa.and_(own, heap.over(now - ASKED_LATE)), OVER_AT_ONCE)
    everybody, mine = sa.and_(heap.of(client_id), heap.living(now)), sa.and_(own, heap.living(now))
    if count(writes, heap, mine, most) >= most:
        drop(writes, heap, mine, 1)
    elif count(writes, heap, everybody, NETWORKS * most) >= NETWORKS * most:
        drop(writes, heap, find_heaviest(writes, heap, everybody), max(1, most // PORTION))
    return place


def name_near(caller: str) -> str:
    """The wider network around a caller, or the text itself where it is no address."""
    try:
        version = ip_address(caller).version
    except ValueError:
        return caller[:60]
    return str(ip_network(f"{caller}/{WIDE[version]}", strict=False))


def count(writes: Writes, heap: Heap, kind: sa.ColumnElement[bool], bound: int) -> int:
    """How many there are, counted up to the bound only, along the index of client and network."""
    some = sa.select(sa.literal(1)).select_from(heap.table).where(kind).limit(bound).subquery()
    found: int = writes.connection().execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return found


def find_heaviest(writes: Writes, heap: Heap, kind: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The requests of the heaviest address in the heaviest wide network."""
    for column in (heap.table.c.asked_near, heap.table.c.asked_from):
        heaviest = sa.select(column).where(kind).group_by(column).order_by(sa.func.count().desc(), column).limit(1)
        kind = sa.and_(kind, column == writes.connection().execute(heaviest).scalar())
    return kind


def drop(writes: Writes, heap: Heap, kind: sa.ColumnElement[bool], most: int) -> None:
    """Take the oldest of a kind away, those that somebody is under way with last; what another transaction is at is left to it."""
    oldest = sa.select(heap.key).where(kind).order_by(heap.under_way, heap.table.c.made_at).limit(most)
    chosen = oldest.with_for_update(skip_locked=True)
    writes.connection().execute(sa.delete(heap.table).where(heap.key.in_(chosen)))
