"""One person with their units, as of an instant, in one prebuilt statement: what a token says about its owner.

Gives the same values as `find_person`, `last_facts` and `find_former_units` together (a test compares them); those build their statements
at each call and ask one after the other, which a log-in provider answering thousands a second cannot afford. Here the rows of each table
come as one JSON array beside the person's own row. Joined records cost one statement more, only where there are any.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from directory.joins import PersonJoin
from directory.models import Account, Login, MailAddress, PersonDetail, Post, Unit, UnitCode, UnitVersion
from directory.people import FormerUnit, PersonFacts, PostFacts
from directory.units import UnitFacts
from foundation.changes import UNPUBLISHED, Change, visible
from foundation.database import Instant, Reads

FORMER_AT_MOST: Final = 5
AT: Final = sa.bindparam("at", type_=Instant())
PERSON: Final[sa.BindParameter[uuid.UUID]] = sa.bindparam("person")


def table_of(model: type[Any]) -> sa.Table:
    """A model's table."""
    return cast(sa.Table, model.__table__)


DETAIL, LOGIN, MAIL = table_of(PersonDetail), table_of(Login), table_of(MailAddress)
POST, UNIT, VERSION, CODE = table_of(Post), table_of(Unit), table_of(UnitVersion), table_of(UnitCode)
ACCOUNT: Final = table_of(Account)
CHANGE: Final = table_of(Change)
JOIN: Final = table_of(PersonJoin)


class JsonRows(sa.sql.functions.GenericFunction[Any]):
    """An aggregate: all rows as one JSON array of arrays, in each database's word; NULL or [] for none."""

    type = sa.JSON()
    inherit_cache = True
    name = "json_rows"


