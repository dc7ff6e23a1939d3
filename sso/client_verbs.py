"""`hopnhat client add`, `list`, `show`, `set`, `invite`, `remove`: one application at a time, or a file of new ones.

Acting needs the duty `operator` for the root of the register.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from foundation.errors import BadInput
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, confirm_by_typing, print_json, print_rows, say
from sso.client_file import describe_client, read_clients
from sso.client_keeping import add_client, change_client, remove_client
from sso.client_places import read_place, read_with
from sso.client_registration import NewClient
from sso.client_secrets import have_keys, show_secrets
from sso.client_snippets import FILES, find_lacks, write_snippet
from sso.clients import get_client, list_clients
from sso.operators import operating
from sso.registration.initial_tokens import issue_initial_token
from sso.settings import SsoSection

COLUMNS = {
    "client_id": _("Id"),
    "name": _("Name"),
    "kind": _("Kind"),
    "scopes": _("Scopes"),
    "register_time": _("Sees the register of"),
    "redirect_uris": _("Addresses"),
}


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
    register_time: Annotated[
        str | None,
        typer.Option(
            "--register-time", help="a preview: it sees the register as of this instant, nobody else takes its tokens"
        ),
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="the code of the unit that runs it")] = None,
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
        reading = read_with(shell, writes)
        placed = replace(single, **read_place(reading, register_time, unit))
        wanted = read_clients(file, reading) if file else [placed]
        made = [add_client(writes, new, shell.actor.label, now) for new in wanted]
        have_keys(shell, writes, [client for client, _secret in made])
    show_secrets(made, output)
    return 0


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


def show(
    context: typer.Context,
    client_id: str,
    snippet: Annotated[
        str | None, typer.Option("--snippet", metavar="PROGRAM", help=f"what to paste into {', '.join(FILES)}")
    ] = None,
    output: OutputOption = Output.table,
) -> int:
    """One application; or what to paste into a common program so that it logs people in as this application."""
    shell = get_shell(context)
    with shell.runtime.database.read() as reads:
        client = get_client(reads, client_id)
    if snippet is not None:
        typer.echo(write_snippet(snippet, client, shell.runtime.settings.issuer), nl=False)
        for lack in find_lacks(snippet, client):
            say(lack)
        return 0
    described = describe_client(client)
    if output is Output.json:
        print_json({**described, "issuer": shell.runtime.settings.issuer})
    else:
        shown = [
            {"what": name, "value": " ".join(value) if isinstance(value, list) else value}
            for name, value in {**described, "issuer": shell.runtime.settings.issuer}.items()
        ]
        print_rows(shown, {"what": _("What"), "value": _("Value")}, output)
    return 0


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
    register_time: Annotated[
        str | None,
        typer.Option("--register-time", help="the instant at which it sees the register: a preview; now: no longer"),
    ] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="the code of the unit that runs it; none: no unit's")
    ] = None,
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
        changes |= read_place(read_with(shell, writes), register_time, unit)
        change_client(writes, client_id, changes, shell.actor.label, shell.runtime.clocks.wall())
    say(_("The application {id} is changed."), id=client_id)
    return 0


def invite(
    context: typer.Context,
    note: Annotated[str, typer.Argument(help="for whom; it stands in the audit")],
    uses: Annotated[int, typer.Option("--uses", min=1, max=100, help="how many applications it may register")] = 1,
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="how long it is good")] = 7,
) -> int:
    """An initial access token, with which somebody registers applications of theirs; shown this once, on stdout."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with operating(shell, "sso.client.invite") as writes:
        token = issue_initial_token(writes, note, uses, shell.actor.label, now, now + timedelta(days=days))
    print_json({"initial_access_token": token, "registration_endpoint": f"{shell.runtime.settings.issuer}/register"})
    if shell.runtime.settings[SsoSection].registration == "off":
        say(_("Registration is off in the settings: nobody can use this token yet."))
    return 0


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
