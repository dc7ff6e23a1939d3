"""One person with their units, as of an instant, in five prebuilt statements: what a token says about its owner.

Gives the same values as `find_person`, `last_facts` and `find_former_units` together (a test compares them); those build their statements
at each call, which a log-in provider answering thousands a second cannot afford. Joined records cost two more, only where there are any.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from directory.joins import PersonJoin
from directory.models import Account, Login, MailAddress, PersonDetail, Post, Unit, UnitCode, UnitVersion
from directory.people import FormerUnit, PersonFacts, PostFacts
from directory.units import UnitFacts
from foundation.changes import visible
from foundation.database import Instant, Reads

FORMER_AT_MOST: Final = 5
AT: Final = sa.bindparam("at", type_=Instant())
PERSON: Final[sa.BindParameter[uuid.UUID]] = sa.bindparam("person")
UNITS: Final[sa.BindParameter[uuid.UUID]] = sa.bindparam("units", expanding=True)


def table_of(model: type[Any]) -> sa.Table:
    """A model's table."""
    return cast(sa.Table, model.__table__)


DETAIL, LOGIN, MAIL = table_of(PersonDetail), table_of(Login), table_of(MailAddress)
POST, UNIT, VERSION, CODE = table_of(Post), table_of(Unit), table_of(UnitVersion), table_of(UnitCode)
ACCOUNT: Final = table_of(Account)
JOIN: Final = table_of(PersonJoin)


def holds(table: sa.Table) -> sa.ColumnElement[bool]:
    """A clause true for the known rows in force at the instant `at`."""
    return sa.and_(visible(table), table.c.valid_from <= AT, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > AT))


FIND_DETAIL: Final = sa.select(
    DETAIL.c.kind,
    DETAIL.c.name,
    DETAIL.c.staff_code,
    DETAIL.c.birth_date,
    DETAIL.c.phone,
    sa.exists().where(JOIN.c.survivor_id == PERSON, JOIN.c.withdrawn_by.is_(None)).label("joined"),
).where(DETAIL.c.person_id == PERSON, holds(DETAIL))
FIND_SURVIVOR: Final = sa.select(JOIN.c.survivor_id).where(JOIN.c.person_id == PERSON, visible(JOIN))
FIND_JOINED: Final = (
    sa.select(JOIN.c.person_id).where(JOIN.c.survivor_id == PERSON, visible(JOIN)).order_by(JOIN.c.row_id)
)
FIND_LOGINS: Final = (
    sa.select(LOGIN.c.login)
    .join(ACCOUNT, ACCOUNT.c.id == LOGIN.c.account_id)
    .where(ACCOUNT.c.person_id == PERSON, ACCOUNT.c.kind == "business", holds(LOGIN))
    .order_by(LOGIN.c.kind.desc(), LOGIN.c.valid_from.desc(), LOGIN.c.row_id)
)
FIND_MAIL: Final = (
    sa.select(MAIL.c.address, MAIL.c.kind, MAIL.c.verified)
    .where(MAIL.c.person_id == PERSON, holds(MAIL))
    .order_by(MAIL.c.kind.desc(), MAIL.c.row_id)
)
FIND_POSTS: Final = (
    sa.select(POST)
    .where(POST.c.person_id == PERSON, visible(POST), POST.c.valid_from <= AT)
    .order_by(POST.c.main.desc(), POST.c.valid_from, POST.c.row_id)
)
FIND_VERSIONS: Final = (
    sa.select(VERSION, UNIT.c.level)
    .join(UNIT, UNIT.c.id == VERSION.c.unit_id)
    .where(VERSION.c.unit_id.in_(UNITS), visible(VERSION), VERSION.c.valid_from <= AT)
    .order_by(VERSION.c.valid_from)
)
FIND_CODES: Final = (
    sa.select(CODE.c.unit_id, CODE.c.scheme, CODE.c.code, CODE.c.valid_to)
    .where(CODE.c.unit_id.in_(UNITS), visible(CODE), CODE.c.valid_from <= AT)
    .order_by(CODE.c.valid_from)
)


