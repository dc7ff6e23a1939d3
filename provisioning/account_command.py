"""`hopnhat account …`: the acts upon people's accounts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from directory.credentials import group_code
from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import local_day
from foundation.database import Writes
from foundation.errors import WrongUsage
from foundation.i18n import _
from foundation.shell import Shell, get_shell
from foundation.terminal import out, say
from provisioning.account_kinds import PREFIXES
from provisioning.account_kinds_command import list_kinds, open_kind
from provisioning.account_states import CODE_DAYS, check_may_act, get_account, move_account, reset_account
from provisioning.help_desk import RESET, UNLOCK, build_proof, check_limits
from provisioning.letters.command import letters
from provisioning.mail.address_command import addresses, aliases
from provisioning.mail.command import ask_for_reset, contact, import_contacts, mail_codes, mails
from provisioning.people.keys import resolve_one
from provisioning.requests_command import password_list, requests
from provisioning.rosters.hashes_command import import_hashes
from provisioning.settings import HelpDeskSection
from sso.door.guesses import open_account
from sso.factors.loss import drop_factors
from sso.factors.review import Held, ask_for_review, list_factors

account_group = typer.Typer(no_args_is_help=True, help="Accounts: letters, resets, suspension.")
account_group.command("letters")(letters)
account_group.command("import-hashes")(import_hashes)
account_group.command("contact")(contact)
account_group.command("import-contacts")(import_contacts)
account_group.command("mail-codes")(mail_codes)
account_group.command("mails")(mails)
account_group.command("requests")(requests)
account_group.command("password-list")(password_list)
account_group.command("addresses")(addresses)
account_group.command("aliases")(aliases)
account_group.command("open")(open_kind)
account_group.command("list")(list_kinds)

ReasonOption = Annotated[str, typer.Option("--reason", help="why; kept in the audit")]
KindOption = Annotated[str, typer.Option("--kind", help="business | administration | technical")]


def duties_for(kind: str) -> tuple[str, ...]:
    """Who may act upon an account of this kind: an operator alone upon those that act upon others."""
    if kind not in ("business", *PREFIXES):
        raise WrongUsage("“{level}” is not one of {levels}.", level=kind, levels=", ".join(("business", *PREFIXES)))
    return ("hr", "help_desk") if kind == "business" else ("operator",)


def act(context: typer.Context, key: str, verb: str, reason: str, kind: str) -> int:
    """Do one of the moves for one person; a refusal is audited too."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    event = f"provisioning.account.{verb}"
    with shell.recorded_refusals(event, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, duties_for(kind), now)
        state = move_account(writes, shell.actor, person_id, verb, reason, now, kind)
    say(_("The account is {state} now."), state=state)
    return 0


@account_group.command("suspend")
def suspend(context: typer.Context, key: str, reason: ReasonOption, kind: KindOption = "business") -> int:
    """Shut an account at once: sessions, tokens and the directory follow, and the person's accounts of other kinds."""
    return act(context, key, "suspend", reason, kind)


@account_group.command("resume")
def resume(context: typer.Context, key: str, reason: ReasonOption, kind: KindOption = "business") -> int:
    """Open a suspended account again."""
    return act(context, key, "resume", reason, kind)


@account_group.command("close")
def close(context: typer.Context, key: str, reason: ReasonOption, kind: KindOption = "business") -> int:
    """End an account for good; its log-in is never given again."""
    return act(context, key, "close", reason, kind)


LEFT: Final = {
    "passkey": _("This account keeps the passkey “{name}”, set up {day}."),
    "app": _("This account keeps an app for codes, set up {day}."),
    "codes": _("This account keeps recovery codes, made {day}."),
}
ProofOption = Annotated[
    str,
    typer.Option("--proof", help="how the person proved who they are: what was shown, where, who was asked; is kept"),
]


