"""What HR does day by day, each a small published change: hire, move, give a concurrent post, end one.

A change takes what is written already with it: what a merger wrote to continue a post that ends never comes, and a post in a unit whose
end is written goes on by that merger's rule or is asked about (`between.py`). Rights are checked by the caller with `check_may_act`
and `check_may_place`.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import sqlalchemy as sa

from directory.logins import LoginBook, is_login, login_key
from directory.models import SEAL_NUMBER, Account, Login, MailAddress, Person, PersonDetail, Post
from directory.names import fold_name, normalize_text
from directory.people import find_by_number, find_person
from directory.printing.jobs import ask_for_people
from directory.quarantine import is_address_taken, is_login_taken
from directory.units import UnitFacts, find_unit
from foundation import audit
from foundation.changes import AsOf, Change, small_change
from foundation.database import Reads, Writes, broken_guard
from foundation.errors import TryAgain
from foundation.i18n import Message, _
from foundation.outbox import enqueue
from foundation.sealing import Sealer
from foundation.shell import Actor
from provisioning.account_states import WEIGHTY, find_cover
from provisioning.merger.apply import LOOK_AT_NEWCOMERS
from provisioning.merger.destinations import NewPost
from provisioning.people.between import Way, carry_on
from provisioning.people.careers import Edits, choose_post, end_one, find_in_force, next_main
from provisioning.people.errors import ChangeRefused
from provisioning.people.joined_posts import Period
from provisioning.people.joining import as_period
from provisioning.people.rewriting import check_no_plan_running, lock_people, read_rows, withdraw, write_again
from provisioning.plan_rights import check_units

HIRED, MOVED, POSTED, ENDED = (f"provisioning.person.{verb}" for verb in ("hire", "move", "post", "end"))
TRIES = 8


@dataclass(frozen=True)
class Act:
    """Who does something, when, and by which decision and for what reason."""

    actor: Actor
    now: datetime
    decision: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Newcomer:
    """What is known of somebody who comes; only the name must be."""

    name: str
    number: str | None = None
    birth_date: date | None = None
    phone: str | None = None
    staff_code: str | None = None
    login: str | None = None
    address: str | None = None
    sponsor: uuid.UUID | None = None


@dataclass(frozen=True)
class Done:
    """A change of somebody's posts: what was written, and where the post goes on."""

    person: uuid.UUID
    change: int
    login: str | None = None
    way: Way = field(default_factory=lambda: Way(()))


# --- what is refused -----------------------------------------------------------------------------------------------


def check_may_place(reads: Reads, act: Act, unit: uuid.UUID, duties: Iterable[str], at: datetime) -> None:
    """Refuse an actor without the HR right over the unit; duties that act upon others are given by operators, or by a plan."""
    needed = ("operator",) if WEIGHTY.intersection(duties) else ("hr",)
    check_units(reads, act.actor, needed, [find_cover(reads, unit, at, act.now)], act.now)


def check_stands(reads: Reads, unit: UnitFacts, at: datetime) -> None:
    """Refuse a unit that does not stand on the day. Raises ChangeRefused."""
    if find_unit(reads, unit.id, AsOf(at)) is None:
        why = Message(_("{unit} does not stand on that day; see: hopnhat unit successors"), {"unit": unit.agency_name})
        raise ChangeRefused(why=why)


def check_stranger(reads: Reads, sealer: Sealer, newcomer: Newcomer, now: datetime) -> None:
    """Refuse to write a human down twice, and names or log-ins that cannot stand. Raises ChangeRefused."""
    if not normalize_text(newcomer.name):
        raise ChangeRefused(why=Message(_("the name is missing")))
    if newcomer.number is not None:
        if len(newcomer.number) != 12 or not newcomer.number.isdigit():
            raise ChangeRefused(why=Message(_("a personal number has twelve digits")))
        known = find_by_number(reads, sealer, newcomer.number, AsOf(now))
        if known:
            person = find_person(reads, known[0], AsOf(now))
            values = {"name": person.name if person else "—", "person": str(known[0])}
            raise ChangeRefused(
                why=Message(_("this personal number belongs to {name} ({person}); use “person move”"), values)
            )
    if newcomer.login is not None and (
        not is_login(newcomer.login) or is_login_taken(reads, login_key(newcomer.login))
    ):
        raise ChangeRefused(why=Message(_("the log-in {login} cannot be given"), {"login": newcomer.login}))
    if newcomer.address is not None and is_address_taken(reads, login_key(newcomer.address)):
        raise ChangeRefused(why=Message(_("the address {address} cannot be given"), {"address": newcomer.address}))


