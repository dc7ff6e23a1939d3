"""`hopnhat report readiness`: what is ready by which deadline, as screen, data or files."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from foundation.errors import WrongUsage
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, say
from provisioning.reports import readiness_sheet
from provisioning.reports.files import tell, write_files
from provisioning.reports.questions import (
    AtOption,
    ByOption,
    HtmlOption,
    KnownOption,
    LanguageOption,
    PdfOption,
    UnitOption,
    XlsxOption,
    check_level,
    read_question,
)
from provisioning.reports.readiness import Readiness, TaskLine, build_readiness
from provisioning.reports.tasks import read_deadlines

ON_SCREEN: Final = 12


def readiness(
    context: typer.Context,
    deadlines: Annotated[
        Path | None,
        typer.Option("--deadlines", help="the file of deadlines, YAML; the telegram's of June 2025 by default"),
    ] = None,
    at: AtOption = None,
    known_at: KnownOption = None,
    unit: UnitOption = None,
    by: ByOption = None,
    days: Annotated[float, typer.Option("--days", min=0.04, max=90, help="over how many days the rate is taken")] = 3,
    task: Annotated[str | None, typer.Option("--task", help="the units of one task, by its id")] = None,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    pdf: PdfOption = None,
    paper: LanguageOption = None,
    output: OutputOption = Output.table,
) -> int:
    """What is ready by which deadline, who answers for it, how fast it goes; exit code 1 while something is behind."""
    shell = get_shell(context)
    runtime, settings = shell.runtime, shell.runtime.settings
    check_level(by)
    tasks = read_deadlines(deadlines)
    if task is not None and task not in {one.id for one in tasks.tasks}:
        raise WrongUsage("“{task}” is not one of {tasks}.", task=task, tasks=", ".join(one.id for one in tasks.tasks))
    with runtime.database.read() as reads:
        asked = read_question(shell, reads, at, known_at, unit, paper)
        found = build_readiness(
            reads, tasks, asked.as_of, asked.now, settings.zone, asked.root, by, timedelta(days=days)
        )  # fmt: skip
    sheet = readiness_sheet.build_sheet(found, asked.paper, settings.zone, settings.title)
    write_files(sheet, asked.now, html, xlsx, pdf)
    if output is Output.json:
        print_json(as_data(found))
    elif output is Output.csv:
        rows = each_figure(found)
        print_rows(rows, {key: key for key in rows[0]}, output)
    else:
        shown = readiness_sheet.build_sheet(found, language(), settings.zone, settings.title, compact=True)
        tell(shown, [table for table in shown.tables if table.name == (task or "tasks")], None if task else ON_SCREEN)
        if task is None:
            say(_("The units of one task: --task {task}"), task=found.lines[0].task.id)
    return 1 if any(line.late and line.progress.now.of for line in found.lines) else 0


def as_data(found: Readiness) -> dict[str, Any]:
    """The report as data."""
    return {
        "at": found.as_of.at,
        "known_at": found.as_of.known_at or found.made_at,
        "unit": found.scope.code if found.scope else None,
        "by": found.level,
        "rate_days": found.window.total_seconds() / 86400,
        "tasks": [describe_task(line) for line in found.lines],
    }


def describe_task(line: TaskLine) -> dict[str, Any]:
    """One task with its units."""
    return {
        "id": line.task.id,
        "title": line.task.title.model_dump(),
        "due": line.task.due,
        "deadline": line.deadline,
        "owner": line.task.owner,
        "measure": line.task.measure,
        **describe_progress(line.progress),
        "first": {"done": line.first.done, "of": line.first.of} if line.first else None,
        "corrected": {"done": line.corrected.done, "of": line.corrected.of} if line.corrected else None,
        "late": line.late,
        "waits_for": list(line.waits_for),
        "units": [
            {
                "unit": part.group.unit.id,
                "code": part.group.unit.code,
                "name": part.group.unit.agency_name,
                "itself": part.group.own,
                "owner": part.owner,
                **describe_progress(part.progress),
            }
            for part in line.groups
        ],
    }


def describe_progress(progress: Any) -> dict[str, Any]:
    """A figure as data."""
    return {
        "done": progress.now.done,
        "of": progress.now.of,
        "left": progress.now.left,
        "rate_per_day": round(progress.rate, 3) if progress.rate is not None else None,
        "ready_on": progress.ready_on,
    }


def each_figure(found: Readiness) -> list[dict[str, object]]:
    """One row for each task and unit, the task's whole first (unit empty)."""
    rows: list[dict[str, object]] = []
    fixed = {"at": found.as_of.at, "known_at": found.as_of.known_at or found.made_at}
    for line in found.lines:
        head = {**fixed, "task": line.task.id, "due": line.task.due}
        whole = {"code": None, "unit": None, "owner": line.task.owner}
        rows.append({**head, **whole, **describe_progress(line.progress)})
        rows += [
            {
                **head, "code": part.group.unit.code, "unit": part.group.unit.agency_name, "owner": part.owner,
                **describe_progress(part.progress),
            }
            for part in line.groups
        ]  # fmt: skip
    return rows
