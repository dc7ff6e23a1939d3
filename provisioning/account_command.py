"""`hopnhat account …`: the acts upon people's accounts."""

from typing import Annotated

import typer

from directory.credentials import group_code
from foundation import audit
from foundation.changes import AsOf
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import out, say
from provisioning.account_states import check_may_act, get_account, move_account, reset_account
from provisioning.letters.command import letters
from provisioning.people.keys import resolve_one
from provisioning.rosters.hashes_command import import_hashes
from sso.door.guesses import open_account

account_group = typer.Typer(no_args_is_help=True, help="Accounts: letters, resets, suspension.")
account_group.command("letters")(letters)
account_group.command("import-hashes")(import_hashes)

ReasonOption = Annotated[str, typer.Option("--reason", help="why; kept in the audit")]


def act(context: typer.Context, key: str, verb: str, reason: str) -> int:
    """Do one of the moves for one person; a refusal is audited too."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    event = f"provisioning.account.{verb}"
    with shell.recorded_refusals(event, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, ("hr", "help_desk"), now)
        state = move_account(writes, shell.actor, person_id, verb, reason, now)
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
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    with (
        shell.recorded_refusals("provisioning.account.reset", str(person_id)),
        runtime.database.write() as writes,
    ):
        check_may_act(writes, shell.actor, person_id, ("hr", "help_desk"), now)
        code = reset_account(writes, shell.actor, person_id, proof, now)
        # Whoever guessed before must not keep the person with the new code out.
        open_account(writes, runtime.sealer, get_account(writes, person_id).id)
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
    with shell.recorded_refusals(event, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, ("hr", "help_desk"), now)
        open_account(writes, runtime.sealer, get_account(writes, person_id).id)
        audit.record(writes, now, event, shell.actor.label, str(person_id), {"proof": proof})
    say(_("The account is open again; the password is the old one."))
    return 0