def hold_number(writes: Writes, sealer: Sealer, number: str | None) -> None:
    """Let two who write down one human at the same moment come one after the other; SQLite has one writer anyway."""
    if number is None or writes.connection().dialect.name != "postgresql":
        return
    key = int.from_bytes(sealer.blind_index(number, SEAL_NUMBER)[:8], "big", signed=True)
    writes.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


# --- the acts ------------------------------------------------------------------------------------------------------


def hire(writes: Writes, sealer: Sealer, act: Act, newcomer: Newcomer, post: NewPost | None, begins: datetime) -> Done:
    """Somebody new, with an account that waits for its activation; without a post for people from outside.

    Raises ChangeRefused, TryAgain when others take every log-in of the name at the same time.
    """
    hold_number(writes, sealer, newcomer.number)
    check_stranger(writes, sealer, newcomer, act.now)
    change = open_act(writes, act, "person.hire" if post else "person.external")
    person = uuid.uuid4()
    writes.add(Person(id=person, change_id=change.id))
    writes.flush()
    write_detail(writes, sealer, person, newcomer, change, begins)
    login = open_account(writes, person, newcomer, change, begins)
    way = write_post(writes, person, post, begins, change) if post else Way(())
    tell(writes, act, HIRED, person, change, {"login": login})
    enqueue(writes, LOOK_AT_NEWCOMERS, str(change.id), act.now, {"change": change.id}, change_id=change.id)
    return Done(person, change.id, login, way)


def move(
    writes: Writes, act: Act, person: uuid.UUID, post: NewPost, begins: datetime, leaving: uuid.UUID | None = None
) -> Done:
    """The main post (or the one in the unit `leaving`) ends and another begins; who holds none simply gets one. Raises ChangeRefused."""
    periods = hold_person(writes, person)
    held = choose_post(periods, begins, leaving)
    if held is None and (leaving is not None or find_in_force(periods, begins)):
        raise ChangeRefused(why=Message(_("say which post ends: --leaving with the code of its unit")))
    change = open_act(writes, act, "person.move")
    rest = periods
    if held is not None:
        edits = end_one(periods, held, begins)
        write_edits(writes, edits, change)
        rest = edits.rest(periods)
    main = held is None or held.main
    ends = earliest(post.until, next_main(rest, begins) if main else None)
    way = write_post(writes, person, replace(post, main=main, until=ends), begins, change)
    tell(writes, act, MOVED, person, change, {})
    return Done(person, change.id, None, way)


def give_post(writes: Writes, act: Act, person: uuid.UUID, post: NewPost, begins: datetime) -> Done:
    """One more post beside the main one: concurrent, acting, or for a secondment with an end. Raises ChangeRefused."""
    periods = hold_person(writes, person)
    if any(
        (held.unit_id, held.title, held.body) == (post.unit_id, post.title, post.body)
        for held in find_in_force(periods, begins)
    ):
        raise ChangeRefused(why=Message(_("this very post is held already")))
    change = open_act(writes, act, "person.post")
    main = not any(period.main for period in find_in_force(periods, begins))
    ends = earliest(post.until, next_main(periods, begins) if main else None)
    way = write_post(writes, person, replace(post, main=main, until=ends), begins, change)
    tell(writes, act, POSTED, person, change, {})
    return Done(person, change.id, None, way)


def end_post(writes: Writes, act: Act, person: uuid.UUID, unit: uuid.UUID, ends: datetime) -> Done:
    """The post in one unit ends, and what was written to continue it never comes. Raises ChangeRefused."""
    periods = hold_person(writes, person)
    held = choose_post(periods, ends, unit)
    if held is None:
        raise ChangeRefused(why=Message(_("there is not exactly one post of this person in that unit on that day")))
    change = open_act(writes, act, "person.end")
    write_edits(writes, end_one(periods, held, ends), change)
    tell(writes, act, ENDED, person, change, {"post": held.title})
    return Done(person, change.id)


# --- how it is written ---------------------------------------------------------------------------------------------


