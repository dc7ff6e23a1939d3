"""`hopnhat dossier …` and `hopnhat certificate …`: follow requests, bring keys and certificates, have certificates revoked.

Approving has no verb here: it needs a log-in of the last minutes, which the pages ask for.
"""

import csv
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
from directory.people import find_accounts, find_members, find_posts
from directory.rights import check_right
from directory.units import find_subtree, get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.errors import BadInput, HopnhatError, NotPermitted, WrongUsage
from foundation.i18n import _, translate
from foundation.shell import Actor, Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say
from signing.authority.embedded import open_authority
from signing.authority.publication import as_pem
from signing.errors import CertificateNotFound, NotOffered
from signing.jobs import propose_for_units
from signing.models import Dossier
from signing.pages.views import CERTIFICATE_STATES, state_of, view_dossiers, view_requests
from signing.requests.asking import ask_revocation_for, find_open, get_holder
from signing.requests.bringing import bring_csr
from signing.requests.dossiers import digest_dossier, find_requests, get_dossier, list_dossiers
from signing.requests.freshness import Present
from signing.requests.importing import Imported, Incoming, import_certificates, import_list
from signing.requests.sending import send_dossier

dossier_group = typer.Typer(no_args_is_help=True, help="Requests for certificates, in batches of one unit.")
certificate_group = typer.Typer(no_args_is_help=True, help="Certificates of people and agencies.")

SEEING = ("leader", "approver", "deputy", "clerk", "focal_point", "hr", "operator")
SENDING = ("clerk", "focal_point", "leader", "approver")
IMPORTING = ("hr", "operator", "focal_point")
UnitOption = Annotated[str | None, typer.Option("--unit", metavar="CODE", help="a unit by its code")]
PersonOption = Annotated[str | None, typer.Option("--person", metavar="LOGIN|ID", help="a person by log-in or id")]

DOSSIER_COLUMNS = {
    "dossier": _("Dossier no."),
    "unit": _("Unit"),
    "about": _("Dossier"),
    "requests": _("Requests"),
    "state_name": _("State"),
}
REQUEST_COLUMNS = {
    "request": _("Request no."),
    "kind_name": _("What"),
    "subject": _("For"),
    "ground": _("Why"),
    "state_name": _("State"),
}
CERTIFICATE_COLUMNS = {
    "subject": _("For"),
    "state_name": _("State"),
    "valid_from": _("Since"),
    "valid_to": _("Until"),
    "issuer": _("Issued by"),
    "sha256": _("Fingerprint (SHA-256)"),
}


def check_may(reads: Reads, actor: Actor, duties: tuple[str, ...], units: list[uuid.UUID], now: datetime) -> None:
    """Refuse an actor without the right over these units; the owner of the database breaks the glass. Raises RightMissing."""
    if actor.person_id is not None:
        check_right(reads, actor.person_id, duties, units, AsOf(now))
    elif actor.break_glass is None:
        raise NotPermitted


def say_word(sentence: str) -> str:
    """A word of ours in the reader's language."""
    return translate(language(), sentence)


