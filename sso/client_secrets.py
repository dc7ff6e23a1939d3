"""Secrets that an operator is shown once, on stdout, and new ones for one application or all of a unit: `hopnhat client
rotate-secret`.
"""

from datetime import timedelta
from typing import Annotated

import typer

from foundation.changes import AsOf
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.i18n import _, translate
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, say
from sso.client_keeping import rotate_secret
from sso.client_owners import find_clients_under, find_unit_named
from sso.client_rotation import NEW, Turn, digest_turns, plan_rotation, rotate_all
from sso.clients import Client, get_client
from sso.keys import ensure_keys
from sso.operators import operating


def have_keys(shell: Shell, writes: Writes, clients: list[Client]) -> None:
    """Have a signing key for whatever algorithm these applications want."""
    wanted = {
        alg for each in clients for alg in (each.id_token_alg, each.particulars.userinfo_signed_response_alg) if alg
    }
    now = shell.runtime.clocks.wall()
    ensure_keys(writes, shell.runtime.sealer, shell.actor.label, now, tuple(sorted(wanted)))


def show_secrets(made: list[tuple[Client, str | None]], output: Output, *, every: bool = False) -> None:
    """Ids and secrets on stdout; in JSON a single one stands alone, unless a list of `every` one was asked for."""
    rows = [{"client_id": client.client_id, "client_secret": secret} for client, secret in made]
    if output is Output.json:
        print_json(rows[0] if len(rows) == 1 and not every else rows)
    else:
        print_rows(rows, {"client_id": _("Id"), "client_secret": _("Secret")}, output)
    if any(secret for _client, secret in made):
        say(_("A secret is shown only now. Keep it where the application reads it."))


def rotate(
    context: typer.Context,
    client_id: Annotated[str | None, typer.Argument(help="one application; or all of a unit with --unit")] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="all applications of the unit of this code and of everything under it")
    ] = None,
    digest: Annotated[
        str | None, typer.Option("--digest", help="with --unit: do what was planned; without, it is only shown")
    ] = None,
    grace_hours: Annotated[
        int, typer.Option("--grace-hours", min=0, max=720, help="how long the old secret works beside the new")
    ] = 0,
    output: OutputOption = Output.table,
) -> int:
    """A new secret, shown this once; for a whole unit first the plan, then with its digest all at once."""
    shell = get_shell(context)
    grace = timedelta(hours=grace_hours)
    if (client_id is None) == (unit is None) or (digest is not None and unit is None):
        raise BadInput("Name one application, or a unit with --unit.")
    if unit is not None:
        return rotate_unit(shell, unit, digest, grace, output)
    assert client_id is not None
    with operating(shell, "sso.client.rotate_secret", client_id) as writes:
        secret = rotate_secret(writes, client_id, shell.actor.label, shell.runtime.clocks.wall(), grace)
        client = get_client(writes, client_id)
    show_secrets([(client, secret)], output)
    return 0


def rotate_unit(shell: Shell, unit: str, digest: str | None, grace: timedelta, output: Output) -> int:
    """The applications of a unit: shown with the digest, or given new secrets with it."""
    if digest is None:
        with shell.runtime.database.read() as reads:
            turns = find_turns(shell, reads, unit)
        show_turns(turns, digest_turns(turns, grace), output)
        return 0
    with operating(shell, "sso.client.rotate_secret", unit) as writes:
        turns, now = find_turns(shell, writes, unit), shell.runtime.clocks.wall()
        made = rotate_all(writes, turns, digest, grace, shell.actor.label, now)
    say(_("{count} applications have new secrets."), count=len(made))
    show_secrets(made, output, every=True)
    return 0


def find_turns(shell: Shell, reads: Reads, unit: str) -> list[Turn]:
    """What would happen to the applications of a unit. Raises UnitNotFound."""
    as_of = AsOf(shell.runtime.clocks.register())
    return plan_rotation(find_clients_under(reads, find_unit_named(reads, as_of, unit), as_of))


def show_turns(turns: list[Turn], digest: str, output: Output) -> None:
    """The plan on stdout, and how to do exactly that."""
    rows = [{"client_id": turn.client.client_id, "name": turn.client.name, "what": turn.what} for turn in turns]
    if output is Output.json:
        print_json({"digest": digest, "applications": rows})
        return
    shown = [{**row, "what": translate(language(), row["what"])} for row in rows]
    print_rows(shown, {"client_id": _("Id"), "name": _("Name"), "what": _("What")}, output)
    count = sum(turn.what == NEW for turn in turns)
    say(_("{count} applications get new secrets. Do exactly this with --digest {digest}"), count=count, digest=digest)