@dataclass(frozen=True)
class Portrait:
    """A person with the units of their posts, now and before; `joined` are the ids this person answers for besides their own."""

    person: PersonFacts
    units: Mapping[uuid.UUID, UnitFacts]
    former: tuple[FormerUnit, ...]
    joined: tuple[uuid.UUID, ...] = ()


def find_portrait(reads: Reads, person_id: uuid.UUID, at: datetime) -> Portrait | None:
    """The person as of an instant, the survivor's for an id that was joined; None when the register knows nothing about them then."""
    # The connection, not the session: a session looks for entities in every statement.
    connection = reads.connection()
    key = {"person": person_id, "at": at}
    detail = connection.execute(FIND_DETAIL, key).first()
    if detail is None:
        survivor = connection.execute(FIND_SURVIVOR, key).scalar()
        return find_portrait(reads, survivor, at) if survivor is not None else None
    posts = connection.execute(FIND_POSTS, key).all()
    present = [row for row in posts if row.valid_to is None or row.valid_to > at]
    ended = find_ended(posts, {row.unit_id for row in present}, at)
    mail = connection.execute(FIND_MAIL, key).all()
    person = PersonFacts(
        id=person_id,
        kind=detail.kind,
        name=detail.name,
        staff_code=detail.staff_code,
        birth_date=detail.birth_date,
        phone=detail.phone,
        posts=tuple(build_post(row) for row in present),
        logins=tuple(connection.execute(FIND_LOGINS, key).scalars()),
        addresses=tuple(row.address for row in mail),
        address_verified=any(row.verified and row.kind == "own" for row in mail),
    )
    units = find_portrait_units(connection, {*(row.unit_id for row in present), *ended}, at)
    former = tuple(FormerUnit(units[unit_id], until) for unit_id, until in ended.items() if unit_id in units)
    joined = tuple(connection.execute(FIND_JOINED, key).scalars()) if detail.joined else ()
    return Portrait(person, units, former, joined)


def find_ended(posts: Sequence[Any], present: set[uuid.UUID], at: datetime) -> dict[uuid.UUID, datetime]:
    """The units of ended posts that no present post is in, with the instant they were left, the latest first."""
    ended: dict[uuid.UUID, datetime] = {}
    past = [row for row in posts if row.valid_to is not None and row.valid_to <= at]
    for row in sorted(past, key=lambda row: row.valid_to, reverse=True):
        if row.unit_id not in present and len(ended) < FORMER_AT_MOST:
            ended.setdefault(row.unit_id, row.valid_to)
    return ended


def find_portrait_units(
    connection: sa.Connection, unit_ids: Iterable[uuid.UUID], at: datetime
) -> dict[uuid.UUID, UnitFacts]:
    """The units as in force at the instant, or as they were at their end before it; `ends` is the version's own."""
    wanted = list(unit_ids)
    if not wanted:
        return {}
    key = {"units": wanted, "at": at}
    versions = {row.unit_id: row for row in connection.execute(FIND_VERSIONS, key)}
    codes: dict[uuid.UUID, dict[str, str]] = {}
    for row in connection.execute(FIND_CODES, key):
        version = versions.get(row.unit_id)
        stands = version is not None and (version.valid_to is None or version.valid_to > at)
        if not stands or row.valid_to is None or row.valid_to > at:
            codes.setdefault(row.unit_id, {})[row.scheme] = row.code
    return {unit_id: build_unit(row, codes.get(unit_id, {})) for unit_id, row in versions.items()}


def build_post(row: Any) -> PostFacts:
    """A post row as a value."""
    return PostFacts(
        post_id=row.post_id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        title=row.title,
        body=row.body,
        duties=tuple(row.duties.split()),
        main=row.main,
        acting=row.acting,
        begins=row.valid_from,
        ends=row.valid_to,
    )


def build_unit(row: Any, codes: Mapping[str, str]) -> UnitFacts:
    """A version row with its level and codes as a value."""
    return UnitFacts(
        id=row.unit_id,
        level=row.level,
        name=row.name,
        short_name=row.short_name,
        parent_id=row.parent_id,
        kind=row.kind,
        hotline=row.hotline,
        email=row.email,
        address=row.address,
        phone=row.phone,
        example=row.example,
        begins=row.valid_from,
        ends=row.valid_to,
        codes=dict(codes),
    )
