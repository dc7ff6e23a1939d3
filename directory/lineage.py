"""Everything that answers about successors and predecessors need of the register, in one look: who bore the codes, every step that can be
reached from there over several reforms, what the units on the way are called and which codes they bear.

One statement, the same for one code and for ten thousand: so an answer never mixes the register before a merger with the one after it,
however the statement is sent. Ids stay the text the database has: making objects of ten thousand of them costs more than the look itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa

from directory.event_steps import Link, seen
from directory.unit_faces import Face
from foundation.changes import AsOf
from foundation.database import Instant, Reads

T = TypeVar("T")


class Borne(NamedTuple):
    """That a unit bore a code for a time."""

    unit_id: str
    scheme: str
    borne_from: datetime
    borne_to: datetime | None
    example: bool


class BorneCode(NamedTuple):
    """The last code of a scheme that a unit bore up to the instant."""

    code: str
    borne_from: datetime
    borne_to: datetime | None


Steps = Mapping[str, Sequence[Link[str]]]


@dataclass(frozen=True)
class Lineage:
    """What one look found, each group oldest first: bearers by code, the rest by unit.

    `steps` leave a unit; where the look went backwards they lead to it, and `forth` are those that leave any unit on the way.
    """

    bearers: Mapping[str, Sequence[Borne]]
    steps: Steps
    forth: Steps
    faces: Mapping[str, Face[str]]
    codes: Mapping[str, Mapping[str, BorneCode]]


@dataclass(frozen=True)
class Asked:
    """One question: codes of one scheme or any, written on one day or any, at an instant."""

    as_of: AsOf
    scheme: str | None = None
    code_at: datetime | None = None


def load_lineage(reads: Reads, codes: Iterable[str], asked: Asked, *, backwards: bool = False) -> Lineage:
    """The lineage of the units that bore these codes, each given as `clean_code` has it."""
    connection = reads.connection()
    given = {
        "at": asked.as_of.at,
        "known_at": asked.as_of.known_at,
        "scheme": asked.scheme,
        "code_at": asked.code_at,
        "codes": json.dumps(list(dict.fromkeys(codes))),
    }
    values = {name: value for name, value in given.items() if value is not None}
    statement = select_lineage(connection.dialect.name == "sqlite", frozenset(values), backwards)
    return sort_rows(connection.execute(statement, values).all(), backwards=backwards)


BEARING, STEP, FACE, CODE, FORTH = range(5)
"""What a row of the statement tells."""

Aged = tuple[datetime, int, T]
"""Something with what it is sorted by: its instant, and the number of its row."""


def sort_rows(rows: Iterable[Sequence[Any]], *, backwards: bool) -> Lineage:
    """The rows of the statement where they belong."""
    bearers: dict[str, list[Aged[Borne]]] = {}
    steps: dict[str, list[Aged[Link[str]]]] = {}
    forth: dict[str, list[Aged[Link[str]]]] = {}
    faces: dict[str, Face[str]] = {}
    codes: dict[str, dict[str, BorneCode]] = {}
    moments, ids = Moments(), Ids()
    for what, unit, other, event, text, word, share, begins, ends, flag, row_id in rows:
        since, until = moments[begins], moments[ends]
        if what in (STEP, FORTH):
            link = Link(ids[event], since, word, unit, other, share, bool(flag))
            if what == FORTH:
                forth.setdefault(unit, []).append((since, row_id, link))
            else:
                steps.setdefault(other if backwards else unit, []).append((since, row_id, link))
        elif what == FACE:
            known = faces.get(unit)
            if known is None or known.begins < since:
                faces[unit] = Face(ids[unit], word, text, bool(flag), since, until)
        elif what == CODE:
            borne = codes.setdefault(unit, {})
            last = borne.get(word)
            if last is None or last.borne_from < since:
                borne[word] = BorneCode(text, since, until)
        else:
            bearers.setdefault(text, []).append((since, row_id, Borne(unit, word, since, until, bool(flag))))
    return Lineage(order(bearers), order(steps), order(forth), faces, codes)


def order(groups: Mapping[str, list[Aged[T]]]) -> dict[str, list[T]]:
    """Each group oldest first; nearly all have one member."""
    return {key: [each[2] for each in (group if len(group) == 1 else sorted(group))] for key, group in groups.items()}


class Moments(dict[Any, Any]):
    """Instants as a driver gives them, to aware ones; the same few stand in ten thousand rows. None is none."""

    def __missing__(self, given: datetime | str | None) -> datetime | None:
        moment = datetime.fromisoformat(given).replace(tzinfo=UTC) if isinstance(given, str) else given
        self[given] = moment
        return moment


class Ids(dict[str, str]):
    """Ids as a database has them, to the way people read them: SQLite keeps 32 digits."""

    def __missing__(self, given: str) -> str:
        spelt = given if "-" in given else f"{given[:8]}-{given[8:12]}-{given[12:16]}-{given[16:20]}-{given[20:]}"
        self[given] = spelt
        return spelt


# The joins stand in the order in which they are to be made, each by an index (`look_up`). What is named as text is text on both databases.
LINEAGE: Final = """
WITH RECURSIVE asked (code) AS ({asked}),
bearing AS MATERIALIZED (
  SELECT code.* FROM asked CROSS JOIN {code_of_asked} WHERE code.code = asked.code AND {wanted}
),
reached (unit_id) AS (
  SELECT unit_id FROM bearing
  UNION
  SELECT link.{far} FROM reached CROSS JOIN {link_of_reached} CROSS JOIN {event_of_link}
  WHERE link.{near} = reached.unit_id AND {known}
){and_led}
SELECT {BEARING} AS what, CAST(unit_id AS TEXT) AS unit, CAST(NULL AS TEXT) AS other, CAST(NULL AS TEXT) AS event, code AS text,
  scheme AS word, CAST(NULL AS TEXT) AS share, valid_from AS since, valid_to AS until, example AS flag, row_id
