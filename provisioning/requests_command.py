"""`hopnhat account requests`: who asked for help at the door and waits; `hopnhat account password-list`."""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from directory.chains import find_ancestors, full_name
from directory.people import PersonFacts, find_people
from directory.rights import covered_units, find_roots, is_covered
from foundation.changes import AsOf
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, print_rows, say
from provisioning.sight import find_units_of
from sso.door.breached import build_list
from sso.factors.help_requests import list_requests

DUTIES: Final = ("hr", "help_desk", "operator")
"""Whose duty it is to help."""
COLUMNS: Final = {
    "asked": _("Asked"),
    "login": _("Log-in"),
    "name": _("Name"),
    "unit": _("Unit"),
    "times": _("Times"),
}


def requests(context: typer.Context, output: OutputOption = Output.table) -> int:
    """Who cannot get in and asked for help, in the units you answer for. Exit code 1 while somebody waits."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    as_of, actor = AsOf(runtime.clocks.register()), shell.actor
    rows = []
    with runtime.database.read() as reads:
        waiting = list_requests(reads, now)
        people = find_people(reads, [one.person_id for one in waiting], as_of)
        mine = covered_units(reads, actor.person_id, DUTIES, as_of) if actor.person_id else None
        for one in waiting:
            person = people.get(one.person_id)
            if person is None or (mine is not None and not is_mine(reads, person, mine, as_of)):
                continue
            post = person.main_post
            unit = full_name(find_ancestors(reads, post.unit_id, as_of)) if post else ""
            login = person.logins[0] if person.logins else ""
            asked = as_rfc3339(one.asked_at)
            rows.append({"asked": asked, "login": login, "name": person.name, "unit": unit, "times": one.times})
    print_rows(rows, COLUMNS, output)
    if rows:
        say(_("Make sure who asks, then hand over a new code: hopnhat account reset LOGIN --proof …"))
    return 1 if rows else 0


def is_mine(reads: Reads, person: PersonFacts, mine: set[uuid.UUID], as_of: AsOf) -> bool:
    """Whether who covers these units answers for a person: by the unit of their main post; for somebody without one, whom a merger has
    left undecided, by the units that answer for them.
    """
    post = person.main_post
    if post is not None:
        return post.unit_id in mine
    answering = find_units_of(reads, [person.id], as_of)[person.id] or find_roots(reads, as_of)
    return bool(answering) and all(is_covered(reads, unit, mine, as_of) for unit in answering)


def password_list(
    lists: Annotated[
        list[Path], typer.Argument(help="text files: a password a line, or its SHA-1 with or without a count")
    ],
    out: Annotated[Path, typer.Option("--out", help="the file for [sso] breached_list")],
) -> int:
    """Make the list of known passwords that new ones are held against, without a network."""
    count = build_list(read_lines(lists), out)
    say(_("{count} passwords are in {file}. Name it under [sso] breached_list."), count=count, file=str(out))
    return 0


def read_lines(paths: Sequence[Path]) -> Iterator[str]:
    """Every line of these files; bytes that are no UTF-8 make an entry nobody can type, never an error."""
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
