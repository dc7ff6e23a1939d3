"""Making the plan of a load: the people of checked rosters against the register, everything fixed that will exist.

1. nothing is planned while a roster has a fault; 2. log-ins that rosters bring are claimed for all before any new one is made, so
that nobody loses theirs to a newcomer; 3. who is known by number gets posts only, everybody else a line of their own.
"""

import uuid
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from directory.logins import LoginBook, login_key
from directory.models import SEAL_IMPORTED_HASH, SEAL_NUMBER, PersonDetail, Post
from directory.quarantine import read_taken_addresses, read_taken_logins
from directory.units import chunked
from foundation.changes import AsOf, Change, in_force, visible
from foundation.clocks import as_rfc3339
from foundation.collecting import rarely_collected
from foundation.database import Reads
from foundation.errors import BadInput
from foundation.plans import Plan, PlanHeader, PlanWriter
from foundation.sealing import Sealer
from provisioning.merger.book import read_units
from provisioning.merger.holders import order_scope
from provisioning.merger.planning import Author
from provisioning.merger.row_digests import digest_each
from provisioning.rosters.check import Check, PersonRow
from provisioning.rosters.crossings import count_elsewhere, find_outside
from provisioning.rosters.hashes_command import LETTER_ONLY
from provisioning.rosters.humans import Human, HumanPost, find_body, gather_human
from provisioning.rosters.minting import Minter, OrderedMinter
from provisioning.rosters.plan import LOAD
from provisioning.rosters.unit_codes import UnitBook
from provisioning.rosters.vocabulary import Line, Outcome

KIND: Final = "roster"
AT_ONCE: Final = 500


class RosterFaulty(BadInput):
    """A roster with faults is reported whole and changes nothing."""

    code = "roster_faulty"
    exit_code = 1
    sentence = "{faults} rows have faults; nothing was planned. “hopnhat roster check” lists each with what to do."


class NoUnits(BadInput):
    """The register holds no units yet."""

    code = "no_units"
    sentence = "The register holds no units yet. First: hopnhat unit import"


