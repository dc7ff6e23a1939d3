"""`hopnhat audit …`: list, verify, export."""

from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
import typer

from foundation import audit
from foundation.audit import AuditRow
from foundation.clocks import parse_instant
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, print_json, print_json_line, print_rows, say

audit_group = typer.Typer(no_args_is_help=True, help="What was done, by whom; sealed.")

COLUMNS = {"at": _("When"), "event": _("What"), "actor": _("Who"), "subject": _("To what"), "outcome": _("Outcome")}


def select_rows(event: str | None, actor: str | None, since: datetime | None) -> sa.Select[AuditRow]:
    """The rows wanted, in order."""
    wanted = sa.select(AuditRow).order_by(AuditRow.id)
    if event is not None:
        wanted = wanted.where(AuditRow.event.startswith(event, autoescape=True))
    if actor is not None:
        wanted = wanted.where(AuditRow.actor == actor)
    if since is not None:
        wanted = wanted.where(AuditRow.at >= since)
    return wanted


def describe_row(row: AuditRow) -> dict[str, object]:
    """An audit row for people and programs."""
    return {
        "id": row.id,
        "at": row.at,
        "event": row.event,
        "actor": row.actor,
        "subject": row.subject,
        "outcome": row.outcome,
        "detail": row.detail,
        "request": row.request_id,
        "seal": row.seal,
    }


@audit_group.command("list")
def list_rows(
    context: typer.Context,
    event: Annotated[str | None, typer.Option(help="how the event's name begins")] = None,
    actor: Annotated[str | None, typer.Option(help="who")] = None,
    since: Annotated[str | None, typer.Option(help="from this day on")] = None,
    most: Annotated[int, typer.Option(help="at most so many, the latest")] = 50,
    output: OutputOption = Output.table,
) -> int:
    """The latest deeds."""
    shell = get_shell(context)
    start = parse_instant(since, shell.runtime.settings.zone) if since else None
    with shell.runtime.database.read() as reads:
        wanted = select_rows(event, actor, start).order_by(None).order_by(AuditRow.id.desc()).limit(most)
        rows = [describe_row(row) for row in reads.execute(wanted).scalars()][::-1]
    print_rows(rows, COLUMNS, output)
    return 0


@audit_group.command("verify")
def verify(context: typer.Context, output: OutputOption = Output.table) -> int:
    """Walk the sealed chain and compare it with the heads outside the database; 1 when something was touched."""
    runtime = get_shell(context).runtime
    with runtime.database.read() as reads:
        verdict = audit.verify(reads, runtime.audit_key)
    if output is Output.json:
        print_json(verdict)
    else:
        for finding in verdict.findings:
            say("{code}: {sentence}", code=finding.code, sentence=finding.sentence)
        say(
            _(
                "{rows} rows in {seals} seals are as they were written; {unsealed} are not sealed yet; {findings} findings."
            ),
            rows=verdict.rows,
            seals=verdict.seals,
            unsealed=verdict.unsealed,
            findings=len(verdict.findings),
        )
    return 1 if verdict.findings else 0


@audit_group.command("export")
def export(context: typer.Context, since: Annotated[str | None, typer.Option(help="from this day on")] = None) -> int:
    """Every deed as JSON Lines, for a central log."""
    shell = get_shell(context)
    start = parse_instant(since, shell.runtime.settings.zone) if since else None
    with shell.runtime.database.read() as reads:
        for row in reads.execute(select_rows(None, None, start).execution_options(yield_per=1000)).scalars():
            print_json_line(describe_row(row))
    return 0
