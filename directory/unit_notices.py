"""What was published of units, in the order in which it was: what a mirror of the register follows.

A notice is the newest word on one event: written, moved to another instant, or withdrawn. The order is that of publication, not
of the events' instants, so that a decree published late, dated far back or far ahead, is told like any other. A cursor
(`<instant>~<row>`) goes on exactly after what was told; an instant alone begins with what was published since.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from directory.models import UnitEvent, UnitEventLink
from directory.units import chunked
from foundation.changes import Change, visible
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Instant, Reads
from foundation.errors import BadInput

AT_ONCE = 1000
SETTLING = timedelta(minutes=2)
"""A publication names its instant a moment before others can see it; until it is this old it is told again."""

wrote, withdrew = sa.orm.aliased(Change), sa.orm.aliased(Change)
told_moment = sa.func.coalesce(withdrew.published_at, wrote.published_at, type_=Instant())


@dataclass(frozen=True)
class Cursor:
    """Where a reader stands in the line of publications; `row` is None before anything of that instant was told."""

    moment: datetime
    row: int | None = None

    def __str__(self) -> str:
        return as_rfc3339(self.moment) if self.row is None else f"{as_rfc3339(self.moment)}~{self.row}"


@dataclass(frozen=True)
class Notice:
    """One event as it stands now; `withdrawn_at` says since when it does not stand any more."""

    event: UnitEvent
    moment: datetime
    withdrawn_at: datetime | None

    @property
    def cursor(self) -> Cursor:
        """The place right after this notice."""
        return Cursor(self.moment, self.event.row_id)


@dataclass(frozen=True)
class Notices:
    """One page: `next` is where to go on, at once if there is `more`, later if not."""

    notices: list[dict[str, Any]]
    next: Cursor | None
    more: bool


def parse_cursor(text: str, zone: ZoneInfo) -> Cursor:
    """A cursor of ours, or an instant or a date. Raises BadInput."""
    moment, mark, row = text.partition("~")
    if mark and not (row.isascii() and row.isdigit() and len(row) < 19):
        raise BadInput("“{text}” is neither an instant nor a cursor of this list.", text=text)
    return Cursor(parse_instant(moment, zone), int(row) if mark else None)


def list_notices(
    reads: Reads, since: Cursor | None, now: datetime, until: datetime | None = None, most: int = AT_ONCE
) -> Notices:
    """Up to `most` notices after the cursor, oldest publication first; with `until` only events up to that instant."""
    rows = find_notices(reads, since, until, most + 1)
    told, more = rows[:most], len(rows) > most
    links = find_links(reads, told)
    return Notices(
        [describe_notice(notice, links[notice.event.row_id]) for notice in told],
        told[-1].cursor if more else find_settled(reads, since, now),
        more,
    )


def find_notices(reads: Reads, since: Cursor | None, until: datetime | None, most: int) -> list[Notice]:
    """The notices after the cursor; an event that was written again is told by its newest row alone."""
    wanted = select_notices(UnitEvent).order_by(told_moment, UnitEvent.row_id).limit(most)
    if since is not None:
        at = sa.literal(since.moment, Instant())
        after = told_moment >= at
        if since.row is not None:
            after = sa.or_(told_moment > at, sa.and_(told_moment == at, UnitEvent.row_id > since.row))
        wanted = wanted.where(after)
    if until is not None:
        wanted = wanted.where(UnitEvent.instant <= until)
    return [Notice(*row) for row in reads.execute(wanted).all()]


def select_notices(*columns: Any) -> sa.Select[Any]:
    """Published events with the moment of the newest word on each."""
    newer, published = sa.orm.aliased(UnitEvent), sa.orm.aliased(Change)
    written_again = (
        sa.select(newer.row_id)
        .join(published, published.id == newer.change_id)
        .where(newer.id == UnitEvent.id, newer.row_id > UnitEvent.row_id, published.published_at.is_not(None))
        .exists()
    )
    return (
        sa.select(*columns, told_moment, withdrew.published_at)
        .select_from(UnitEvent)
        .join(wrote, wrote.id == UnitEvent.change_id)
        .outerjoin(withdrew, sa.and_(withdrew.id == UnitEvent.withdrawn_by, withdrew.published_at.is_not(None)))
        .where(wrote.published_at.is_not(None), ~written_again)
    )


def find_settled(reads: Reads, since: Cursor | None, now: datetime) -> Cursor | None:
    """Where the next look begins: after the newest notice that nothing can be published before any more."""
    settled = (
        select_notices(UnitEvent.row_id)
        .where(sa.literal(now - SETTLING, Instant()) >= told_moment)
        .order_by(told_moment.desc(), UnitEvent.row_id.desc())
        .limit(1)
    )
    last = reads.execute(settled).first()
    if last is None:
        return since
    found = Cursor(last[1], last[0])
    # An instant was chosen by the reader: what lies before it was never asked for.
    chosen = since is not None and since.row is None and since.moment > found.moment
    return since if chosen else found


def find_links(reads: Reads, notices: Sequence[Notice]) -> dict[int, list[UnitEventLink]]:
    """The links of each event, by its row: those that stand, or those that were withdrawn with it."""
    standing = {notice.event.id: notice for notice in notices}
    found: dict[int, list[UnitEventLink]] = defaultdict(list)
    for ids in chunked(standing):
        for link, stands in reads.execute(
            sa.select(UnitEventLink, visible(UnitEventLink))
            .where(UnitEventLink.event_id.in_(ids))
            .order_by(UnitEventLink.row_id)
        ):
            event = standing[link.event_id].event
            withdrawn = standing[link.event_id].withdrawn_at is not None
            if (link.withdrawn_by == event.withdrawn_by) if withdrawn else stands:
                found[event.row_id].append(link)
    return found


def describe_notice(notice: Notice, links: Sequence[UnitEventLink]) -> dict[str, Any]:
    """One notice as the API shows it."""
    event = notice.event
    return {
        "event": str(event.id),
        "state": "withdrawn" if notice.withdrawn_at else "published",
        "told_at": as_rfc3339(notice.moment),
        "kind": event.kind,
        "instant": as_rfc3339(event.instant),
        "decision": event.decision_number,
        "decision_date": event.decision_date.isoformat() if event.decision_date else None,
        "decision_issuer": event.decision_issuer,
        "example": event.example,
        "links": [
            {
                "from": show_id(link.predecessor_id),
                "to": show_id(link.successor_id),
                "share": link.share,
                "principal": link.principal,
            }
            for link in links
        ],
    }


def show_id(unit_id: uuid.UUID | None) -> str | None:
    """An identity as text, where there is one."""
    return str(unit_id) if unit_id else None