def hold_person(writes: Writes, person: uuid.UUID) -> list[Period]:
    """The person's periods, held for this transaction. Raises ChangeRefused, PlanRunning."""
    lock_people(writes, [person])
    if not read_rows(writes, PersonDetail, PersonDetail.person_id == person):
        raise ChangeRefused(why=Message(_("the register knows nobody with the id {person}"), {"person": str(person)}))
    check_no_plan_running(writes, person, str(person))
    return [as_period(row) for row in read_rows(writes, Post, Post.person_id == person)]


def open_act(writes: Writes, act: Act, kind: str) -> Change:
    """The small change of an act."""
    return small_change(writes, kind, act.actor.label, act.now, reason=act.reason, decision=act.decision)


def tell(
    writes: Writes, act: Act, event: str, person: uuid.UUID, change: Change, detail: dict[str, str | None]
) -> None:
    """The audit row and the printing."""
    more = {"change": change.id, "decision": act.decision, "reason": act.reason}
    audit.record(writes, act.now, event, act.actor.label, str(person), {**detail, **more})
    ask_for_people(writes, [person], act.now)


def write_edits(writes: Writes, edits: Edits, change: Change) -> None:
    """Periods that end, and periods that never come."""
    write_again(writes, Post, edits.cut, change, valid_to=edits.at)
    withdraw(writes, Post, edits.withdrawn, change)


def write_post(writes: Writes, person: uuid.UUID, post: NewPost, begins: datetime, change: Change) -> Way:
    """The post, through every written end of its units. Raises ChangeRefused when it clashes with what is written."""
    way = carry_on(writes, person, post, begins)
    try:
        for stretch in way.stretches:
            part = stretch.post
            writes.add(
                Post(
                    post_id=uuid.uuid4(),
                    person_id=person,
                    unit_id=part.unit_id,
                    title=part.title,
                    body=part.body,
                    duties=" ".join(part.duties),
                    main=part.main,
                    acting=part.acting,
                    decision=change.decision,
                    valid_from=part.begins or begins,
                    valid_to=part.until,
                    change_id=change.id,
                )
            )
        writes.flush()
    except sa.exc.IntegrityError as error:
        raise ChangeRefused(why=Message(_("it clashes with a post that is written already"))) from error
    return way


def write_detail(
    writes: Writes, sealer: Sealer, person: uuid.UUID, newcomer: Newcomer, change: Change, begins: datetime
) -> None:
    """Name and what identifies, sealed."""
    number, name = newcomer.number, normalize_text(newcomer.name)
    writes.add(
        PersonDetail(
            person_id=person,
            kind="external" if newcomer.sponsor else "official",
            name=name,
            name_key=fold_name(name),
            number_sealed=sealer.seal(number.encode(), SEAL_NUMBER) if number else None,
            number_index=sealer.blind_index(number, SEAL_NUMBER) if number else None,
            staff_code=newcomer.staff_code,
            birth_date=newcomer.birth_date,
            phone=newcomer.phone,
            sponsor_id=newcomer.sponsor,
            valid_from=begins,
            change_id=change.id,
        )
    )
    if newcomer.address:
        key = login_key(newcomer.address)
        writes.add(
            MailAddress(
                person_id=person, address=newcomer.address, address_key=key, valid_from=begins, change_id=change.id
            )
        )
    writes.flush()


def open_account(writes: Writes, person: uuid.UUID, newcomer: Newcomer, change: Change, begins: datetime) -> str:
    """A business account with a log-in nobody ever had; of two hires at the same moment the second gets the next number.

    The constraint decides and not the look beforehand. Raises TryAgain.
    """
    account = Account(id=uuid.uuid4(), person_id=person, state="issued", state_since=begins, change_id=change.id)
    writes.add(account)
    writes.flush()
    book = LoginBook(lambda key: is_login_taken(writes, key))
    for _try in range(TRIES):
        login = newcomer.login or book.give(newcomer.name)
        try:
            with writes.begin_nested():
                writes.add(
                    Login(
                        account_id=account.id,
                        login=login,
                        login_key=login_key(login),
                        valid_from=begins,
                        change_id=change.id,
                    )
                )
                writes.flush()
            return login
        except sa.exc.IntegrityError as error:
            if broken_guard(error) != "login_never_reissued" or newcomer.login:
                raise ChangeRefused(why=Message(_("the log-in {login} cannot be given"), {"login": login})) from error
    raise TryAgain


def earliest(*instants: datetime | None) -> datetime | None:
    """The first of these ends; None never comes."""
    return min((instant for instant in instants if instant is not None), default=None)
