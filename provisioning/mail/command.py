"""`hopnhat account contact`, `import-contacts`, `mail-codes`, `mails`: addresses outside, codes by mail, and what became of them."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer

from directory.models import Account
from directory.people import find_accounts, find_people
from directory.units import chunked, get_unit_by_code
from foundation import audit
from foundation.changes import AsOf
from foundation.database import Reads, Writes
from foundation.errors import BadInput
from foundation.i18n import Message, _
from foundation.outbox import OutboxJob
from foundation.runtime import Runtime
from foundation.shell import Actor, get_shell
from foundation.terminal import Output, OutputOption, language, print_rows, say
from provisioning.account_states import StateRefused, check_may_act, get_account
from provisioning.help_desk import CONTACT, IMPORTED, build_proof, check_limits
from provisioning.letters.command import check_people
from provisioning.letters.recipients import each_bundle
from provisioning.mail.addresses import AddressRefused, mask
from provisioning.mail.codes import ASKED, MAIL_CODE, WANTED, ask_for_codes
from provisioning.mail.contacts import clean_address, find_contacts, forget_contact, keep_contact
from provisioning.mail.settings import MailSection
from provisioning.people.keys import resolve_one
from provisioning.plan_rights import check_units
from provisioning.rosters.cells import cell_text
from provisioning.rosters.files import open_book
from provisioning.rosters.hashes_command import is_letter_only
from provisioning.settings import HelpDeskSection

DUTIES: Final = ("hr", "help_desk")
IMPORTING: Final = ("hr",)
"""Many at once are no matter of the help desk, whose limits are per account."""
FORGOTTEN: Final = "provisioning.contact.forget"
AT_ONCE: Final = 250
COLUMNS: Final = ("login", "address")
LEADS: Final = _("leads, approves or acts upon others")


class MailOff(BadInput):
    """No mail server is set."""

    code = "mail_off"
    sentence = "No mail server is set (section mail of the settings); print letters instead: hopnhat account letters"


class NoContacts(BadInput):
    """The file has no columns for log-ins and addresses."""

    code = "no_contacts"
    sentence = "The file needs the headings “login” and “address” in its first row."


def contact(
    context: typer.Context,
    key: str,
    address: Annotated[
        str | None, typer.Argument(help="the address outside; without it what is on record is shown")
    ] = None,
    proof: Annotated[str, typer.Option("--proof", help="how it is known that the address is this person's")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="take it off the record")] = False,
) -> int:
    """The address outside where a person can be reached: put on record, shown in part, or taken off."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    policy = runtime.settings[MailSection]
    with runtime.database.read() as reads:
        person_id = resolve_one(runtime, reads, key, AsOf(now))
    event = FORGOTTEN if remove else CONTACT
    with shell.recorded_refusals(event, str(person_id)), runtime.database.write() as writes:
        check_may_act(writes, shell.actor, person_id, DUTIES, now)
        if remove:
            gone = forget_contact(writes, person_id)
            audit.record(writes, now, event, shell.actor.label, str(person_id), {"found": gone})
        elif address is not None:
            told = build_proof(proof, runtime.settings[HelpDeskSection])
            clean = clean_address(address, policy)
            check_limits(writes, shell.actor, person_id, runtime.settings[HelpDeskSection], now)
            new = keep_contact(writes, runtime.sealer, person_id, clean, shell.actor.label, told, now)
            if new:
                audit.record(writes, now, event, shell.actor.label, str(person_id), {"new": new, "proof": told})
        found = find_contacts(writes, runtime.sealer, [person_id], policy, now)[person_id]
    if found.address is None:
        say(_("No address outside is on record."))
    elif found.why is not None:
        say(_("{address} is on record; no code goes there yet: {why}."), address=mask(found.address), why=found.why)
    else:
        say(_("{address} is on record; codes may go there."), address=mask(found.address))
    return 0


