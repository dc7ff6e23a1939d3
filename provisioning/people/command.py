"""`hopnhat person …`: who somebody is."""

from typing import Annotated

import typer

from directory.errors import PersonNotFound
from directory.people import PersonFacts, find_former_units, find_people
from directory.units import find_ancestors, full_name
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, out, print_json, print_rows
from provisioning.account_states import get_account
from provisioning.people.keys import resolve_one, resolve_people

person_group = typer.Typer(no_args_is_help=True, help="People of the register.")


def describe_person(reads: Reads, person: PersonFacts, as_of: AsOf) -> dict[str, object]:
    """One person as a row."""
    post = person.main_post
    return {
        "person": person.id,
        "name": person.name,
        "login": ", ".join(person.logins),
        "unit": full_name(find_ancestors(reads, post.unit_id, as_of)) if post else None,
        "post": post.title if post else None,
    }


COLUMNS = {"name": _("Name"), "login": _("Log-in"), "unit": _("Unit"), "post": _("Post"), "person": _("Id")}


@person_group.command("find")
def find(
    context: typer.Context,
    key: str,
    at: Annotated[str | None, typer.Option("--at", help="the day of the answer")] = None,
    output: OutputOption = Output.table,
) -> int:
    """People by name, log-in, address, personal number or id."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    with shell.runtime.database.read() as reads:
        people = find_people(reads, resolve_people(shell.runtime, reads, key, as_of), as_of)
        rows = [describe_person(reads, person, as_of) for person in people.values()]
    print_rows(rows, COLUMNS, output)
    return 0 if rows else 1


def read_as_of(shell: Shell, at: str | None) -> AsOf:
    """Where the reader stands."""
    return AsOf(parse_instant(at, shell.runtime.settings.zone) if at else shell.runtime.clocks.register())


@person_group.command("show")
def show(
    context: typer.Context,
    key: str,
    at: Annotated[str | None, typer.Option("--at", help="the day of the answer")] = None,
    output: OutputOption = Output.table,
) -> int:
    """One person: posts, log-ins, addresses, former units."""
    shell = get_shell(context)
    as_of = read_as_of(shell, at)
    with shell.runtime.database.read() as reads:
        person_id = resolve_one(shell.runtime, reads, key, as_of)
        person = find_people(reads, [person_id], as_of).get(person_id)
        if person is None:
            raise PersonNotFound(key=key)
        answer = {
            "person": person.id,
            "name": person.name,
            "kind": person.kind,
            "account": get_account(reads, person_id).state,
            "logins": list(person.logins),
            "addresses": list(person.addresses),
            "posts": [
                {
                    "unit": full_name(find_ancestors(reads, post.unit_id, as_of)),
                    "title": post.title,
                    "duties": list(post.duties),
                    "main": post.main,
                    "acting": post.acting,
                    "from": post.begins,
                    "to": post.ends,
                }
                for post in person.posts
            ],
            "former_units": [
                {"unit": former.unit.agency_name, "code": former.unit.code, "until": former.until}
                for former in find_former_units(reads, person_id, as_of)
            ],
        }
    if output is Output.table:
        show_person(answer)
    else:
        print_json(answer)
    return 0


def show_person(answer: dict[str, object]) -> None:
    """One person for people."""
    out.print(f"{answer['name']}  ·  {answer['account']}  ·  {answer['person']}", markup=False)
    for key in ("logins", "addresses"):
        values = answer[key]
        assert isinstance(values, list)
        out.print(f"  {key}: {', '.join(values) or '—'}", markup=False)
    for key in ("posts", "former_units"):
        values = answer[key]
        assert isinstance(values, list)
        for value in values:
            out.print(
                "  " + " · ".join(str(part) for part in value.values() if part not in (None, [], False)), markup=False
            )
