"""Secrets that an operator is shown once, on stdout, and a new one for an application: `hopnhat client rotate-secret`."""

from datetime import timedelta
from typing import Annotated

import typer

from foundation.database import Writes
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, print_json, print_rows, say
from sso.client_keeping import rotate_secret
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


def show_secrets(made: list[tuple[Client, str | None]], output: Output) -> None:
    """Ids and secrets on stdout."""
    rows = [{"client_id": client.client_id, "client_secret": secret} for client, secret in made]
    if output is Output.json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        print_rows(rows, {"client_id": _("Id"), "client_secret": _("Secret")}, output)
    if any(secret for _client, secret in made):
        say(_("A secret is shown only now. Keep it where the application reads it."))


def rotate(
    context: typer.Context,
    client_id: str,
    grace_hours: Annotated[
        int, typer.Option("--grace-hours", min=0, max=720, help="how long the old secret works beside the new")
    ] = 0,
    output: OutputOption = Output.table,
) -> int:
    """A new secret, shown this once."""
    shell = get_shell(context)
    with operating(shell, "sso.client.rotate_secret", client_id) as writes:
        secret = rotate_secret(
            writes, client_id, shell.actor.label, shell.runtime.clocks.wall(), timedelta(hours=grace_hours)
        )
        client = get_client(writes, client_id)
    show_secrets([(client, secret)], output)
    return 0