def import_contacts(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX with the columns login and address")],
    proof: Annotated[str, typer.Option("--proof", help="where the addresses come from; kept with each")],
) -> int:
    """Put many addresses outside on record. Exit code 1 when a line names nobody or holds no usable address."""
    shell = get_shell(context)
    runtime, counts = shell.runtime, Counter[str]()
    told = build_proof(proof, runtime.settings[HelpDeskSection])
    with shell.recorded_refusals(IMPORTED, "-"):
        for rows in chunked(read_contacts(file), AT_ONCE):
            counts += keep_contacts(runtime, shell.actor, rows, told)
    say(
        _("{new} addresses are new, {same} were on record; {unknown} lines name nobody, {refused} hold no usable address."),
        new=counts["new"], same=counts["same"], unknown=counts["unknown"], refused=counts["refused"],
    )  # fmt: skip
    return 1 if counts["unknown"] or counts["refused"] else 0


def read_contacts(file: Path) -> Iterator[tuple[str, str]]:
    """Log-in and address of each line. Raises NoContacts and what reading a file raises."""
    rows = open_book(file).sheets[0].rows()
    first = next(rows, None)
    headings = [(cell_text(cell) or "").strip().lower() for cell in first.cells] if first else []
    if not set(COLUMNS) <= set(headings):
        raise NoContacts
    places = [headings.index(column) for column in COLUMNS]
    for row in rows:
        cells = [*row.cells, *([None] * len(headings))]
        login, address = (cell_text(cells[place]) or "" for place in places)
        if login or address:
            yield login, address


def keep_contacts(runtime: Runtime, actor: Actor, rows: Iterable[tuple[str, str]], proof: str) -> Counter[str]:
    """Some lines in one short transaction; only a log-in that is one person's own counts. Raises NotPermitted."""
    now, policy = runtime.clocks.wall(), runtime.settings[MailSection]
    counts: Counter[str] = Counter()
    with runtime.database.write() as writes:
        for login, typed in rows:
            owners = [
                one for one in find_accounts(writes, login, AsOf(now)) if not one.by_alias and one.kind == "business"
            ]
            if len(owners) != 1:
                counts["unknown"] += 1
                continue
            check_may_act(writes, actor, owners[0].person_id, IMPORTING, now)
            try:
                address = clean_address(typed, policy)
            except AddressRefused:
                counts["refused"] += 1
                continue
            new = keep_contact(writes, runtime.sealer, owners[0].person_id, address, actor.label, proof, now)
            counts["new" if new else "same"] += 1
            if new:
                audit.record(
                    writes, now, IMPORTED, actor.label, str(owners[0].person_id), {"new": True, "proof": proof}
                )
    return counts


