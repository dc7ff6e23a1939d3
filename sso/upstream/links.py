"""Links between accounts elsewhere and accounts here: one of either side at most."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from directory.joins import find_survivor
from directory.models import Account
from directory.people import AccountFacts
from foundation import audit
from foundation.database import Reads, Writes
from sso.upstream.errors import NotLinked
from sso.upstream.models import UpstreamLink


@dataclass(frozen=True)
class Link:
    """A link as its owner sees it."""

    id: uuid.UUID
    issuer: str
    made_at: datetime
    used_at: datetime | None


def find_linked(reads: Reads, issuer: str, subject: str) -> AccountFacts:
    """The active business account that an account elsewhere opens. Raises NotLinked."""
    row = reads.execute(
        sa.select(Account.id, Account.person_id, Account.kind, Account.state)
        .join(UpstreamLink, UpstreamLink.account_id == Account.id)
        .where(UpstreamLink.issuer == issuer, UpstreamLink.subject == subject)
    ).first()
    if row is None or row.kind != "business" or row.state != "active":
        raise NotLinked()
    return AccountFacts(row.id, row.person_id, row.kind, row.state, False, None)


def note_link_use(writes: Writes, issuer: str, subject: str, now: datetime) -> None:
    """Remember that a link was used."""
    used = sa.update(UpstreamLink).where(UpstreamLink.issuer == issuer, UpstreamLink.subject == subject)
    writes.execute(used.values(used_at=now))


def list_links(reads: Reads, account_id: uuid.UUID) -> Sequence[Link]:
    """The links of an account, oldest first."""
    rows = reads.execute(
        sa.select(UpstreamLink).where(UpstreamLink.account_id == account_id).order_by(UpstreamLink.made_at)
    )
    return [Link(row.id, row.issuer, row.made_at, row.used_at) for row in rows.scalars()]


def add_link(writes: Writes, account_id: uuid.UUID, issuer: str, subject: str, now: datetime) -> None:
    """Link; the same one again changes nothing. Raises NotLinked where either side is linked to somebody else.

    A link to an account that nobody comes in by any more stands in nobody's way: it goes.
    """
    free_dead(writes, issuer, subject, account_id, now)
    link = UpstreamLink(id=uuid.uuid4(), issuer=issuer, subject=subject, account_id=account_id, made_at=now)
    try:
        with writes.begin_nested():
            writes.add(link)
            writes.flush()
    except sa.exc.IntegrityError as error:
        there = sa.select(UpstreamLink.account_id).where(UpstreamLink.issuer == issuer, UpstreamLink.subject == subject)
        if writes.execute(there).scalar_one_or_none() != account_id:
            raise NotLinked(why="linked to somebody else") from error


def free_dead(writes: Writes, issuer: str, subject: str, account_id: uuid.UUID, now: datetime) -> None:
    """Take the link of an account elsewhere away where its account here is closed, or of a record that was joined to another."""
    row = writes.execute(
        sa.select(UpstreamLink.id, Account.id.label("account"), Account.state, Account.person_id)
        .join(Account, Account.id == UpstreamLink.account_id)
        .where(UpstreamLink.issuer == issuer, UpstreamLink.subject == subject)
    ).first()
    if row is None or row.account == account_id:
        return
    if row.state == "closed" or find_survivor(writes, row.person_id) != row.person_id:
        writes.execute(sa.delete(UpstreamLink).where(UpstreamLink.id == row.id))
        detail = {"issuer": issuer, "why": "its account ended"}
        audit.record(writes, now, "sso.upstream.unlinked", "house", str(row.account), detail)


def remove_link(writes: Writes, account_id: uuid.UUID, link_id: uuid.UUID) -> str | None:
    """Take one of an account's own links away. Gives its issuer, None where it has no such link."""
    link = writes.get(UpstreamLink, link_id)
    if link is None or link.account_id != account_id:
        return None
    writes.delete(link)
    return link.issuer


def drop_links(writes: Writes, account_id: uuid.UUID) -> None:
    """Take all of an account's links away: whoever got in wrongly may have made one to come back by."""
    writes.connection().execute(sa.delete(UpstreamLink).where(UpstreamLink.account_id == account_id))
