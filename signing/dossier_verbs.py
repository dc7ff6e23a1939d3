"""`hopnhat dossier list`, `show`, `send`, `propose`: requests for certificates, in batches of one unit.

Approving has no verb here: it needs a log-in of the last minutes, which the pages ask for.
"""

import uuid
from datetime import datetime
from typing import Annotated, Any

import typer

from directory.units import find_subtree, get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.errors import HopnhatError
from foundation.i18n import _, translate
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say
from signing.authority.embedded import open_authority
from signing.jobs import propose_for_units
from signing.models import Dossier
from signing.pages.views import view_dossiers, view_requests
from signing.requests.dossiers import digest_dossier, find_requests, get_dossier, list_dossiers
from signing.requests.sending import send_dossier
from signing.verb_rights import SEEING, SENDING, UnitOption, check_may, say_word

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