def mail_codes(
    context: typer.Context,
    unit: Annotated[str, typer.Option("--unit", help="the unit, by code, and everything under it")],
    person: Annotated[str | None, typer.Option("--person", help="only this person, by log-in or id")] = None,
    look: Annotated[bool, typer.Option("--look", help="only say who would get a mail and who needs a letter")] = False,
    output: OutputOption = Output.table,
) -> int:
    """Mail activation codes to people whose address outside is on record; the others are listed: they get a letter."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    policy, as_of = runtime.settings[MailSection], AsOf(runtime.clocks.register())
    if not policy.enabled and not look:
        raise MailOff
    with runtime.database.read() as reads:
        unit_id = get_unit_by_code(reads, unit, as_of).id
        person_id = resolve_one(runtime, reads, person, as_of) if person else None
    with shell.recorded_refusals(ASKED, str(unit_id)), runtime.database.read() as reads:
        check_units(reads, shell.actor, DUTIES, [unit_id], as_of.at)
        check_people(reads, shell.actor, unit_id, as_of, person_id, as_of.at)
        mailed, lettered = sort_out(runtime, reads, unit_id, person_id, as_of)
    if mailed and not look:
        with runtime.database.write() as writes:
            asked = ask_for_codes(writes, mailed, "activation", shell.actor.label, now)
            detail = {"asked": asked, "letters": len(lettered)}
            audit.record(writes, now, ASKED, shell.actor.label, str(unit_id), detail)
    if lettered or output is not Output.table:
        print_rows(lettered, LETTER_COLUMNS, output)
    say(_("{mails} get a mail, {letters} need a letter."), mails=len(mailed), letters=len(lettered))
    return 0


LETTER_COLUMNS: Final = {"unit": _("Unit"), "name": _("Name"), "login": _("Log-in"), "why": _("Why")}


def sort_out(
    runtime: Runtime, reads: Reads, unit_id: uuid.UUID, person_id: uuid.UUID | None, as_of: AsOf
) -> tuple[list[uuid.UUID], list[dict[str, object]]]:
    """The accounts that get a mail, and the rows of those who need a letter, with why."""
    policy, now = runtime.settings[MailSection], runtime.clocks.wall()
    mailed: list[uuid.UUID] = []
    lettered: list[dict[str, object]] = []
    for bundle in each_bundle(reads, unit_id, as_of, person_id):
        owners = find_owners(reads, [person.account_id for person in bundle.people])
        contacts = find_contacts(reads, runtime.sealer, owners.values(), policy, now)
        for person in bundle.people:
            owner = owners[person.account_id]
            why = contacts[owner].why
            if is_letter_only(reads, owner, now):
                why = Message(LEADS)
            if why is None:
                mailed.append(person.account_id)
            else:
                row = {"unit": bundle.unit.agency_name, "name": person.name, "login": person.login}
                lettered.append({**row, "why": why.show(language())})
    return mailed, lettered


def find_owners(reads: Reads, account_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Whose accounts they are."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for part in chunked(account_ids):
        rows = reads.execute(sa.select(Account.id, Account.person_id).where(Account.id.in_(part)))
        found.update({account: person for account, person in rows})  # noqa: C416 — rows do not type as pairs
    return found


def ask_for_reset(runtime: Runtime, writes: Writes, person_id: uuid.UUID, actor: Actor) -> str:
    """A code for a new password goes by mail; nobody at the help desk sees it. Gives the address as it may be shown.

    Raises MailOff, StateRefused, AddressRefused where none may go.
    """
    policy, now = runtime.settings[MailSection], runtime.clocks.wall()
    if not policy.enabled:
        raise MailOff
    account = get_account(writes, person_id)
    if account.state not in WANTED["reset"]:
        raise StateRefused(state=account.state)
    found = find_contacts(writes, runtime.sealer, [person_id], policy, now)[person_id]
    why = Message(LEADS) if is_letter_only(writes, person_id, now) else found.why
    if found.address is None or why is not None:
        raise AddressRefused(address=mask(found.address) if found.address else "—", why=why)
    ask_for_codes(writes, [account.id], "reset", actor.label, now)
    return mask(found.address)


def mails(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="also those that were sent")] = False,
    output: OutputOption = Output.table,
) -> int:
    """What became of mailed codes: waiting, given up (and why), sent. Exit code 1 while one was given up."""
    shell = get_shell(context)
    runtime, as_of = shell.runtime, AsOf(shell.runtime.clocks.register())
    with shell.recorded_refusals(ASKED, "-"), runtime.database.read() as reads:
        check_units(reads, shell.actor, (*DUTIES, "operator"), [], as_of.at)
        jobs = read_jobs(reads, every)
        owners = find_owners(reads, [uuid.UUID(job.key) for job in jobs])
        people = find_people(reads, owners.values(), as_of)
    rows: list[dict[str, object]] = []
    for job in jobs:
        person = people.get(owners[uuid.UUID(job.key)])
        rows.append(
            {
                "name": person.name if person else None,
                "login": ", ".join(person.logins[:1]) if person else None,
                "state": job.state,
                "tries": job.attempts,
                "next": job.due if job.state == "waiting" else job.done_at,
                "why": job.last_error,
            }
        )
    print_rows(rows, MAIL_COLUMNS, output)
    parked = sum(job.state == "parked" for job in jobs)
    if parked:
        say(
            _("{count} were given up; print their letters, or mend what is wrong and: hopnhat worker --retry-parked"),
            count=parked,
        )
    return 1 if parked else 0


MAIL_COLUMNS: Final = {
    "name": _("Name"), "login": _("Log-in"), "state": _("State"), "tries": _("Tries"), "next": _("When"), "why": _("Why"),
}  # fmt: skip


def read_jobs(reads: Reads, every: bool) -> Sequence[Any]:
    """The mail jobs, those that were given up first."""
    states = ("parked", "waiting", "done") if every else ("parked", "waiting")
    wanted = sa.select(OutboxJob).where(OutboxJob.kind == MAIL_CODE, OutboxJob.state.in_(states))
    return reads.execute(wanted.order_by(OutboxJob.state, OutboxJob.due, OutboxJob.id)).scalars().all()
