"""`hopnhat person hire`, `move`, `post`, `end`, `leave`, `external`: what an HR clerk does with a decision on the desk.

Every verb takes `--from DAY`, the first day on which it holds, and `--decision NUMBER`. What a merger has written for later is told.
"""

import sys
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from directory.models import BODIES, DUTIES
from directory.units import UnitFacts, get_unit_by_code, last_facts
from foundation.changes import AsOf
from foundation.clocks import local_day, parse_instant
from foundation.database import Reads, Writes
from foundation.errors import BadInput, WrongUsage
from foundation.i18n import Message, _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, print_json, say
from provisioning.account_states import check_may_act
from provisioning.merger.destinations import NewPost
from provisioning.people import leaving
from provisioning.people.daily import (
    ENDED,
    HIRED,
    MOVED,
    POSTED,
    Act,
    Done,
    Newcomer,
    check_may_place,
    check_stands,
    end_post,
    give_post,
)
from provisioning.people.daily import hire as hire_person
from provisioning.people.daily import move as move_person
from provisioning.people.errors import BackdatedTooFar
from provisioning.people.keys import resolve_one
from provisioning.people.leaving import LEFT, SPONSORED
from provisioning.people.settings import PeopleSection
from provisioning.people.showing import WHYS
from provisioning.people.undoing import UNDONE, check_may_undo, find_first_day, undo_change

Key = Annotated[str, typer.Argument(help="id, log-in, address or personal number", show_default=False)]
UnitOption = Annotated[str, typer.Option("--unit", help="code of the unit")]
TitleOption = Annotated[str, typer.Option("--title", help="the post as the decision names it")]
DutiesOption = Annotated[str, typer.Option("--duties", help="with commas: " + " | ".join(DUTIES))]
BodyOption = Annotated[str | None, typer.Option("--body", help=" | ".join(BODIES))]
FromOption = Annotated[str, typer.Option("--from", help="the first day on which it holds (2025-06-20)")]
UntilOption = Annotated[str | None, typer.Option("--until", help="the first day on which it no longer holds")]
DecisionOption = Annotated[str, typer.Option("--decision", help="number of the decision")]
NoteOption = Annotated[str | None, typer.Option("--reason", help="a word about it; kept with the change")]
NumberOption = Annotated[
    str | None, typer.Option("--number", help="personal number, twelve digits; - reads it from stdin")
]
BornOption = Annotated[str | None, typer.Option("--born", help="birth date (1980-02-28)")]
PhoneOption = Annotated[str | None, typer.Option("--phone")]
StaffOption = Annotated[str | None, typer.Option("--staff-code")]
LoginOption = Annotated[
    str | None, typer.Option("--login", help="a log-in of their own; made from the name by default")
]
AddressOption = Annotated[str | None, typer.Option("--address", help="official mail address")]


