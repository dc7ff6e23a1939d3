"""`hopnhat client …` and `hopnhat key …`: applications as data, and the provider's signing keys.

Acting needs the duty `operator` for the root of the register; a secret is shown once, on stdout.
"""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from foundation.errors import BadInput
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, confirm_by_typing, print_json, print_rows, say
from sso.algorithms import ALGORITHMS
from sso.clients import (
    Client,
    NewClient,
    add_client,
    change_client,
    get_client,
    list_clients,
    remove_client,
    rotate_secret,
)
from sso.keys import load_keys, make_key, retire_key
from sso.operators import operating

client_group = typer.Typer(no_args_is_help=True, help="Applications that log people in or ask by themselves.")
key_group = typer.Typer(no_args_is_help=True, help="Signing keys of the provider.")
COLUMNS = {
    "client_id": _("Id"),
    "name": _("Name"),
    "kind": _("Kind"),
    "scopes": _("Scopes"),
    "redirect_uris": _("Addresses"),
}
HIDDEN = ("secret_hash", "former_secret_hash", "former_secret_until")


def describe_client(client: Client) -> dict[str, Any]:
    """An application as data; nothing of its secret."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(client).items()
        if name not in HIDDEN
    }


def read_clients(file: Path) -> list[NewClient]:
    """The applications of a file (YAML or JSON): one, a list, or a list under `clients`. Raises BadInput."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        entries = content.get("clients", [content]) if isinstance(content, dict) else content
        return [NewClient(**entry) for entry in entries]
    except (OSError, yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        raise BadInput("{file} does not describe applications: {why}", file=str(file), why=str(error)) from error


@client_group.command("add")
def add(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="what people call it")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="a YAML or JSON file with one or more applications")
    ] = None,
    client_id: Annotated[str | None, typer.Option("--id", help="2 to 64 letters, digits, - and _")] = None,
    redirect: Annotated[
        list[str] | None, typer.Option("--redirect", help="an address to be answered at; several allowed")
    ] = None,
    after_logout: Annotated[
        list[str] | None, typer.Option("--after-logout", help="an address to go to after a log-out")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="a scope it may have; several allowed")] = None,
    home: Annotated[
        str | None, typer.Option("--home", help="where its entrance is; people find it on their page")
    ] = None,
    logout_call: Annotated[
        str | None, typer.Option("--logout-call", help="where the application is told that a session is over")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="a program without a secret on people's own machines")
    ] = False,
    pkce: Annotated[bool, typer.Option(help="whether a confidential application must send a code challenge")] = True,
    stranger: Annotated[
        bool, typer.Option("--stranger", help="not the administration's own: people are asked for consent")
    ] = False,
    output: OutputOption = Output.table,
) -> int:
    """Register applications; secrets are shown this once."""
    if file is None and not name:
        raise BadInput("Give a name, or a file with --file.")
    single = NewClient(
        name=name or "",
        client_id=client_id,
        kind="public" if public else "confidential",
        redirect_uris=tuple(redirect or ()),
        post_logout_redirect_uris=tuple(after_logout or ()),
        scopes=tuple(scope) if scope else None,
        pkce_required=pkce,
        own=not stranger,
        home_uri=home,
        backchannel_logout_uri=logout_call,
    )
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with operating(shell, "sso.client.add") as writes:
        made = [add_client(writes, new, shell.actor.label, now) for new in (read_clients(file) if file else [single])]
    show_secrets(made, output)
    return 0


def show_secrets(made: list[tuple[Client, str | None]], output: Output) -> None:
    """Ids and secrets on stdout."""
    rows = [{"client_id": client.client_id, "client_secret": secret} for client, secret in made]
    if output is Output.json:
        print_json(rows[0] if len(rows) == 1 else rows)
    else:
        print_rows(rows, {"client_id": _("Id"), "client_secret": _("Secret")}, output)
    if any(secret for _client, secret in made):
        say(_("A secret is shown only now. Keep it where the application reads it."))


@client_group.command("list")
def list_all(context: typer.Context, output: OutputOption = Output.table) -> int:
    """All applications."""
    with get_shell(context).runtime.database.read() as reads:
        rows = [describe_client(client) for client in list_clients(reads)]
    if output is not Output.json:
        rows = [
            {**row, "scopes": " ".join(row["scopes"]), "redirect_uris": " ".join(row["redirect_uris"])} for row in rows
        ]
    print_rows(rows, COLUMNS, output)
    return 0


