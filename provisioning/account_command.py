"""`hopnhat person …` and `hopnhat account …`: who somebody is, and the acts upon their account."""

import uuid
from typing import Annotated

import sqlalchemy as sa
import typer

from directory.credentials import group_code
from directory.errors import PersonNotFound
from directory.models import PersonDetail
from directory.names import fold_name
from directory.people import PersonFacts, find_accounts, find_by_number, find_former_units, find_people
from directory.units import find_ancestors, full_name
from foundation import audit
from foundation.changes import AsOf, in_force
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.errors import HopnhatError, NotPermitted
from foundation.i18n import _
from foundation.runtime import Runtime
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, out, print_json, print_rows, say
from provisioning.account_states import check_may_act, get_account, move_account, reset_account
from provisioning.actors import recorded_refusal
from provisioning.letters.command import letters
from provisioning.rosters.hashes_command import import_hashes
from sso.door.guesses import open_account

person_group = typer.Typer(no_args_is_help=True, help="People of the register.")
account_group = typer.Typer(no_args_is_help=True, help="Accounts: letters, resets, suspension.")
account_group.command("letters")(letters)
account_group.command("import-hashes")(import_hashes)

MOST_FOUND = 50


def resolve_people(runtime: Runtime, reads: Reads, key: str, as_of: AsOf) -> list[uuid.UUID]:
    """The people a key may mean: a uuid, a personal number, a log-in or address, else a part of the name."""
    try:
        return [uuid.UUID(key)]
    except ValueError:
        pass
    if key.isdigit() and len(key) == 12:
        return find_by_number(reads, runtime.sealer, key, as_of)
    by_login = [account.person_id for account in find_accounts(reads, key, as_of)]
    if by_login:
        return list(dict.fromkeys(by_login))
    wanted = (
        sa.select(PersonDetail.person_id)
        .where(PersonDetail.name_key.contains(fold_name(key), autoescape=True), in_force(PersonDetail, as_of))
        .order_by(PersonDetail.name_key)
        .limit(MOST_FOUND)
    )
    return list(dict.fromkeys(reads.execute(wanted).scalars()))


def resolve_one(runtime: Runtime, reads: Reads, key: str, as_of: AsOf) -> uuid.UUID:
    """The one person a key means. Raises PersonNotFound, NotPermitted listing the candidates when there are several."""
    found = resolve_people(runtime, reads, key, as_of)
    if not found:
        raise PersonNotFound(key=key)
    if len(found) > 1:
        raise PersonAmbiguous(key=key, count=len(found))
    return found[0]


class PersonAmbiguous(HopnhatError):
    """A key that means several people."""

    code = "person_ambiguous"
    status = 409
    exit_code = 2
    sentence = "“{key}” means {count} people; “hopnhat person find” lists them with their ids."


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


ReasonOption = Annotated[str, typer.Option("--reason", help="why; kept in the audit")]


def act(context: typer.Context, key: str, verb: str, reason: str) -> int:
    """Do one of the moves for one person; a refusal is audited too."""
    shell = get_shell(context)
    runtime, now, actor = shell.runtime, shell.runtime.clocks.wall(), shell.actor
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    try:
        with runtime.database.write() as writes:
            check_may_act(writes, actor, person_id, ("hr", "help_desk"), now)
            state = move_account(writes, actor, person_id, verb, reason, now)
    except NotPermitted as error:
        with runtime.database.write() as writes:
            audit.record(
                writes,
                now,
                f"provisioning.account.{verb}",
                actor.label,
                str(person_id),
                {"why": error.shown},
                "refused",
            )
        raise
    say(_("The account is {state} now."), state=state)
    return 0


@account_group.command("suspend")
def suspend(context: typer.Context, key: str, reason: ReasonOption) -> int:
    """Shut an account at once: sessions, tokens and the directory follow."""
    return act(context, key, "suspend", reason)


@account_group.command("resume")
def resume(context: typer.Context, key: str, reason: ReasonOption) -> int:
    """Open a suspended account again."""
    return act(context, key, "resume", reason)


@account_group.command("close")
def close(context: typer.Context, key: str, reason: ReasonOption) -> int:
    """End an account for good; its log-in is never given again."""
    return act(context, key, "close", reason)


@account_group.command("reset")
def reset(
    context: typer.Context,
    key: str,
    proof: Annotated[str, typer.Option("--proof", help="how the person proved who they are; kept in the audit")],
) -> int:
    """A one-time code for a person who cannot get in; shown once, on stdout."""
    shell = get_shell(context)
    runtime, now, actor = shell.runtime, shell.runtime.clocks.wall(), shell.actor
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    try:
        with runtime.database.write() as writes:
            check_may_act(writes, actor, person_id, ("hr", "help_desk"), now)
            code = reset_account(writes, actor, person_id, proof, now)
            # Whoever guessed before must not keep the person with the new code out.
            open_account(writes, runtime.sealer, get_account(writes, person_id).id)
    except NotPermitted as error:
        with runtime.database.write() as writes:
            audit.record(
                writes, now, "provisioning.account.reset", actor.label, str(person_id), {"why": error.shown}, "refused"
            )
        raise
    say(_("Shown once; valid for seven days at {issuer}/activate:"), issuer=runtime.settings.issuer)
    out.print(group_code(code))
    return 0


@account_group.command("unlock")
def unlock(
    context: typer.Context,
    key: str,
    proof: Annotated[str, typer.Option("--proof", help="how the person proved who they are; kept in the audit")],
) -> int:
    """Open an account that too many wrong passwords had shut; the password stays as it was."""
    shell = get_shell(context)
    runtime, now, event = shell.runtime, shell.runtime.clocks.wall(), "provisioning.account.unlock"
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    with recorded_refusal(shell, event, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, ("hr", "help_desk"), now)
        open_account(writes, runtime.sealer, get_account(writes, person_id).id)
        audit.record(writes, now, event, shell.actor.label, str(person_id), {"proof": proof})
    say(_("The account is open again; the password is the old one."))
    return 0
