"""`hopnhat client plan` and `apply`: the applications of a file kept in version control, as the file says and no other way."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from foundation.database import Reads, Writes
from foundation.errors import TryAgain
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, print_json, print_rows, say
from sso.client_file import Change, compare, digest_of, read_clients
from sso.client_keeping import add_client, change_client, remove_client
from sso.client_places import read_with
from sso.client_registration import HOUSE, NewClient, check_new_client
from sso.client_secrets import have_keys, show_secrets
from sso.clients import Client, get_client, list_clients
from sso.operators import operating

CHANGED = {"op": _("What"), "client_id": _("Id"), "field": _("Field"), "before": _("Before"), "after": _("After")}


def plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a YAML or JSON file with all that it names, whole")],
    prune: Annotated[bool, typer.Option("--prune", help="applications the file does not name are removed")] = False,
    output: OutputOption = Output.table,
) -> int:
    """What a file would change, and the digest to apply exactly that with."""
    shell = get_shell(context)
    with shell.runtime.database.read() as reads:
        wanted = read_clients(file, read_with(shell, reads))
        changes = compare(wanted, list_clients(reads), prune=find_prunable(reads, prune=prune))
    show_changes(changes, output)
    return 0


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="the file that was planned")],
    digest: Annotated[str, typer.Option("--digest", help="the digest `client plan` printed")],
    prune: Annotated[bool, typer.Option("--prune", help="as planned")] = False,
    output: OutputOption = Output.table,
) -> int:
    """Do what was planned and nothing else; secrets of new applications are shown this once."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with operating(shell, "sso.client.apply") as writes:
        wanted = read_clients(file, read_with(shell, writes))
        changes = compare(wanted, list_clients(writes), prune=find_prunable(writes, prune=prune))
        if digest_of(changes) != digest:
            raise TryAgain("The file or the register has changed since this was planned. Please plan and read again.")
        made = do_changes(writes, changes, {str(new.client_id): new for new in wanted}, shell.actor.label, now)
        have_keys(shell, writes, [get_client(writes, each.client_id) for each in changes if each.op != "remove"])
    say(_("{count} applications are changed."), count=len(changes))
    if made:
        show_secrets(made, output)
    return 0


def find_prunable(reads: Reads, *, prune: bool) -> list[str]:
    """The applications a file may remove by not naming them: never the house's own, nor what registered itself."""
    return [
        client.client_id for client in list_clients(reads) if prune and client.own and client.client_id not in HOUSE
    ]


def do_changes(
    writes: Writes, changes: list[Change], wanted: dict[str, NewClient], actor: str, now: datetime
) -> list[tuple[Client, str | None]]:
    """Add, set and remove. Gives what was added, with its secrets."""
    made = []
    for change in changes:
        if change.op == "add":
            made.append(add_client(writes, wanted[change.client_id], actor, now))
        elif change.op == "set":
            new = check_new_client(wanted[change.client_id])
            values = {
                name: getattr(new, name) for name in NewClient.__dataclass_fields__ if name not in ("client_id", "kind")
            }
            change_client(writes, change.client_id, values, actor, now)
        else:
            remove_client(writes, change.client_id, actor, now)
    return made


def show_changes(changes: list[Change], output: Output) -> None:
    """The changes on stdout, a line a field, and how to apply them."""
    digest = digest_of(changes)
    if output is Output.json:
        listed = [{"op": each.op, "client_id": each.client_id, "fields": dict(each.fields)} for each in changes]
        print_json({"digest": digest, "changes": listed})
        return
    rows = [
        {
            "op": each.op,
            "client_id": each.client_id,
            "field": name,
            "before": in_words(before),
            "after": in_words(after),
        }
        for each in changes
        for name, (before, after) in (each.fields.items() or [("", ("", ""))])
    ]
    print_rows(rows, CHANGED, output)
    say(_("{count} applications change. Apply exactly this with --digest {digest}"), count=len(changes), digest=digest)


def in_words(value: object) -> str:
    """A value in a cell."""
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