@dossier_group.command("list")
def list_all(
    context: typer.Context,
    unit: UnitOption = None,
    state: Annotated[str | None, typer.Option(help="draft, approved, sent, done or refused")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Dossiers, newest first; with --unit those of a unit and everything under it."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with (
        shell.recorded_refusals("signing.dossier.read", f"unit:{unit or '*'}", HopnhatError),
        shell.runtime.database.read() as reads,
    ):
        scope = find_subtree(reads, [get_unit_by_code(reads, unit, AsOf(now)).id], AsOf(now)) if unit else None
        rows = [row for row in list_dossiers(reads, scope) if state in (None, row.state)]
        check_may(reads, shell.actor, SEEING, sorted({row.unit_id for row in rows}, key=str), now)
        print_rows(describe_dossiers(reads, rows, now), DOSSIER_COLUMNS, output)
    return 0


def describe_dossiers(reads: Reads, rows: list[Dossier], now: datetime) -> list[dict[str, Any]]:
    """Dossiers as rows; the columns named `…_name` are in the reader's language."""
    return [
        {
            "dossier": view.id,
            "unit": view.unit,
            "about": translate(language(), view.title.text, **view.title.values)
            + (f" · {view.about}" if view.about else ""),
            "requests": view.total,
            "state": view.state,
            "state_name": say_word(view.state_name),
            "composed_at": view.composed_at,
            "approved_at": view.approved_at,
            "approved_by": view.approver,
        }
        for view in view_dossiers(reads, rows, now)
    ]


@dossier_group.command("show")
def show(context: typer.Context, number: int, output: OutputOption = Output.table) -> int:
    """One dossier with its requests and the digest an approval freezes."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with (
        shell.recorded_refusals("signing.dossier.read", f"dossier:{number}", HopnhatError),
        shell.runtime.database.read() as reads,
    ):
        dossier = get_dossier(reads, number)
        check_may(reads, shell.actor, SEEING, [dossier.unit_id], now)
        rows = find_requests(reads, number)
        about = describe_dossiers(reads, [dossier], now)[0] | {"digest": digest_dossier(dossier, rows)}
        requests = [
            {
                "request": view.id,
                "kind": view.kind,
                "kind_name": say_word(view.kind_name),
                "subject": view.subject,
                "unit": view.unit,
                "ground": say_word(view.ground),
                "legal_basis": view.legal_basis,
                "replaces": view.replaces.sha256 if view.replaces else None,
                "alternative": say_word(view.alternative_name) if view.alternative_name else None,
                "chosen_by": view.chooser,
                "choice_reason": view.choice,
                "state": view.state,
                "state_name": say_word(view.state_name),
            }
            for view in view_requests(reads, rows, now)
        ]
    if output is Output.json:
        print_json(about | {"requests": requests})
        return 0
    if output is Output.table:
        out.print(f"{about['unit']} · {about['about']} · {about['state_name']}", markup=False)
    print_rows(requests, REQUEST_COLUMNS, output)
    if output is Output.table and dossier.state == "draft":
        say("To approve it: {address}", address=f"{shell.runtime.settings.issuer}/signing/dossiers/{number}")
    return 0


@dossier_group.command("send")
def send(context: typer.Context, number: int) -> int:
    """Hand an approved dossier to the authority; the worker does it by itself soon after the approval."""
    shell = get_shell(context)
    now = shell.runtime.clocks.wall()
    with (
        shell.recorded_refusals("signing.dossier.send", f"dossier:{number}", HopnhatError),
        shell.runtime.database.write() as writes,
    ):
        check_may(writes, shell.actor, SENDING, [get_dossier(writes, number).unit_id], now)
        send_dossier(writes, open_authority(shell.runtime), number, shell.actor.label, now)
    say("Dossier {number} is with the authority.", number=number)
    return 0


@dossier_group.command("propose")
def propose(
    context: typer.Context,
    codes: Annotated[list[str], typer.Argument(metavar="CODE…")],
    since: Annotated[str, typer.Option("--since", help="the day or instant of the change of units")],
) -> int:
    """Draft what the law asks for the certificates of these units after a change of units; nothing is filed by it."""
    shell = get_shell(context)
    now, instant = shell.runtime.clocks.wall(), parse_instant(since, shell.runtime.settings.zone)
    with (
        shell.recorded_refusals("signing.dossier.compose", ", ".join(codes), HopnhatError),
        shell.runtime.database.read() as reads,
    ):
        units = [get_unit_by_code(reads, code, AsOf(max(now, instant))).id for code in codes]
        check_may(reads, shell.actor, (*SENDING, "hr"), units, now)
    made = propose_for_units(shell.runtime, units, instant, f"asked:{uuid.uuid4()}", shell.actor.label)
    say("{count} dossiers are drafted: {numbers}", count=len(made), numbers=", ".join(map(str, made)) or "—")
    return 0


@certificate_group.command("list")
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


@certificate_group.command("show")
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


@certificate_group.command("import")
def import_files(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE…", exists=True, dir_okay=False)] = None,
    person: PersonOption = None,
    unit: UnitOption = None,
    at: Annotated[str | None, typer.Option("--at", help="the day the unit bore its code")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV with the columns file, person, unit", exists=True, dir_okay=False)
    ] = None,
    revocations: Annotated[
        Path | None, typer.Option("--list", help="a revocation list", exists=True, dir_okay=False)
    ] = None,
    issuer: Annotated[Path | None, typer.Option(help="the list's authority", exists=True, dir_okay=False)] = None,
    decision: Annotated[str | None, typer.Option(help="the document it came with")] = None,
) -> int:
    """Bring certificates of another authority (PEM, DER) into the register, or what its revocation list says."""
    shell = get_shell(context)
    if revocations is not None:
        return import_revocations(shell, revocations, issuer)
    now = shell.runtime.clocks.wall()
    as_of = AsOf(parse_instant(at, shell.runtime.settings.zone) if at else shell.runtime.clocks.register())
    with (
        shell.recorded_refusals("signing.certificate.import", "certificates", HopnhatError),
        shell.runtime.database.write() as writes,
    ):
        incoming = gather(writes, list(files or ()), person, unit, manifest, as_of)
        check_may(writes, shell.actor, IMPORTING, units_of(writes, incoming, AsOf(now)), now)
        done: Imported = import_certificates(writes, incoming, shell.actor.label, now, decision)
    say("{new} certificates are new in the register, {known} were known.", new=len(done.new), known=done.known)
    return 0


def gather(
    reads: Reads, files: list[Path], person: str | None, unit: str | None, manifest: Path | None, as_of: AsOf
) -> list[Incoming]:
    """What is to be imported, each with its holder. Raises WrongUsage, BadInput, UnitNotFound, PersonNotFound."""
    if manifest is not None:
        with manifest.open(encoding="utf-8-sig", newline="") as lines:
            rows = [
                (manifest.parent / row["file"], row.get("person"), row.get("unit")) for row in csv.DictReader(lines)
            ]
    elif (person is None) == (unit is None) or not files:
        raise WrongUsage("Name the files and either --person or --unit, or a --manifest.")
    else:
        rows = [(file, person, unit) for file in files]
    found = []
    for file, holder, code in rows:
        if bool(holder) == bool(code):
            raise BadInput("{file}: name either a person or a unit.", file=str(file))
        found.append(
            Incoming(
                file.read_bytes(),
                find_one_person(reads, holder, as_of) if holder else None,
                get_unit_by_code(reads, code, as_of).id if code else None,
            )
        )
    return found


def units_of(reads: Reads, incoming: list[Incoming], as_of: AsOf) -> list[uuid.UUID]:
    """The units these certificates touch today; holders without a unit today are covered by whoever may import at all."""
    posts = find_posts(reads, {one.person_id for one in incoming if one.person_id}, as_of)
    units = {post.unit_id for group in posts.values() for post in group} | {
        one.unit_id for one in incoming if one.unit_id
    }
    return sorted(units & find_subtree(reads, units, as_of), key=str)


def import_revocations(shell: Shell, revocations: Path, issuer: Path | None) -> int:
    """What another authority's list says, into the register."""
    if issuer is None:
        raise WrongUsage("Name the certificate of the list's authority by --issuer.")
    now = shell.runtime.clocks.wall()
    with (
        shell.recorded_refusals("signing.list.import", str(revocations.name), HopnhatError),
        shell.runtime.database.write() as writes,
    ):
        check_operator(writes, shell.actor, now)
        told = import_list(writes, revocations.read_bytes(), issuer.read_bytes(), shell.actor.label, now)
    say("{count} certificates are revoked by this list.", count=len(told))
    return 0


def check_operator(reads: Reads, actor: Actor, now: datetime) -> None:
    """Refuse who may import nowhere: a list may speak of anybody's certificate. Raises NotPermitted."""
    if actor.person_id is not None:
        posts = find_posts(reads, [actor.person_id], AsOf(now)).get(actor.person_id, [])
        if any(set(IMPORTING).intersection(post.duties) for post in posts):
            return
    if actor.break_glass is None:
        raise NotPermitted


@certificate_group.command("request")
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


@certificate_group.command("revoke")
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
