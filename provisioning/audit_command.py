"""`hopnhat audit …`: list, verify, export."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated, Final

import sqlalchemy as sa
import typer

from directory.models import Account, Person
from foundation import audit
from foundation.audit import AuditRow
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import _
from foundation.shell import Actor, get_shell
from foundation.terminal import Output, OutputOption, print_json, print_json_line, print_rows, say
from provisioning.people.keys import find_id
from provisioning.sight import check_sees_all, find_seen, find_sight

READ: Final = "provisioning.audit.read"
AT_ONCE: Final = 500

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


def each_seen(reads: Reads, actor: Actor, rows: Iterable[AuditRow], as_of: AsOf) -> Iterator[AuditRow]:
    """Those of the rows the actor may read, in the same order. Raises NotPermitted when nobody is logged in."""
    waiting = iter(rows)
    some = list(islice(waiting, AT_ONCE))
    sight = find_sight(reads, actor, as_of)
    while some:
        owners = {} if sight.everything else find_owners(reads, some)
        seen = find_seen(reads, sight, owners.values(), as_of)
        for row in some:
            if sight.everything or row.actor == actor.label or owners.get(row.subject or "") in seen:
                yield row
        some = list(islice(waiting, AT_ONCE))


def find_owners(reads: Reads, rows: Iterable[AuditRow]) -> dict[str, uuid.UUID]:
    """Which person a row's subject is: by their own id or that of an account of theirs."""
    ids = {row.subject: written for row in rows if row.subject and (written := find_id(row.subject))}
    owners: dict[str, uuid.UUID] = {}
    people = set(reads.execute(sa.select(Person.id).where(Person.id.in_(ids.values()))).scalars())
    held = sa.select(Account.id, Account.person_id).where(Account.id.in_(ids.values()))
    accounts = {row.id: row.person_id for row in reads.execute(held)}
    for subject, written in ids.items():
        owner = written if written in people else accounts.get(written)
        if owner is not None:
            owners[subject] = owner
    return owners


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
    """The latest deeds: all for who has a right over everything, else your own and those upon people of your units."""
    shell = get_shell(context)
    start = parse_instant(since, shell.runtime.settings.zone) if since else None
    with shell.recorded_refusals(READ), shell.runtime.database.read() as reads:
        wanted = select_rows(event, actor, start).order_by(None).order_by(AuditRow.id.desc())
        as_of = AsOf(shell.runtime.clocks.register())
        found = reads.execute(wanted.execution_options(yield_per=AT_ONCE)).scalars()
        rows = [describe_row(row) for row in islice(each_seen(reads, shell.actor, found, as_of), most)][::-1]
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
    """Every deed as JSON Lines, for a central log; needs a right over everything."""
    shell = get_shell(context)
    start = parse_instant(since, shell.runtime.settings.zone) if since else None
    with shell.recorded_refusals(READ), shell.runtime.database.read() as reads:
        check_sees_all(reads, shell.actor, AsOf(shell.runtime.clocks.register()))
        for row in reads.execute(select_rows(None, None, start).execution_options(yield_per=1000)).scalars():
            print_json_line(describe_row(row))
    return 0