@client_group.command("show")
def show(context: typer.Context, client_id: str, output: OutputOption = Output.table) -> int:
    """One application."""
    shell = get_shell(context)
    with shell.runtime.database.read() as reads:
        described = describe_client(get_client(reads, client_id))
    if output is Output.json:
        print_json({**described, "issuer": shell.runtime.settings.issuer})
    else:
        shown = [
            {"what": name, "value": " ".join(value) if isinstance(value, list) else value}
            for name, value in {**described, "issuer": shell.runtime.settings.issuer}.items()
        ]
        print_rows(shown, {"what": _("What"), "value": _("Value")}, output)
    return 0


@client_group.command("set")
def change(
    context: typer.Context,
    client_id: str,
    name: Annotated[str | None, typer.Option("--name", help="what people call it")] = None,
    redirect: Annotated[list[str] | None, typer.Option("--redirect", help="all addresses to be answered at")] = None,
    after_logout: Annotated[
        list[str] | None, typer.Option("--after-logout", help="all addresses to go to after a log-out")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="all scopes it may have")] = None,
    home: Annotated[str | None, typer.Option("--home", help="where its entrance is")] = None,
    logout_call: Annotated[
        str | None, typer.Option("--logout-call", help="where it is told that a session is over")
    ] = None,
    pkce: Annotated[bool | None, typer.Option(help="whether it must send a code challenge")] = None,
    own: Annotated[bool | None, typer.Option("--own/--stranger", help="whether people are not asked, or are")] = None,
) -> int:
    """Change what an application registered; what is not named stays, a list that is named is replaced."""
    named = {
        "name": name,
        "redirect_uris": redirect or None,
        "post_logout_redirect_uris": after_logout or None,
        "scopes": scope or None,
        "home_uri": home,
        "backchannel_logout_uri": logout_call,
        "pkce_required": pkce,
        "own": own,
    }
    changes = {field: value for field, value in named.items() if value is not None}
    shell = get_shell(context)
    with operating(shell, "sso.client.set", client_id) as writes:
        change_client(writes, client_id, changes, shell.actor.label, shell.runtime.clocks.wall())
    say(_("The application {id} is changed."), id=client_id)
    return 0


@client_group.command("rotate-secret")
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


@client_group.command("remove")
def remove(
    context: typer.Context,
    client_id: str,
    confirm: Annotated[str | None, typer.Option("--confirm", help="the application's id, typed again")] = None,
) -> int:
    """End an application; its id is never given again."""
    shell = get_shell(context)
    confirm_by_typing(client_id, confirm, "--confirm")
    with operating(shell, "sso.client.remove", client_id) as writes:
        remove_client(writes, client_id, shell.actor.label, shell.runtime.clocks.wall())
    say(_("The application {id} is removed; its tokens are dead."), id=client_id)
    return 0


@key_group.command("list")
def list_keys(context: typer.Context, output: OutputOption = Output.table) -> int:
    """The published signing keys."""
    runtime = get_shell(context).runtime
    with runtime.database.read() as reads:
        keys = load_keys(reads, runtime.sealer)
    rows = [{"kid": key.kid, "alg": key.alg, "signs_from": key.signs_from} for key in keys]
    print_rows(rows, {"kid": _("Id"), "alg": _("Algorithm"), "signs_from": _("Signs from")}, output)
    return 0


@key_group.command("rotate")
def rotate_keys(
    context: typer.Context,
    in_minutes: Annotated[int, typer.Option("--in-minutes", min=0, help="published at once, signs after so long")] = 60,
    alg: Annotated[str | None, typer.Option("--alg", help="RS256 or ES256; default: both")] = None,
) -> int:
    """New keys: published now, signing later, so that every application has read them by then; the old ones stay published."""
    shell = get_shell(context)
    if alg is not None and alg not in ALGORITHMS:
        raise BadInput("ID tokens are signed with RS256 or ES256.")
    now = shell.runtime.clocks.wall()
    with operating(shell, "sso.key.rotate") as writes:
        for each in ALGORITHMS if alg is None else (alg,):
            kid = make_key(
                writes, shell.runtime.sealer, each, shell.actor.label, now, now + timedelta(minutes=in_minutes)
            )
            say(_("{alg}: key {kid} signs in {minutes} minutes."), alg=each, kid=kid, minutes=in_minutes)
    return 0


@key_group.command("retire")
def retire(
    context: typer.Context,
    kid: str,
    confirm: Annotated[str | None, typer.Option("--confirm", help="the key's id, typed again")] = None,
) -> int:
    """Take a key from /jwks: what it signed is no longer believed."""
    shell: Shell = get_shell(context)
    confirm_by_typing(kid, confirm, "--confirm")
    with operating(shell, "sso.key.retire", kid) as writes:
        retire_key(writes, kid, shell.actor.label, shell.runtime.clocks.wall())
    say(_("The key {kid} is retired."), kid=kid)
    return 0