@compiles(JsonRows, "sqlite")
def write_for_sqlite(rows: JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite's JSON functions."""
    return f"json_group_array(json_array({compiler.process(rows.clauses, **options)}))"


@compiles(JsonRows, "postgresql")
def write_for_postgresql(rows: JsonRows, compiler: SQLCompiler, **options: Any) -> str:
    """PostgreSQL's."""
    return f"json_agg(json_build_array({compiler.process(rows.clauses, **options)}))"


class PortraitStatement:
    """FIND_PORTRAIT for one database, built once.

    PostgreSQL asks for the unpublished changes once and compares with an array; `visible` in each of the eleven places would
    make it set up twenty-two look-ups, which costs more than all the rest. SQLite has no arrays, and its look-ups are cheap.
    """

    def __init__(self, arrays: bool) -> None:
        open_ones = sa.select(sa.func.array_agg(CHANGE.c.id).label("ids")).where(CHANGE.c.published_at.is_(None))
        self.unpublished = open_ones.subquery("unpublished") if arrays else None

    def is_hidden(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether a change is not published; an absent list hides nothing."""
        if self.unpublished is None:
            return column.in_(UNPUBLISHED)
        return sa.func.coalesce(column == sa.any_(self.unpublished.c.ids), sa.false())

    def is_known(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """`foundation.changes.visible` in this database's cheaper words."""
        kept = sa.or_(table.c.withdrawn_by.is_(None), self.is_hidden(table.c.withdrawn_by))
        return sa.and_(sa.not_(self.is_hidden(table.c.change_id)), kept, table.c.valid_from <= AT)

    def holds(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """A clause true for the known rows in force at the instant `at`."""
        return sa.and_(self.is_known(table), sa.or_(table.c.valid_to.is_(None), table.c.valid_to > AT))

    def rows(self, *columns: sa.ColumnElement[Any], where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        """All rows of these columns in one column of the statement around it."""
        rows = sa.select(JsonRows(*columns)).where(where)
        return (
            rows.correlate(self.unpublished).scalar_subquery()
            if self.unpublished is not None
            else rows.scalar_subquery()
        )

    def theirs(self, unit_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether a unit is one the person ever held a post in."""
        posts = sa.select(POST.c.unit_id).where(POST.c.person_id == PERSON, self.is_known(POST))
        return unit_id.in_(posts.correlate(self.unpublished) if self.unpublished is not None else posts)

    def build(self) -> sa.Select[Any]:
        """The statement."""
        found = sa.select(
            DETAIL.c.kind,
            DETAIL.c.name,
            DETAIL.c.staff_code,
            DETAIL.c.birth_date,
            DETAIL.c.phone,
            sa.exists().where(JOIN.c.survivor_id == PERSON, JOIN.c.withdrawn_by.is_(None)).label("joined"),
            self.rows(*(POST.c[name] for name in POST_COLUMNS), where=self.begun_posts()).label("posts"),
            self.rows(*(LOGIN.c[name] for name in LOGIN_COLUMNS), where=self.own_logins()).label("logins"),
            self.rows(*(MAIL.c[name] for name in MAIL_COLUMNS), where=self.own_mail()).label("mail"),
            self.rows(*(VERSION.c[name] for name in VERSION_COLUMNS), UNIT.c.level, where=self.versions()).label(
                "versions"
            ),
            self.rows(*(CODE.c[name] for name in CODE_COLUMNS), where=self.codes()).label("codes"),
        ).where(DETAIL.c.person_id == PERSON, self.holds(DETAIL))
        return found.add_columns(self.unpublished.c.ids) if self.unpublished is not None else found

    def begun_posts(self) -> sa.ColumnElement[bool]:
        """Posts held now or before."""
        return sa.and_(POST.c.person_id == PERSON, self.is_known(POST))

    def own_logins(self) -> sa.ColumnElement[bool]:
        """Log-ins of the business account."""
        theirs = (ACCOUNT.c.id == LOGIN.c.account_id, ACCOUNT.c.person_id == PERSON, ACCOUNT.c.kind == "business")
        return sa.and_(*theirs, self.holds(LOGIN))

    def own_mail(self) -> sa.ColumnElement[bool]:
        """Official addresses."""
        return sa.and_(MAIL.c.person_id == PERSON, self.holds(MAIL))

    def versions(self) -> sa.ColumnElement[bool]:
        """What their units were called, until now."""
        return sa.and_(UNIT.c.id == VERSION.c.unit_id, self.theirs(VERSION.c.unit_id), self.is_known(VERSION))

    def codes(self) -> sa.ColumnElement[bool]:
        """What codes their units bore, until now."""
        return sa.and_(self.theirs(CODE.c.unit_id), self.is_known(CODE))


POST_COLUMNS: Final = (
    *("row_id", "post_id", "unit_id", "title", "body", "duties", "main", "acting"),
    *("valid_from", "valid_to"),
)
LOGIN_COLUMNS: Final = ("kind", "valid_from", "row_id", "login")
MAIL_COLUMNS: Final = ("kind", "row_id", "address", "verified")
VERSION_COLUMNS: Final = (
    *("valid_from", "valid_to", "unit_id", "name", "short_name", "parent_id", "kind", "hotline", "email", "address"),
    *("phone", "example"),
)
CODE_COLUMNS: Final = ("valid_from", "valid_to", "unit_id", "scheme", "code")
FIND_PORTRAIT: Final = {"sqlite": PortraitStatement(False).build(), "postgresql": PortraitStatement(True).build()}
FIND_SURVIVOR: Final = sa.select(JOIN.c.survivor_id).where(JOIN.c.person_id == PERSON, visible(JOIN))
FIND_JOINED: Final = (
    sa.select(JOIN.c.person_id).where(JOIN.c.survivor_id == PERSON, visible(JOIN)).order_by(JOIN.c.row_id)
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
    row = connection.execute(FIND_PORTRAIT[connection.dialect.name], key).first()
    if row is None:
        survivor = connection.execute(FIND_SURVIVOR, key).scalar()
        return find_portrait(reads, survivor, at) if survivor is not None else None
    joined = tuple(connection.execute(FIND_JOINED, key).scalars()) if row.joined else ()
    return build_portrait(person_id, row, joined, at)


def build_portrait(person_id: uuid.UUID, row: Any, joined: tuple[uuid.UUID, ...], at: datetime) -> Portrait:
    """A row of FIND_PORTRAIT as values."""
    placed = sorted((build_post(person_id, post) for post in row.posts or ()), key=itemgetter(0))
    posts = [post for _place, post in placed]
    present = [post for post in posts if post.ends is None or post.ends > at]
    ended = find_ended(posts, {post.unit_id for post in present}, at)
    mail = sorted(row.mail or (), key=lambda one: (one[0] != "own", one[1]))
    person = PersonFacts(
        id=person_id,
        kind=row.kind,
        name=row.name,
        staff_code=row.staff_code,
        birth_date=row.birth_date,
        phone=row.phone,
        posts=tuple(present),
        logins=order_logins(row.logins or ()),
        addresses=tuple(address for _kind, _row, address, _verified in mail),
        address_verified=any(verified and kind == "own" for kind, _row, _address, verified in mail),
    )
    units = build_units(row.versions or (), row.codes or (), {*(post.unit_id for post in present), *ended}, at)
    former = tuple(FormerUnit(units[unit_id], until) for unit_id, until in ended.items() if unit_id in units)
    return Portrait(person, units, former, joined)


def order_logins(rows: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    """Log-ins with one's own first, then the aliases, of each the newest first."""
    ordered = sorted(rows, key=itemgetter(2))
    ordered.sort(key=itemgetter(1), reverse=True)
    ordered.sort(key=itemgetter(0), reverse=True)
    return tuple(row[3] for row in ordered)


def find_ended(posts: Sequence[PostFacts], present: set[uuid.UUID], at: datetime) -> dict[uuid.UUID, datetime]:
    """The units of ended posts that no present post is in, with the instant they were left, the latest first."""
    ended: dict[uuid.UUID, datetime] = {}
    past = [(post.ends, post.unit_id) for post in posts if post.ends is not None and post.ends <= at]
    for until, unit_id in sorted(past, key=itemgetter(0), reverse=True):
        if unit_id not in present and len(ended) < FORMER_AT_MOST:
            ended.setdefault(unit_id, until)
    return ended


def build_units(
    versions: Iterable[Sequence[Any]], codes: Iterable[Sequence[Any]], wanted: set[uuid.UUID], at: datetime
) -> dict[uuid.UUID, UnitFacts]:
    """The units as in force at the instant, or as they were at their end before it; `ends` is the version's own."""
    latest = {uuid.UUID(row[2]): row for row in sorted(versions, key=itemgetter(0))}
    borne: dict[uuid.UUID, dict[str, str]] = {}
    for _begins, ends, bearer, scheme, code in sorted(codes, key=itemgetter(0)):
        unit_id, until = uuid.UUID(bearer), read_instant(ends)
        version_ends = read_instant(latest[unit_id][1]) if unit_id in latest else at
        stands = version_ends is None or version_ends > at
        if not stands or until is None or until > at:
            borne.setdefault(unit_id, {})[scheme] = code
    return {
        unit_id: build_unit(unit_id, row, borne.get(unit_id, {}))
        for unit_id, row in latest.items()
        if unit_id in wanted
    }


def build_post(person_id: uuid.UUID, row: Sequence[Any]) -> tuple[tuple[bool, str, int], PostFacts]:
    """A post row as a value, with its place: the main post first, then the eldest."""
    row_id, post_id, unit_id, title, body, duties, main, acting, begins, ends = row
    post = PostFacts(
        post_id=uuid.UUID(post_id),
        person_id=person_id,
        unit_id=uuid.UUID(unit_id),
        title=title,
        body=body,
        duties=tuple(duties.split()),
        main=bool(main),
        acting=bool(acting),
        begins=get_instant(begins),
        ends=read_instant(ends),
    )
    return (not main, begins, row_id), post


def build_unit(unit_id: uuid.UUID, row: Sequence[Any], codes: Mapping[str, str]) -> UnitFacts:
    """A version row with its level and codes as a value."""
    begins, ends, _unit, name, short_name, parent, kind, hotline, email, address, phone, example, level = row
    return UnitFacts(
        id=unit_id,
        level=level,
        name=name,
        short_name=short_name,
        parent_id=uuid.UUID(parent) if parent else None,
        kind=kind,
        hotline=hotline,
        email=email,
        address=address,
        phone=phone,
        example=bool(example),
        begins=get_instant(begins),
        ends=read_instant(ends),
        codes=dict(codes),
    )


def get_instant(text: str) -> datetime:
    """An instant as either database writes it into JSON: SQLite's has no zone and is UTC."""
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def read_instant(text: str | None) -> datetime | None:
    """The same, or None for an open end."""
    return None if text is None else get_instant(text)