FROM bearing
UNION ALL
SELECT {STEP}, CAST(link.predecessor_id AS TEXT), CAST(link.successor_id AS TEXT), CAST(event.id AS TEXT), NULL,
  event.kind, link.share, event.instant, NULL, link.principal, link.row_id
FROM reached CROSS JOIN {link_of_reached} CROSS JOIN {event_of_link}
WHERE link.{near} = reached.unit_id AND {known}
UNION ALL
SELECT {FACE}, CAST(version.unit_id AS TEXT), NULL, NULL, version.name, unit.level, NULL, version.valid_from, version.valid_to,
  version.example, version.row_id
FROM reached CROSS JOIN {version_of_reached} CROSS JOIN {unit_of_version}
WHERE version.unit_id = reached.unit_id AND unit.id = version.unit_id AND version.valid_from <= :at AND {seen_version}
UNION ALL
SELECT {CODE}, CAST(code.unit_id AS TEXT), NULL, NULL, code.code, code.scheme, NULL, code.valid_from, code.valid_to, NULL, code.row_id
FROM reached CROSS JOIN {code_of_reached}
WHERE code.unit_id = reached.unit_id AND code.valid_from <= :at AND {seen_code}{and_borne}{and_forth}
"""
LED: Final = """,
led (unit_id) AS (
  SELECT unit_id FROM reached
  UNION
  SELECT link.successor_id FROM led CROSS JOIN {link_of_led} CROSS JOIN {event_of_link}
  WHERE link.predecessor_id = led.unit_id AND {known}
)"""
THOSE_FORTH: Final = """
UNION ALL
SELECT {FORTH}, CAST(link.predecessor_id AS TEXT), CAST(link.successor_id AS TEXT), CAST(event.id AS TEXT), NULL,
  event.kind, link.share, event.instant, NULL, link.principal, link.row_id
