"""`hopnhat person …`: who somebody is, two records that are one, and what happens in daily life."""

import uuid
from typing import Annotated

import typer

from directory.errors import PersonNotFound
from directory.models import Person
from directory.people import find_people
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import _
from foundation.refusals import Deed
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say
from provisioning.people import daily_command, lists_command
from provisioning.people.joining_command import join, part
from provisioning.people.keys import find_id, resolve_one, resolve_people
from provisioning.people.match_command import match
from provisioning.people.showing import COLUMNS, build_answer, describe_person, print_person
from provisioning.people.why import explain
from provisioning.people.why_screen import as_json, name_units, tell_why
from provisioning.plan_rights import name_actor
from provisioning.sight import SEEN, check_sees, find_seen, find_sight

person_group = typer.Typer(no_args_is_help=True, help="People of the register.")

AtOption = Annotated[str | None, typer.Option("--at", help="the day of the answer")]


def read_as_of(shell: Shell, at: str | None) -> AsOf:
    """Where the reader stands."""
    return AsOf(parse_instant(at, shell.runtime.settings.zone) if at else shell.runtime.clocks.register())


@person_group.command("find")
def find(context: typer.Context, key: str, at: AtOption = None, output: OutputOption = Output.table) -> int:
    """People by name, log-in, address, personal number or id: those of the units you answer for."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    with shell.recorded_refusals(SEEN), shell.runtime.database.read() as reads:
        found = resolve_people(shell.runtime, reads, key, as_of)
        now = AsOf(shell.runtime.clocks.register())
        seen = find_seen(reads, find_sight(reads, shell.actor, now), found, now)
        people = find_people(reads, [person for person in found if person in seen], as_of)
        rows = [describe_person(reads, person, as_of) for person in people.values()]
    print_rows(rows, COLUMNS, output)
    return 0 if rows else 1


@person_group.command("show")
def show(
    context: typer.Context,
    key: str,
    at: AtOption = None,
    why: Annotated[
        bool, typer.Option("--why", help="every change: what, who, approved by whom, which decision, file and row")
    ] = False,
    output: OutputOption = Output.table,
) -> int:
    """One person: posts, log-ins, addresses, former units, records joined to theirs; with --why how it came to that."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    if why:
        return show_why(shell, key, as_of, output)
    with shell.recorded_refusals(SEEN) as deed, shell.runtime.database.read() as reads:
        person_id = resolve_seen(shell, reads, key, as_of, deed)
        answer = build_answer(reads, person_id, key, as_of)
    if output is Output.table:
        if find_id(key) not in (None, person_id):
            say(_("{key} was joined to {person}; this is what it answers with."), key=key, person=person_id)
        print_person(answer, shell.runtime.settings.zone)
    else:
        print_json(answer)
    return 0


def resolve_seen(shell: Shell, reads: Reads, key: str, as_of: AsOf, deed: Deed) -> uuid.UUID:
    """The one person a key means, if the actor may see them today. Raises PersonNotFound, PersonAmbiguous, RightMissing."""
    person_id = resolve_one(shell.runtime, reads, key, as_of)
    deed.subject = str(person_id)
    if reads.get(Person, person_id) is None:
        raise PersonNotFound(key=key)
    check_sees(reads, shell.actor, person_id, AsOf(shell.runtime.clocks.register()))
    return person_id


def show_why(shell: Shell, key: str, as_of: AsOf, output: Output) -> int:
    """Everything that happened to a person, explained."""
    with shell.recorded_refusals(SEEN) as deed, shell.runtime.database.read() as reads:
        person_id = resolve_seen(shell, reads, key, as_of, deed)
        told = explain(reads, person_id)
        if not told:
            raise PersonNotFound(key=key)
        namer, unit = name_actor(reads), name_units(reads, told, as_of.at)
        if output is Output.table:
            for line in tell_why(told, namer, unit, shell.runtime.settings.zone, language()):
                out.print(line, markup=False)
            return 0
        rows = as_json(told, namer, unit)
    if output is Output.json:
        print_json(rows)
    else:
        flat = [
            {**row, **touch, "at": row["at"]}
            for row in rows
            for touch in row["touches"] or [{"sign": "", "table": "", "what": ""}]
        ]
        print_rows(flat, {column: column for column in WHY_COLUMNS}, output)
    return 0


WHY_COLUMNS = (
    "at", "kind", "sign", "table", "what", "decision", "reason", "source", "by", "actor_name", "approved_by_name", "change",
    "outcome",
)  # fmt: skip

for verb in (match, join, part, *daily_command.VERBS, lists_command.unused, lists_command.closing):
    person_group.command(verb.__name__)(verb)
