"""Two records that are one human: which id lives on, and that the other goes on answering (DESIGN §2.3).

A join is a row of the register like any other: written by a change, withdrawn when the two are parted again. It holds for every
instant, because the human was one all along. A record that was joined to another never has records joined to itself: whoever
joins chains of them re-points all to the last survivor.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.models import Account, Certificate, Credential, Post
from directory.units import chunked
from foundation.changes import Recorded, visible
from foundation.database import Base, Identifier, Reads

PASSWORD_LASTS: Final = timedelta(days=180)
"""How long the password of a joined record opens the surviving account, if that one's own is not set anew before."""
TRUSTED: Final = ("leader", "deputy", "approver", "hr", "help_desk", "operator")
"""Duties that a joined record's password does not open, where they came after the join: nobody looked at that password then."""


class PersonJoin(Recorded, Base):
    """`person_id` is the same human as `survivor_id`; the states are those of their accounts when they were joined."""

    __tablename__ = "person_join"
    person_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"))
    survivor_id: Mapped[uuid.UUID] = mapped_column(Identifier, sa.ForeignKey("person.id"), index=True)
    joined_at: Mapped[datetime]
    account_was: Mapped[str | None]
    survivor_was: Mapped[str | None]
    __table_args__ = (
        sa.CheckConstraint("person_id <> survivor_id", name="two"),
        sa.Index(
            "uq_person_join_person_id",
            "person_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_by IS NULL"),
            postgresql_where=sa.text("withdrawn_by IS NULL"),
        ),
        sa.Index("ix_person_join_person", "person_id"),
    )


IS_TRUSTED_SINCE: Final = (
    sa.select(Post.row_id)
    .where(
        Post.person_id == PersonJoin.survivor_id,
        Post.change_id > PersonJoin.change_id,
        visible(Post),
        sa.or_(*(Post.duties.contains(duty) for duty in TRUSTED)),
    )
    .exists()
)
"""Whether the survivor of a join was given, after it, a post that leads, approves or acts upon others."""


def find_survivors(
    reads: Reads, ids: Iterable[uuid.UUID], known_at: datetime | None = None
) -> dict[uuid.UUID, uuid.UUID]:
    """Those of these ids that were joined to another record, with the id that lives on."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for some in chunked(dict.fromkeys(ids)):
        wanted = sa.select(PersonJoin.person_id, PersonJoin.survivor_id).where(
            PersonJoin.person_id.in_(some), visible(PersonJoin, known_at)
        )
        found |= {row.person_id: row.survivor_id for row in reads.execute(wanted)}
    return found


def find_survivor(reads: Reads, person_id: uuid.UUID, known_at: datetime | None = None) -> uuid.UUID:
    """The id that answers for this one: itself unless it was joined to another."""
    return find_survivors(reads, [person_id], known_at).get(person_id, person_id)


def find_joined(
    reads: Reads, ids: Iterable[uuid.UUID], known_at: datetime | None = None
) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The ids that these people answer for besides their own, in the order they were joined."""
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for some in chunked(dict.fromkeys(ids)):
        wanted = (
            sa.select(PersonJoin.survivor_id, PersonJoin.person_id)
            .where(PersonJoin.survivor_id.in_(some), visible(PersonJoin, known_at))
            .order_by(PersonJoin.row_id)
        )
        for survivor, person in reads.execute(wanted):
            found.setdefault(survivor, []).append(person)
    return found


ANY_JOINED: Final = (
    sa.select(PersonJoin.row_id)
    .join(Account, Account.person_id == PersonJoin.survivor_id)
    .where(Account.id == sa.bindparam("account"))
    .limit(sa.literal_column("1"))
)


def find_joined_credentials(reads: Reads, account_id: uuid.UUID, now: datetime) -> list[Credential]:
    """What else opens this account: the passwords of records joined to it, until PASSWORD_LASTS is over or a new one is set.

    Nor do they once the owner was given, after the join, a post that leads, approves or acts upon others: a record that somebody made up
    and joined would else be a key laid by for that day.

    At the door of the sign-on only: a directory entry has one password (its password policy says so), the account's own.
    """
    # Hardly anybody has any: whether there is a join at all is asked first, by a statement that stands ready.
    if reads.connection().execute(ANY_JOINED, {"account": account_id}).first() is None:
        return []
    survivor, joined, own = sa.alias(Account.__table__), sa.alias(Account.__table__), sa.alias(Credential.__table__)
    wanted = (
        sa.select(Credential)
        .select_from(PersonJoin)
        .join(survivor, survivor.c.person_id == PersonJoin.survivor_id)
        .join(joined, sa.and_(joined.c.person_id == PersonJoin.person_id, joined.c.kind == survivor.c.kind))
        .join(Credential, Credential.account_id == joined.c.id)
        .outerjoin(own, own.c.account_id == survivor.c.id)
        .where(
            survivor.c.id == account_id,
            survivor.c.kind == "business",
            PersonJoin.joined_at > now - PASSWORD_LASTS,
            PersonJoin.account_was.in_(("issued", "active")),
            visible(PersonJoin),
            ~IS_TRUSTED_SINCE,
            sa.or_(own.c.password_set_at.is_(None), own.c.password_set_at <= PersonJoin.joined_at),
            sa.or_(Credential.password_hash.is_not(None), Credential.imported_hash.is_not(None)),
        )
        .order_by(PersonJoin.row_id)
    )
    return list(reads.execute(wanted).scalars())


def is_key_laid_by(reads: Reads, person_id: uuid.UUID, sha256: str) -> bool:
    """Whether a certificate came to this person with a record that was joined to theirs, and they were trusted with more since then.

    Nobody looked at that record's certificates on that day: what holds for its password holds for its key device.
    """
    wanted = (
        sa.select(Certificate.row_id)
        .join(PersonJoin, sa.and_(PersonJoin.change_id == Certificate.change_id, PersonJoin.survivor_id == person_id))
        .where(Certificate.sha256 == sha256, Certificate.person_id == person_id)
        .where(visible(Certificate), visible(PersonJoin), IS_TRUSTED_SINCE)
    )
    return reads.execute(wanted.limit(1)).first() is not None


def find_joined_accounts(reads: Reads, account_id: uuid.UUID) -> list[uuid.UUID]:
    """The accounts, of the same kind, of records that are joined to this account's owner."""
    mine, joined = sa.alias(Account.__table__), sa.alias(Account.__table__)
    wanted = (
        sa.select(joined.c.id)
        .select_from(PersonJoin)
        .join(mine, mine.c.person_id == PersonJoin.survivor_id)
        .join(joined, sa.and_(joined.c.person_id == PersonJoin.person_id, joined.c.kind == mine.c.kind))
        .where(mine.c.id == account_id, visible(PersonJoin))
    )
    return list(reads.execute(wanted).scalars())
