"""`hopnhat client …` and `hopnhat key …`: applications as data, and the provider's signing keys.

Acting needs the duty `operator` for the root of the register; a secret is shown once, on stdout.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from foundation.database import Reads, Writes
from foundation.errors import BadInput, TryAgain
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, confirm_by_typing, print_json, print_rows, say
from sso.algorithms import ALGORITHMS
from sso.client_file import Change, compare, describe_client, digest_of, read_clients
from sso.clients import (
    COMMAND_LINE,
    Client,
    NewClient,
    add_client,
    change_client,
    check_new_client,
    get_client,
    list_clients,
    remove_client,
    rotate_secret,
)
from sso.keys import ALWAYS, ensure_keys, find_signing, load_keys, make_key, retire_key
from sso.operators import operating
from sso.registration.initial_tokens import issue_initial_token
from sso.settings import SsoSection

client_group = typer.Typer(no_args_is_help=True, help="Applications that log people in or ask by themselves.")
key_group = typer.Typer(no_args_is_help=True, help="Signing keys of the provider.")
COLUMNS = {
    "client_id": _("Id"),
    "name": _("Name"),
    "kind": _("Kind"),
    "scopes": _("Scopes"),
    "redirect_uris": _("Addresses"),
}
CHANGED = {"op": _("What"), "client_id": _("Id"), "field": _("Field"), "before": _("Before"), "after": _("After")}


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
        have_keys(shell, writes, [client for client, _secret in made])
    show_secrets(made, output)
    return 0


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


@client_group.command("plan")
def plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a YAML or JSON file with all that it names, whole")],
    prune: Annotated[bool, typer.Option("--prune", help="applications the file does not name are removed")] = False,
    output: OutputOption = Output.table,
) -> int:
    """What a file would change, and the digest to apply exactly that with."""
    with get_shell(context).runtime.database.read() as reads:
        changes = compare(read_clients(file), list_clients(reads), prune=find_prunable(reads, prune=prune))
    show_changes(changes, output)
    return 0


@client_group.command("apply")
def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="the file that was planned")],
    digest: Annotated[str, typer.Option("--digest", help="the digest `client plan` printed")],
    prune: Annotated[bool, typer.Option("--prune", help="as planned")] = False,
    output: OutputOption = Output.table,
) -> int:
    """Do what was planned and nothing else; secrets of new applications are shown this once."""
    shell = get_shell(context)
    now, wanted = shell.runtime.clocks.wall(), read_clients(file)
    with operating(shell, "sso.client.apply") as writes:
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
    house = (COMMAND_LINE, "signing")
    return [
        client.client_id for client in list_clients(reads) if prune and client.own and client.client_id not in house
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


@client_group.command("invite")
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
    alg: Annotated[str | None, typer.Option("--alg", help="RS256, PS256, ES256 or EdDSA; default: all in use")] = None,
) -> int:
    """New keys: published now, signing later, so that every application has read them by then; the old ones stay published."""
    shell = get_shell(context)
    if alg is not None and alg not in ALGORITHMS:
        raise BadInput("ID tokens are signed with RS256, PS256, ES256 or EdDSA.")
    now = shell.runtime.clocks.wall()
    with operating(shell, "sso.key.rotate") as writes:
        signing = {known for known, _kid, since in find_signing(writes) if since <= now}
        for each in sorted(signing or ALWAYS) if alg is None else (alg,):
            # The first key of its algorithm signs at once: there is none to sign meanwhile.
            minutes = in_minutes if each in signing else 0
            signs_from = now + timedelta(minutes=minutes)
            kid = make_key(writes, shell.runtime.sealer, each, shell.actor.label, now, signs_from)
            say(_("{alg}: key {kid} signs in {minutes} minutes."), alg=each, kid=kid, minutes=minutes)
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