@account_group.command("reset")
def reset(
    context: typer.Context,
    key: str,
    proof: ProofOption,
    by_mail: Annotated[
        bool, typer.Option("--by-mail", help="mail the code to the address on record; nobody here sees it")
    ] = False,
    kind: KindOption = "business",
    lost_factors: Annotated[
        bool,
        typer.Option("--lost-factors", help="phone and recovery codes are lost, too: take all second factors away"),
    ] = False,
) -> int:
    """A one-time code for a person who cannot get in; shown once, on stdout, or mailed."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with shell.runtime.database.read() as reads:
        person_id = resolve_one(shell.runtime, reads, key, AsOf(now))
    asked = Reset(person_id, proof, kind, lost_factors, now)
    if by_mail:
        mail_code(shell, asked)
    else:
        show_code(shell, asked)
    return 0


@dataclass(frozen=True)
class Reset:
    """What the help desk asks for: whose account, the proof of who they are, which account, whether factors go; and when."""

    person_id: uuid.UUID
    proof: str
    kind: str
    lost_factors: bool
    at: datetime


def show_code(shell: Shell, asked: Reset) -> None:
    """A new code, shown once on stdout, to be handed over in person."""
    runtime, person = shell.runtime, asked.person_id
    with shell.recorded_refusals(RESET, str(person)), runtime.database.write() as writes:
        check_reset(writes, shell, asked)
        proof = build_proof(asked.proof, runtime.settings[HelpDeskSection])
        code = reset_account(writes, shell.actor, person, proof, asked.at, asked.kind)
        left = secure_account(writes, shell, asked)
    tell_left(left, runtime.settings.zone)
    say(_("Shown once; valid for seven days at {issuer}/activate:"), issuer=runtime.settings.issuer)
    out.print(group_code(code))


def mail_code(shell: Shell, asked: Reset) -> None:
    """A new code to the address on record: nobody here sees it."""
    runtime, person = shell.runtime, asked.person_id
    with shell.recorded_refusals(RESET, str(person)), runtime.database.write() as writes:
        check_reset(writes, shell, asked)
        check_mailable(asked)
        proof = build_proof(asked.proof, runtime.settings[HelpDeskSection])
        address = ask_for_reset(runtime, writes, person, shell.actor)
        audit.record(writes, asked.at, RESET, shell.actor.label, str(person), {"proof": proof, "by": "mail"})
        left = secure_account(writes, shell, asked)
    tell_left(left, runtime.settings.zone)
    say(_("The code goes to {address}; until it is used the old password stays."), address=address)


def check_reset(writes: Writes, shell: Shell, asked: Reset) -> None:
    """Refuse whoever may not reset this account, or has helped too often. Raises NotPermitted."""
    check_may_act(writes, shell.actor, asked.person_id, duties_for(asked.kind), asked.at)
    check_limits(writes, shell.actor, asked.person_id, shell.runtime.settings[HelpDeskSection], asked.at)


def check_mailable(asked: Reset) -> None:
    """Refuse to mail a code that must be handed over in person. Raises WrongUsage."""
    if asked.kind != "business":
        raise WrongUsage("Only a business account gets its code by mail.")
    if asked.lost_factors:
        raise WrongUsage("Who takes second factors away hands the code over in person, not by mail.")


def secure_account(writes: Writes, shell: Shell, asked: Reset) -> Sequence[Held]:
    """Open the account for its owner alone, without factors that are lost. Gives those it keeps, for the owner to look at."""
    account = get_account(writes, asked.person_id, asked.kind).id
    # Whoever guessed before must not keep the person with the new code out.
    open_account(writes, shell.runtime.sealer, account, asked.at)
    if asked.lost_factors:
        drop_factors(writes, account, shell.actor.label, asked.at)
    # From now on, not from the day the code is used: whoever has the account could get another password first, and end the code.
    ask_for_review(writes, account, asked.at + timedelta(days=CODE_DAYS))
    return list_factors(writes, account)


def tell_left(left: Sequence[Held], zone: ZoneInfo) -> None:
    """What the account keeps, and that somebody has to ask about it."""
    for held in left:
        say(LEFT[held.kind], name=held.name, day=local_day(held.made_at, zone))
    if left:
        say(_("Ask whether these are theirs. If one is not, or lost: the same once more with --lost-factors."))


@account_group.command("unlock")
def unlock(context: typer.Context, key: str, proof: ProofOption, kind: KindOption = "business") -> int:
    """Open an account that too many wrong passwords had shut; the password stays as it was."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    policy = runtime.settings[HelpDeskSection]
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    with shell.recorded_refusals(UNLOCK, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, duties_for(kind), now)
        check_limits(writes, shell.actor, person_id, policy, now)
        told = build_proof(proof, policy)
        open_account(writes, runtime.sealer, get_account(writes, person_id, kind).id, now)
        audit.record(writes, now, UNLOCK, shell.actor.label, str(person_id), {"proof": told, "kind": kind})
    say(_("The account is open again; the password is the old one."))
    return 0