@dataclass
class Loading:
    """A plan of a load being made."""

    reads: Reads
    sealer: Sealer
    units: UnitBook
    writer: PlanWriter
    logins: LoginBook
    addresses: set[str]
    owners: Sequence[int]
    hashes_until: datetime | None
    mint: Callable[[], str]
    """For people."""
    mint_next: Callable[[], str]
    """For accounts and posts."""
    counts: Counter[str] = field(default_factory=Counter)
    touched: dict[uuid.UUID, None] = field(default_factory=dict)
    homes: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many posts each file brings into each unit."""
    held: Counter[frozenset[str]] = field(default_factory=Counter)
    """The units of a known person who gets a post, those held before and the new ones, and how many people share them."""


@rarely_collected()
def plan_load(
    reads: Reads,
    sealer: Sealer,
    units: UnitBook,
    check: Check,
    out: Path,
    author: Author,
    now: datetime,
    hashes_until: datetime | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
    on_line: Callable[[Line], None] = lambda line: None,
    count_missing: Callable[[], int] = lambda: 0,
) -> Plan:
    """Write the plan of a load; it takes effect at the instant of the check. Raises RosterFaulty or NoUnits, and leaves no file then.

    `on_line` is told every person's line on the way, those of a faulty roster too; `count_missing` says afterwards how many people
    earlier lists or the register have and this one leaves out: their number stands in the plan.
    """
    taken, addresses = read_taken(reads)
    logins = LoginBook(taken.__contains__)
    outcomes, owners = claim_logins(logins, check, on_line)
    if outcomes["fault"] or check.refusals:
        raise RosterFaulty(faults=outcomes["fault"] + len(check.refusals))
    with PlanWriter(out) as writer:
        mint, mint_next = Minter().give, OrderedMinter(now).give
        loading = Loading(reads, sealer, units, writer, logins, addresses, owners, hashes_until, mint, mint_next)
        for rows in chunked(check.people(), AT_ONCE):
            write_humans(loading, rows)
            on_progress(loading.counts["people"])
        header = build_header(loading, check, outcomes, author, now)
        header.open["missing"] = count_missing()
        return writer.finish(header)


def claim_logins(
    book: LoginBook, check: Check, on_line: Callable[[Line], None] = lambda line: None
) -> tuple[Counter[Outcome], Sequence[int]]:
    """How the rows came out, and for each person's row whether its log-in belongs to its human: nobody had it before.

    All that rosters bring is claimed before anything new is made. What somebody brings besides is kept from others too.
    """
    outcomes: Counter[Outcome] = Counter()
    owners = array("b")
    for line in check.lines():
        if line.place.row is not None:
            outcomes[line.outcome] += 1
        if line.values is not None:
            on_line(line)
            owners.append(line.values.login is not None and book.claim(line.values.login))
    return outcomes, owners


def read_taken(reads: Reads) -> tuple[set[str], set[str]]:
    """The keys of all log-ins and of all addresses that ever belonged to somebody."""
    return read_taken_logins(reads), read_taken_addresses(reads)


def write_humans(loading: Loading, people: Sequence[Sequence[PersonRow]]) -> None:
    """The lines of some people: known ones by the index of their number, in one query."""
    humans = [(gather_human(rows[0].place, [row.values for row in rows]), find_own(loading, rows)) for rows in people]
    sealed = {
        human.personal_number: loading.sealer.blind_index(human.personal_number, SEAL_NUMBER)
        for human, _own in humans
        if human.personal_number
    }
    known = find_known(loading.reads, sealed)
    held = read_held(loading, known.values())
    for human, own in humans:
        loading.counts["people"] += 1
        number = human.personal_number or ""
        if number in known:
            write_known(loading, human, known[number], held.get(known[number], set()))
        else:
            write_new(loading, human, own, sealed.get(number))


def find_own(loading: Loading, rows: Sequence[PersonRow]) -> str | None:
    """The log-in of these rows that nobody else has; None where all belong to others or none came."""
    return next((row.values.login for row in rows if loading.owners[row.person]), None)


def find_known(reads: Reads, sealed: Mapping[str, bytes]) -> dict[str, uuid.UUID]:
    """The people of the register by personal number; `sealed` gives the blind index of each number."""
    wanted = sa.select(PersonDetail.number_index, PersonDetail.person_id).where(
        PersonDetail.number_index.in_(list(sealed.values())), visible(PersonDetail)
    )
    people = {index: person_id for index, person_id in reads.execute(wanted) if index is not None}
    return {number: people[index] for number, index in sealed.items() if index in people}


def read_held(loading: Loading, people: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[tuple[str, str]]]:
    """The posts that known people hold at the instant: unit and title."""
    held: dict[uuid.UUID, set[tuple[str, str]]] = {}
    wanted = sa.select(Post.person_id, Post.unit_id, Post.title).where(in_force(Post, AsOf(loading.units.at)))
    for ids in chunked(people):
        for person_id, unit_id, title in loading.reads.execute(wanted.where(Post.person_id.in_(ids))):
            held.setdefault(person_id, set()).add((str(unit_id), title))
    return held


def write_known(loading: Loading, human: Human, person_id: uuid.UUID, held: set[tuple[str, str]]) -> None:
    """Somebody the register knows: the posts they do not hold yet, none of them main if they hold any."""
    posts = [post for post in human.posts if (find_home(loading, post.scheme, post.code)[0], post.title) not in held]
    loading.counts["known"] += 1
    loading.counts["same"] += not posts
    if posts:
        built = [build_post(loading, post, main=post.main and not held) for post in posts]
        loading.places.update((human.place.file, post["unit"]) for post in built)
        loading.held[frozenset([*(post["unit"] for post in built), *(unit for unit, _title in held)])] += 1
        loading.writer.add(
            LOAD, person=str(person_id), name=human.name, unit=built[0]["unit"], source=str(human.place), posts=built
        )


def write_new(loading: Loading, human: Human, own: str | None, index: bytes | None) -> None:
    """Somebody new: identity, detail, account, log-ins, addresses, posts."""
    posts = [build_post(loading, post, post.main) for post in human.posts]
    logins = name_logins(loading, human, own)
    content: dict[str, Any] = {
        "person": loading.mint(),
        "name": human.name,
        "login": logins[0]["login"],
        "unit": next(post["unit"] for post in posts if post["main"]),
        "source": str(human.place),
        "detail": {
            "name": human.name,
            "number_sealed": seal_number(loading, human.personal_number),
            "number_index": index.hex() if index else None,
            "staff_code": human.staff_code,
            "birth_date": human.birth_date.isoformat() if human.birth_date else None,
            "phone": human.phone,
        },
        "account": {"id": loading.mint_next(), "kind": "business"},
        "logins": logins,
        "mails": name_addresses(loading, human),
        "posts": posts,
    }
    if human.password_hash:
        content["hash_sealed"] = loading.sealer.seal(human.password_hash.encode(), SEAL_IMPORTED_HASH)
        content["hash_until"] = as_rfc3339(loading.hashes_until) if loading.hashes_until else None
        if any(LETTER_ONLY.intersection(post.duties) for post in human.posts):
            content["ask"] = "trusted_password"
            loading.counts["trusted_passwords"] += 1
    loading.places.update((human.place.file, post["unit"]) for post in posts)
    loading.counts["new"] += 1
    loading.counts["passwords" if human.password_hash else "letters"] += 1
    loading.writer.add(LOAD, **content)


def seal_number(loading: Loading, number: str | None) -> str | None:
    """The personal number as the register keeps it."""
    return loading.sealer.seal(number.encode(), SEAL_NUMBER) if number else None


def name_logins(loading: Loading, human: Human, own: str | None) -> list[dict[str, str]]:
    """The own log-in first, then what else the human is used to typing; a new one where theirs belongs to another."""
    chosen = own
    if chosen is None:
        loading.counts["logins_made"] += 1
        loading.counts["collisions"] += bool(human.logins)
        chosen = loading.logins.give(human.name)
    others = [login for login in human.logins if login != chosen]
    return [{"login": chosen, "kind": "own"}, *({"login": login, "kind": "alias"} for login in others)]


def name_addresses(loading: Loading, human: Human) -> list[dict[str, str]]:
    """The first address that is free as their own, the others as old ones."""
    named: list[dict[str, str]] = []
    for address in human.addresses:
        key = login_key(address)
        free = key not in loading.addresses
        loading.addresses.add(key)
        loading.counts["addresses_taken"] += not free
        first = free and not any(mail["kind"] == "own" for mail in named)
        named.append({"address": address, "kind": "own" if first else "alias"})
    return named


def build_post(loading: Loading, post: HumanPost, main: bool) -> dict[str, Any]:
    """A post as it stands in the plan, its identity fixed."""
    unit, level = find_home(loading, post.scheme, post.code)
    return {
        "id": loading.mint_next(),
        "unit": unit,
        "title": post.title,
        "body": find_body(post, level),
        "duties": " ".join(post.duties),
        "main": main,
    }


def find_home(loading: Loading, scheme: str, code: str) -> tuple[str, str | None]:
    """The id (as text) and the level of the unit of a post. Raises NoUnits when only the published tables know it."""
    home = loading.homes.get((scheme, code))
    if home is None:
        known = loading.units.find(scheme, code)
        if known is None or known.unit_id is None:
            raise NoUnits
        loading.touched[known.unit_id] = None
        home = loading.homes[scheme, code] = (str(known.unit_id), known.level)
    return home


def build_header(
    loading: Loading, check: Check, outcomes: Counter[Outcome], author: Author, now: datetime
) -> PlanHeader:
    """The first line: who, what was read, what was counted, the state of the units that people are loaded into."""
    book = read_units(loading.reads, loading.units.at)
    scope = order_scope(book, list(loading.touched))
    # Whoever gives somebody known a post acts upon them: the right covers what they hold already, too.
    theirs = {uuid.UUID(unit) for units in loading.held for unit in units}.intersection(book.standing)
    asked = order_scope(book, list(theirs.union(scope)))
    inside = set(asked)
    tops = [unit for unit in asked if not book.has_ancestor_in(unit, inside)]
    outside = find_outside(book, loading.places)
    counts = loading.counts
    newest = loading.reads.execute(sa.select(sa.func.max(Change.id))).scalar_one() or 0
    return PlanHeader(
        kind=KIND,
        title=name_files(check.file_names),
        made_at=as_rfc3339(now),
        made_by=author.shown,
        author=author.id,
        effective=as_rfc3339(loading.units.at),
        scope=[str(unit) for unit in tops],
        known_change=newest,
        state={str(unit): digest for unit, digest in digest_each(loading.reads, book, scope)},
        summary={
            "people": {key: counts[key] for key in ("people", "new", "known", "same")},
            "rows": {outcome: outcomes[outcome] for outcome in ("ok", "restored", "duplicate", "candidate", "ignored")},
            "logins_made": counts["logins_made"],
            "collisions": counts["collisions"],
            "passwords": counts["passwords"],
            "letters": counts["letters"],
            "units": {"people in": len(scope)},
            "provinces": {book.name(province): number for province, number in outside.items()},
        },
        open={
            "candidates": outcomes["candidate"],
            "addresses_taken": counts["addresses_taken"],
            "trusted_passwords": counts["trusted_passwords"],
            "outside": sum(outside.values()),
            "known_elsewhere": count_elsewhere(book, loading.held),
        },
    )


def name_files(files: Sequence[str]) -> str:
    """The files as a title: the first two by name, the others by number."""
    names = [Path(file).name for file in files]
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more