FROM led CROSS JOIN {link_of_led} CROSS JOIN {event_of_link}
WHERE link.predecessor_id = led.unit_id AND {known}"""
STILL_BORNE: Final = " AND (code.valid_to IS NULL OR code.valid_to > :at)"
COLUMNS: Final = ("what", "unit", "other", "event", "text", "word", "share", "since", "until", "flag", "row_id")
LISTED: Final = {
    True: "SELECT value FROM json_each(:codes)",
    False: "SELECT value FROM json_array_elements_text(CAST(:codes AS JSON))",
}
"""The codes asked for are one value, on SQLite and on PostgreSQL: so that one statement is ready for any number of them."""


@lru_cache(maxsize=64)
def select_lineage(sqlite: bool, given: frozenset[str], backwards: bool) -> sa.TextualSelect:
    """The statement, made once for each kind of question; its columns are those a driver gives, untouched."""
    then = "known_at" in given
    near, far = ("successor_id", "predecessor_id") if backwards else ("predecessor_id", "successor_id")
    parts = {
        "asked": LISTED[sqlite],
        "wanted": " AND ".join(list_conditions(given)),
        "known": "event.id = link.event_id AND link.predecessor_id IS NOT NULL AND link.successor_id IS NOT NULL "
        f"AND event.instant <= :at AND {seen('link', then)} AND {seen('event', then)}",
        "near": near,
        "far": far,
        "code_of_asked": look_up(sqlite, "unit_code", "code", "code", "asked.code"),
        "code_of_reached": look_up(sqlite, "unit_code", "code", "unit_id", "reached.unit_id"),
        "link_of_reached": look_up(sqlite, "unit_event_link", "link", near, "reached.unit_id"),
        "link_of_led": look_up(sqlite, "unit_event_link", "link", "predecessor_id", "led.unit_id"),
        "event_of_link": look_up(sqlite, "unit_event", "event", "id", "link.event_id"),
        "version_of_reached": look_up(sqlite, "unit_version", "version", "unit_id", "reached.unit_id"),
        "unit_of_version": look_up(sqlite, "unit", "unit", "id", "version.unit_id"),
        "seen_version": seen("version", then),
        "seen_code": seen("code", then),
    } | {name: str(globals()[name]) for name in ("BEARING", "STEP", "FACE", "CODE", "FORTH")}
    # Successors stand, and are shown with what they bear; predecessors may have ended, and are shown with what they bore last.
    ways = {"and_led": "", "and_forth": "", "and_borne": STILL_BORNE}
    if backwards:
        ways = {"and_led": LED.format(**parts), "and_forth": THOSE_FORTH.format(**parts), "and_borne": ""}
    statement = sa.text(LINEAGE.format(**parts, **ways))
    instants = [sa.bindparam(name, type_=Instant()) for name in ("at", "known_at", "code_at") if name in given]
    return statement.bindparams(*instants).columns(*(sa.column(name) for name in COLUMNS))


def look_up(sqlite: bool, table: str, name: str, key: str, sought: str) -> str:
    """A table of the statement in which the rows of a key are sought, one key after the other.

    SQLite does so by itself where the join says CROSS. PostgreSQL cannot know how few units can be reached and would rather read whole
    tables; what is limited apart (OFFSET 0) it leaves as it is written.
    """
    if sqlite:
        return f"{table} AS {name}"
    return f"LATERAL (SELECT * FROM {table} AS t WHERE t.{key} = {sought} OFFSET 0) AS {name}"


def list_conditions(given: frozenset[str]) -> Iterator[str]:
    """What is asked of a row that says that a unit bore a code."""
    yield "code.valid_from <= :at"
    yield seen("code", "known_at" in given)
    if "scheme" in given:
        yield "code.scheme = :scheme"
    if "code_at" in given:
        yield "code.valid_from <= :code_at AND (code.valid_to IS NULL OR code.valid_to > :code_at)"
