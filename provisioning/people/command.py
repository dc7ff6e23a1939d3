"""`hopnhat person …`: who somebody is, two records that are one, and what happens in daily life."""

from typing import Annotated

import typer

from directory.people import find_people
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, print_json, print_rows, say
from provisioning.people import daily_command
from provisioning.people.joining_command import join, part
from provisioning.people.keys import find_id, resolve_one, resolve_people
from provisioning.people.match_command import match
from provisioning.people.showing import COLUMNS, build_answer, describe_person, print_person

person_group = typer.Typer(no_args_is_help=True, help="People of the register.")

AtOption = Annotated[str | None, typer.Option("--at", help="the day of the answer")]


def read_as_of(shell: Shell, at: str | None) -> AsOf:
    """Where the reader stands."""
    return AsOf(parse_instant(at, shell.runtime.settings.zone) if at else shell.runtime.clocks.register())


@person_group.command("find")
def find(context: typer.Context, key: str, at: AtOption = None, output: OutputOption = Output.table) -> int:
    """People by name, log-in, address, personal number or id."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    with shell.runtime.database.read() as reads:
        people = find_people(reads, resolve_people(shell.runtime, reads, key, as_of), as_of)
        rows = [describe_person(reads, person, as_of) for person in people.values()]
    print_rows(rows, COLUMNS, output)
    return 0 if rows else 1


@person_group.command("show")
def show(context: typer.Context, key: str, at: AtOption = None, output: OutputOption = Output.table) -> int:
    """One person: posts, log-ins, addresses, former units, records joined to theirs."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    with shell.runtime.database.read() as reads:
        person_id = resolve_one(shell.runtime, reads, key, as_of)
        answer = build_answer(reads, person_id, key, as_of)
    if output is Output.table:
        if find_id(key) not in (None, person_id):
            say(_("{key} was joined to {person}; this is what it answers with."), key=key, person=person_id)
        print_person(answer, shell.runtime.settings.zone)
    else:
        print_json(answer)
    return 0


for verb in (match, join, part, *daily_command.VERBS):
    person_group.command(verb.__name__)(verb)