def hire(
    context: typer.Context, name: str, unit: UnitOption, title: TitleOption, begins: FromOption, decision: DecisionOption,
    duties: DutiesOption = "", body: BodyOption = None, until: UntilOption = None, number: NumberOption = None,
    born: BornOption = None, phone: PhoneOption = None, staff_code: StaffOption = None, login: LoginOption = None,
    address: AddressOption = None, reason: NoteOption = None, output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """Somebody new: a record, a post and an account that waits for its activation letter."""
    shell = get_shell(context)
    newcomer = Newcomer(name, read_number(number), read_born(born), phone, staff_code, login, address)

    def write(writes: Writes, act: Act) -> Done:
        at = read_first_day(shell, begins)
        post = read_post(writes, shell, act, unit, title, duties, body, at, until)
        return hire_person(writes, shell.runtime.sealer, act, newcomer, post, at)

    return do(shell, HIRED, decision, reason, output, write)


def move(
    context: typer.Context, key: Key, unit: UnitOption, title: TitleOption, begins: FromOption, decision: DecisionOption,
    duties: DutiesOption = "", body: BodyOption = None, until: UntilOption = None,
    leaving: Annotated[str | None, typer.Option("--leaving", help="code of the unit whose post ends; the main post by default")] = None,
    reason: NoteOption = None, output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """The main post ends and another begins; who holds none, because they come back, simply gets one."""
    shell = get_shell(context)

    def write(writes: Writes, act: Act) -> Done:
        at, person = read_first_day(shell, begins), read_person(writes, shell, act, key)
        post = read_post(writes, shell, act, unit, title, duties, body, at, until)
        left = read_unit(writes, leaving, act.now).id if leaving else None
        return move_person(writes, act, person, post, at, left)

    return do(shell, MOVED, decision, reason, output, write)


def post(
    context: typer.Context, key: Key, unit: UnitOption, title: TitleOption, begins: FromOption, decision: DecisionOption,
    duties: DutiesOption = "", body: BodyOption = None, until: UntilOption = None,
    acting: Annotated[bool, typer.Option("--acting", help="in another's place until there is one")] = False,
    reason: NoteOption = None, output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """One more post beside the main one: concurrent, acting, or a secondment with an end."""
    shell = get_shell(context)

    def write(writes: Writes, act: Act) -> Done:
        at, person = read_first_day(shell, begins), read_person(writes, shell, act, key)
        given = read_post(writes, shell, act, unit, title, duties, body, at, until, acting=acting)
        return give_post(writes, act, person, given, at)

    return do(shell, POSTED, decision, reason, output, write)


def end(
    context: typer.Context, key: Key, unit: UnitOption, ends: FromOption, decision: DecisionOption,
    reason: NoteOption = None, output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """The post in one unit ends; `--from` is the first day without it."""
    shell = get_shell(context)

    def write(writes: Writes, act: Act) -> Done:
        person = read_person(writes, shell, act, key)
        return end_post(writes, act, person, read_unit(writes, unit, act.now).id, read_first_day(shell, ends))

    return do(shell, ENDED, decision, reason, output, write)


def leave(
    context: typer.Context, key: Key, why: Annotated[str, typer.Option("--why", help=" | ".join(WHYS))],
    ends: FromOption, decision: DecisionOption, reason: NoteOption = None, output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """Somebody leaves: every post ends, the account is suspended that day and closed later by “person closing”."""
    shell = get_shell(context)
    if why not in WHYS:
        raise WrongUsage("“{word}” is not one of {words}.", word=why, words=", ".join(WHYS))

    def write(writes: Writes, act: Act) -> Done:
        return leaving.leave(writes, act, read_person(writes, shell, act, key), why, read_first_day(shell, ends))

    return do(shell, LEFT, decision, reason, output, write)


def external(
    context: typer.Context, name: Annotated[str, typer.Argument(help="the name, or with --extend who it is", show_default=False)],
    until: Annotated[str, typer.Option("--until", help="the first day on which the account is shut")],
    decision: DecisionOption,
    sponsor: Annotated[str | None, typer.Option("--sponsor", help="code of the unit that answers for them")] = None,
    begins: Annotated[str | None, typer.Option("--from", help="the first day; today by default")] = None,
    extend: Annotated[bool, typer.Option("--extend", help="somebody who is here already stays longer, or shorter")] = False,
    phone: PhoneOption = None, login: LoginOption = None, address: AddressOption = None, reason: NoteOption = None,
    output: OutputOption = Output.table,
) -> int:  # fmt: skip
    """Somebody from outside, for whom a unit answers until a day; the account is suspended then."""
    shell = get_shell(context)
    if not extend and sponsor is None:
        raise WrongUsage("Say which unit answers for them: --sponsor.")

    def write(writes: Writes, act: Act) -> Done:
        ends = read_day(shell, until)
        if sponsor is None:
            return leaving.extend(writes, act, read_person(writes, shell, act, name), ends)
        unit = read_unit(writes, sponsor, act.now)
        starts = read_first_day(shell, begins) if begins else act.now
        check_may_place(writes, act, unit.id, (), starts)
        newcomer = Newcomer(name, phone=phone, login=login, address=address, sponsor=unit.id)
        check_stands(writes, unit, starts)
        return leaving.invite(writes, shell.runtime.sealer, act, newcomer, starts, ends)

    return do(shell, SPONSORED, decision, reason, output, write)


def undo(
    context: typer.Context,
    change: Annotated[
        int, typer.Argument(help="the number of the change, as “person show --why” tells it", show_default=False)
    ],
    reason: Annotated[str, typer.Option("--reason", help="why; kept with the change")],
) -> int:
    """Take one move, post, end, departure or extension back, as long as nothing was built upon it."""
    shell = get_shell(context)
    runtime = shell.runtime
    with shell.recorded_refusals(UNDONE, str(change)):
        act = Act(shell.actor, runtime.clocks.wall(), None, reason)
        with runtime.database.write() as writes:
            check_may_undo(writes, act, change)
            check_not_far_back(shell, find_first_day(writes, change, act.now))
            number = undo_change(writes, act, change).id
    say(_("Change {change} is taken back by change {number}."), change=change, number=number)
    return 0


VERBS = (hire, move, post, end, leave, external, undo)


# --- reading what was typed ----------------------------------------------------------------------------------------


def read_day(shell: Shell, text: str) -> datetime:
    """The beginning of a day in the administration's zone, or the instant itself. Raises BadInput."""
    return parse_instant(text, shell.runtime.settings.zone)


def read_first_day(shell: Shell, text: str) -> datetime:
    """The day from which a change holds. Raises BadInput, BackdatedTooFar for one further back than one person may write alone.

    Who held which post decides which signatures counted on a day: the past is rewritten by two people or by none.
    """
    first = read_day(shell, text)
    check_not_far_back(shell, first)
    return first


def check_not_far_back(shell: Shell, first: datetime) -> None:
    """Refuse what begins further back than one person may write alone. Raises BackdatedTooFar."""
    days = shell.runtime.settings[PeopleSection].backdate_days
    if first < shell.runtime.clocks.wall() - timedelta(days=days + 1):
        raise BackdatedTooFar(days=days, day=local_day(first, shell.runtime.settings.zone))


def read_born(text: str | None) -> date | None:
    """A birth date. Raises BadInput."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput("“{text}” is no day; write 1980-02-28.", text=text) from error


def read_number(text: str | None) -> str | None:
    """A personal number, from stdin where a dash stands: lines of commands are seen by others."""
    return sys.stdin.readline().strip() if text == "-" else text


def read_unit(reads: Reads, code: str, at: datetime) -> UnitFacts:
    """The unit of a code on the day. Raises UnitNotFound, CodeAmbiguous."""
    return get_unit_by_code(reads, code, AsOf(at))


def read_person(reads: Reads, shell: Shell, act: Act, key: str) -> uuid.UUID:
    """Who is meant, and that the actor may act upon them. Raises PersonNotFound, PersonAmbiguous, NotPermitted."""
    person = resolve_one(shell.runtime, reads, key, AsOf(act.now))
    check_may_act(reads, act.actor, person, ("hr",), act.now)
    return person


def read_post(
    reads: Reads, shell: Shell, act: Act, unit: str, title: str, duties: str, body: str | None, at: datetime,
    until: str | None, *, acting: bool = False,
) -> NewPost:  # fmt: skip
    """The post as it was typed, in a unit that stands and that the actor may place people in. Raises as its parts."""
    where = read_unit(reads, unit, at)
    check_stands(reads, where, at)
    given = tuple(duty for duty in DUTIES if duty in {word.strip() for word in duties.split(",")})
    unknown = {word.strip() for word in duties.split(",") if word.strip()}.difference(DUTIES)
    if unknown or (body is not None and body not in BODIES):
        words = ", ".join((*DUTIES, *BODIES))
        raise WrongUsage("“{word}” is not one of {words}.", word=", ".join(unknown) or body, words=words)
    check_may_place(reads, act, where.id, given, at)
    ends = read_day(shell, until) if until else None
    if not title.strip() or (ends is not None and ends <= at):
        raise BadInput("A post has a title, and ends after it begins.")
    usual = "department" if where.level in ("department", "division") else "committee"
    return NewPost(where.id, title.strip(), body or usual, given, True, acting, None, at, ends)


# --- doing and telling ---------------------------------------------------------------------------------------------


def do(
    shell: Shell, event: str, decision: str, reason: str | None, output: Output, write: Callable[[Writes, Act], Done]
) -> int:
    """One act in one transaction, refusals on record; then what was written, and what nobody has decided (exit code 1)."""
    runtime = shell.runtime
    with shell.recorded_refusals(event):
        act = Act(shell.actor, runtime.clocks.wall(), decision, reason)
        with runtime.database.write() as writes:
            done = write(writes, act)
    with runtime.database.read() as reads:
        names = last_facts(reads, {one.post.unit_id for one in done.way.stretches}, AsOf(latest(done, act.now)))
    if output is Output.json:
        print_json(describe_done(done))
    else:
        tell_done(shell, done, {unit: facts.agency_name for unit, facts in names.items()})
    return 1 if done.way.undecided_from is not None or any(one.conflict for one in done.way.stretches) else 0


def latest(done: Done, now: datetime) -> datetime:
    """An instant at which every unit of the post is known."""
    return max((one.post.begins for one in done.way.stretches if one.post.begins), default=now)


def describe_done(done: Done) -> dict[str, object]:
    """What was written, as data."""
    stretches = [
        {
            "unit": one.post.unit_id, "title": one.post.title, "duties": one.post.duties, "from": one.post.begins,
            "to": one.post.until, "by": one.by, "conflict": one.conflict,
        }
        for one in done.way.stretches
    ]  # fmt: skip
    return {
        "person": done.person, "login": done.login, "change": done.change, "posts": stretches,
        "undecided_from": done.way.undecided_from,
    }  # fmt: skip


def tell_done(shell: Shell, done: Done, names: dict[uuid.UUID, str]) -> None:
    """What was written, for people."""
    say(_("Written as change {change}: {person}."), change=done.change, person=done.person)
    if done.login:
        say(_("Log-in: {login}. Next: hopnhat account letters"), login=done.login)
    zone = shell.runtime.settings.zone
    for one in done.way.stretches[1:]:
        assert one.post.begins is not None
        why = Message(BY.get(one.by, one.by))
        unit = names.get(one.post.unit_id, str(one.post.unit_id))
        say(_("From {day}: {unit} ({why})."), day=local_day(one.post.begins, zone), unit=unit, why=why)
        if one.conflict:
            say(_("Somebody else leads there already: two hold a post for one, a person must decide."))
    if done.way.undecided_from is not None:
        day = local_day(done.way.undecided_from, zone)
        say(
            _("The unit ends on {day} and nobody has decided where this post goes: then it is a post no more."), day=day
        )


BY = {
    "rule": _("rule of the decree"),
    "principal": _("principal heir of the unit"),
    "decision": _("by this decision"),
}
