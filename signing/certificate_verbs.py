"""`hopnhat certificate list`, `show`, `request`, `revoke`: certificates of people and agencies."""

import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from directory.certificates import (
    KnownCertificate,
    certificates_of_people,
    certificates_of_units,
    find_by_serial,
    find_certificate,
)
from directory.errors import PersonNotFound
from directory.people import find_accounts, find_members
from directory.units import find_subtree, get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.errors import HopnhatError, NotPermitted, WrongUsage
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, print_json, print_rows, say
from signing.authority.publication import as_pem
from signing.errors import CertificateNotFound, NotOffered
from signing.pages.views import CERTIFICATE_STATES, state_of, view_requests
from signing.requests.asking import ask_revocation_for, find_open, get_holder
from signing.requests.bringing import bring_csr
from signing.requests.freshness import Present
from signing.verb_rights import SENDING, PersonOption, UnitOption, check_may, say_word

CERTIFICATE_COLUMNS = {
    "subject": _("For"),
    "state_name": _("State"),
    "valid_from": _("Since"),
    "valid_to": _("Until"),
    "issuer": _("Issued by"),
    "sha256": _("Fingerprint (SHA-256)"),
}


def list_certificates(
    context: typer.Context,
    unit: UnitOption = None,
    person: PersonOption = None,
    at: Annotated[str | None, typer.Option("--at", help="only those that count on this day")] = None,
    output: OutputOption = Output.table,
) -> int:
    """The certificates of a person, or of a unit and its people."""
    shell = get_shell(context)
    now = shell.runtime.clocks.register()
    as_of = AsOf(parse_instant(at, shell.runtime.settings.zone)) if at else None
    with shell.runtime.database.read() as reads:
        people, units = find_holders(reads, person, unit, as_of or AsOf(now))
        held = [
            *certificates_of_units(reads, units, as_of).values(),
            *certificates_of_people(reads, people, as_of).values(),
        ]
    rows = [describe_certificate(known, as_of.at if as_of else now) for group in held for known in group]
    print_rows(rows, CERTIFICATE_COLUMNS, output)
    return 0 if rows else 1


def find_holders(
    reads: Reads, person: str | None, unit: str | None, as_of: AsOf
) -> tuple[list[uuid.UUID], list[uuid.UUID]]:
    """People and units meant by the options. Raises WrongUsage without any, UnitNotFound, PersonNotFound."""
    if (person is None) == (unit is None):
        raise WrongUsage("Name either --person or --unit.")
    if person is not None:
        return [find_one_person(reads, person, as_of)], []
    assert unit is not None
    root = get_unit_by_code(reads, unit, as_of).id
    members = find_members(reads, find_subtree(reads, [root], as_of) or [root], as_of)
    return list(dict.fromkeys(post.person_id for post in members)), [root]


def find_one_person(reads: Reads, key: str, as_of: AsOf) -> uuid.UUID:
    """The person of an id or a log-in. Raises PersonNotFound."""
    try:
        return uuid.UUID(key)
    except ValueError:
        found = list(dict.fromkeys(account.person_id for account in find_accounts(reads, key, as_of)))
    if len(found) != 1:
        raise PersonNotFound(key=key)
    return found[0]


def describe_certificate(known: KnownCertificate, now: datetime) -> dict[str, Any]:
    """A certificate as a row."""
    state = state_of(known, now)
    return {
        "sha256": known.sha256,
        "serial": known.serial,
        "subject": known.subject,
        "issuer": known.issuer,
        "person": known.person_id,
        "unit": known.unit_id,
        "valid_from": known.valid_from,
        "valid_to": known.valid_to,
        "state": state,
        "state_name": say_word(CERTIFICATE_STATES[state]),
        "revoked_at": known.revoked_at,
        "reason": known.reason,
    }


def show_certificate(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="SHA256|SERIAL")],
    pem: Annotated[bool, typer.Option("--pem", help="the certificate itself")] = False,
    output: OutputOption = Output.table,
) -> int:
    """One certificate of the register."""
    shell = get_shell(context)
    with shell.runtime.database.read() as reads:
        known = get_known(reads, which)
    if pem:
        sys.stdout.write(as_pem(known.der).decode("ascii"))
        return 0
    row = describe_certificate(known, shell.runtime.clocks.register())
    if output is Output.json:
        print_json(row)
    else:
        print_rows([row], CERTIFICATE_COLUMNS, output)
    return 0


def get_known(reads: Reads, which: str) -> KnownCertificate:
    """The certificate of a fingerprint or a serial number. Raises CertificateNotFound."""
    cleaned = which.replace(":", "").strip().lower()
    known = find_certificate(reads, cleaned)
    candidates = [known] if known else find_by_serial(reads, cleaned)
    if len(candidates) != 1:
        raise CertificateNotFound(which=which)
    return candidates[0]


def request_certificate(
    context: typer.Context,
    csr: Annotated[Path, typer.Option(help="the signing request (PKCS#10)", exists=True, dir_okay=False)],
    request: Annotated[int | None, typer.Option(help="which approved request, where there are several")] = None,
) -> int:
    """Bring the signing request for one's own approved request; the certificate and its chain come out, PEM."""
    shell = get_shell(context)
    now, actor = shell.runtime.clocks.wall(), shell.actor
    if actor.person_id is None:
        raise NotPermitted("Only the holder brings a signing request; log in first.")
    with shell.runtime.database.read() as reads:
        number = request or find_own_request(reads, actor.person_id, now)
    issued = bring_csr(shell.runtime, number, Present(actor.person_id, actor.logged_in_at), csr.read_bytes())
    sys.stdout.write(as_pem(issued.certificate, *issued.chain).decode("ascii"))
    return 0


def find_own_request(reads: Reads, person_id: uuid.UUID, now: datetime) -> int:
    """The one request of this person that waits for a key. Raises NotOffered when there is none or more than one."""
    waiting = [view.id for view in view_requests(reads, find_open(reads, person_id), now) if view.wants_key]
    if len(waiting) != 1:
        raise NotOffered(
            "{count} of your requests wait for a signing request; name one by --request.", count=len(waiting)
        )
    return waiting[0]


def revoke(
    context: typer.Context,
    which: Annotated[str, typer.Argument(metavar="SHA256|SERIAL")],
    reason: Annotated[str, typer.Option(help="why, in words that its approver reads")],
    lost: Annotated[bool, typer.Option("--lost", help="the key or its device is lost or known to others")] = False,
) -> int:
    """Draft the revocation of a certificate; the head of its unit approves it."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with (
        shell.recorded_refusals("signing.request.ask", f"certificate:{which}", HopnhatError),
        shell.runtime.database.write() as writes,
    ):
        known = get_known(writes, which)
        unit_id = get_holder(writes, known, now).unit_id
        check_may(writes, shell.actor, (*SENDING, "hr", "operator"), [unit_id], now)
        made = ask_revocation_for(writes, known, shell.actor.label, reason, now, lost=lost)
    address = f"{shell.runtime.settings.issuer}/signing/dossiers/{made.dossier_id}"
    say("Dossier {number} asks for the revocation; to approve it: {address}", number=made.dossier_id, address=address)
    return 0
