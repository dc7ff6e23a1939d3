"""`hopnhat report …`: readiness, accounts, coverage; on the screen, as data, or as a file to be sent: HTML, XLSX, one page of PDF.

Figures are for whoever may use the command line; lists with people's names need a right over their units, and are audited.
"""

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer

from directory.units import UnitFacts, get_unit_by_code
from foundation import audit
from foundation.audit import AuditRow
from foundation.changes import AsOf
from foundation.clocks import local_day, parse_instant
from foundation.database import Reads
from foundation.errors import BadInput, WrongUsage
from foundation.i18n import LANGUAGES, _
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say
from provisioning.letters.printing import EVENT as PRINTED
from provisioning.plan_rights import check_units
from provisioning.reports import accounts_sheet, coverage_sheet, readiness_sheet
from provisioning.reports.census import PLACES, Census, take_census
from provisioning.reports.coverage import LISTS, Coverage, Survey, build_coverage
from provisioning.reports.groups import LEVELS, Group, choose_level, gather_groups
from provisioning.reports.html import write_html
from provisioning.reports.one_page import write_page
from provisioning.reports.readiness import Readiness, TaskLine, build_readiness, read_scope
from provisioning.reports.screen import draw_screen
from provisioning.reports.sheets import Sheet, show_day
from provisioning.reports.tasks import EXAMPLE, build_schema, read_deadlines
from provisioning.reports.workbook import write_workbook

report_group = typer.Typer(no_args_is_help=True, help="What is ready by which deadline, and who still lacks what.")

LISTED: Final = "provisioning.report.list"
READING: Final = ("hr", "help_desk", "operator", "leader", "deputy")
"""Duties whose holders may read lists with the names of their units' people."""
NARROWEST: Final = 80
ON_SCREEN: Final = 12

AtOption = Annotated[
    str | None, typer.Option("--at", help="the instant whose units and people are counted; now by default")
]
KnownOption = Annotated[str | None, typer.Option("--known-at", help="as it was known then; repeats an earlier report")]
UnitOption = Annotated[str | None, typer.Option("--unit", help="only what lies under this unit, by code")]
ByOption = Annotated[str | None, typer.Option("--by", help=" | ".join(LEVELS))]
HtmlOption = Annotated[Path | None, typer.Option("--html", help="write one HTML file that can be mailed")]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", help="write a workbook")]
PdfOption = Annotated[Path | None, typer.Option("--pdf", help="write one page of A4")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="language of the files: vi or en")]


@dataclass(frozen=True)
class Question:
    """Of which instant, known when, about which unit, in which language the files are."""

    as_of: AsOf
    now: datetime
    root: UnitFacts | None
    paper: str


def read_question(
    shell: Shell, reads: Reads, at: str | None, known_at: str | None, unit: str | None, paper: str | None
) -> Question:
    """The options as values. Raises BadInput, UnitNotFound."""
    runtime, zone = shell.runtime, shell.runtime.settings.zone
    if paper is not None and paper not in LANGUAGES:
        raise BadInput("The language is {languages}.", languages=" | ".join(LANGUAGES))
    as_of = AsOf(
        parse_instant(at, zone) if at else runtime.clocks.register(),
        parse_instant(known_at, zone) if known_at else None,
    )
    root = get_unit_by_code(reads, unit, as_of) if unit else None
    return Question(as_of, runtime.clocks.wall(), root, paper or runtime.settings.language)


def check_level(by: str | None) -> None:
    """Refuse a level that does not exist."""
    if by is not None and by not in LEVELS:
        raise WrongUsage("“{level}” is not one of {levels}.", level=by, levels=", ".join(LEVELS))


# --- readiness -----------------------------------------------------------------------------------------------------


@report_group.command("readiness")
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


# --- accounts ------------------------------------------------------------------------------------------------------


@report_group.command("accounts")
def accounts(
    context: typer.Context,
    at: AtOption = None,
    known_at: KnownOption = None,
    unit: UnitOption = None,
    by: ByOption = None,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    paper: LanguageOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Accounts and letters: every official of every unit in exactly one column."""
    shell = get_shell(context)
    runtime, settings = shell.runtime, shell.runtime.settings
    check_level(by)
    with runtime.database.read() as reads:
        asked = read_question(shell, reads, at, known_at, unit, paper)
        units = read_scope(reads, asked.as_of, asked.root)
        census = take_census(reads, asked.as_of, asked.now)
        inside = Census(
            census.as_of, census.states_at, {key: census.units[key] for key in census.units if key in units},
            census.outside,
        )  # fmt: skip
        printed = count_printed(shell, reads, census.states_at)
    groups = gather_groups(units, by or choose_level(units.values()))
    office = asked.root.agency_name if asked.root else settings.title
    sheet = accounts_sheet.build_sheet(inside, groups, printed, asked.paper, settings.zone, office)
    write_files(sheet, asked.now, html, xlsx, None)
    if output is Output.table:
        shown = accounts_sheet.build_sheet(inside, groups, printed, language(), settings.zone, office)
        tell(shown, shown.tables, None)
        return 0
    rows = [describe_group(inside, group) for group in groups]
    rows = [row for row in rows if row["officials"]]
    if output is Output.json:
        totals = {key: sum(int(str(row[key])) for row in rows) for key in ("officials", *PLACES)}
        print_json({"at": asked.as_of.at, "states_at": census.states_at, "totals": totals, "without_post": census.outside,
                    "units": rows, "letters": printed})  # fmt: skip
    else:
        columns = ("code", "unit", "officials", *PLACES)
        print_rows(rows, {key: key for key in columns}, output)
    return 0


def describe_group(census: Census, group: Group) -> dict[str, object]:
    """One group as data."""
    found = {place: sum(census.units.get(unit, {}).get(place, 0) for unit in group.members) for place in PLACES}
    name = {"code": group.unit.code, "unit": group.unit.agency_name, "itself": group.own}
    return {**name, "officials": sum(found.values()), **found}


def count_printed(shell: Shell, reads: Reads, until: datetime) -> Mapping[str, int]:
    """Letters by the day they were printed, from the audit."""
    zone = shell.runtime.settings.zone
    rows = reads.execute(
        sa.select(AuditRow.at, AuditRow.detail)
        .where(AuditRow.event == PRINTED, AuditRow.outcome == "done", AuditRow.at <= until)
        .order_by(AuditRow.id)
    )
    days: dict[str, int] = {}
    for at, detail in rows:
        day = show_day(language(), local_day(at, zone))
        days[day] = days.get(day, 0) + int(detail.get("letters", 0))
    return days


# --- coverage ------------------------------------------------------------------------------------------------------


@report_group.command("coverage")
def coverage(
    context: typer.Context,
    lists: Annotated[list[str] | None, typer.Option("--list", help=" | ".join(LISTS))] = None,
    at: AtOption = None,
    known_at: KnownOption = None,
    unit: UnitOption = None,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    paper: LanguageOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Who and which unit still lacks what; exit code 1 while somebody does. Names need a right over the unit."""
    shell = get_shell(context)
    runtime, settings = shell.runtime, shell.runtime.settings
    chosen = list(lists or LISTS)
    if unknown := [name for name in chosen if name not in LISTS]:
        raise WrongUsage("“{task}” is not one of {tasks}.", task=unknown[0], tasks=", ".join(LISTS))
    named = bool(lists or html or xlsx or output is not Output.table)
    with runtime.database.read() as reads:
        asked = read_question(shell, reads, at, known_at, unit, paper)
        survey = Survey(reads, asked.as_of, asked.now, read_scope(reads, asked.as_of, asked.root))
        if named:
            check_names(shell, reads, asked.root.id if asked.root else None)
        found = [build_coverage(survey, name) for name in chosen]
    if named:
        record_lists(shell, asked, found)
    office = asked.root.agency_name if asked.root else settings.title
    sheet = coverage_sheet.build_sheet(survey, found, asked.paper, settings.zone, office)
    write_files(sheet, asked.now, html, xlsx, None)
    shown = coverage_sheet.build_sheet(survey, found, language(), settings.zone, office, with_names=bool(lists))
    if output is Output.table:
        tell(shown, shown.tables, None)
    else:
        print_lists(found, asked, output)
    return 1 if any(one.rows for one in found) else 0


def check_names(shell: Shell, reads: Reads, root: uuid.UUID | None) -> None:
    """Refuse whoever may not read the names of these units' people; the refusal is audited. Raises NotPermitted."""
    with shell.recorded_refusals(LISTED, str(root) if root else None):
        check_units(reads, shell.actor, READING, [root] if root else [], shell.runtime.clocks.register())


def record_lists(shell: Shell, asked: Question, found: Sequence[Coverage]) -> None:
    """Write down who read which lists."""
    detail = {"lists": {one.name: len(one.rows) for one in found}}
    with shell.runtime.database.write() as writes:
        audit.record(writes, asked.now, LISTED, shell.actor.label, str(asked.root.id) if asked.root else None, detail)


def print_lists(found: Sequence[Coverage], asked: Question, output: Output) -> None:
    """The lists as data."""
    rows: list[dict[str, object]] = [
        {"at": asked.as_of.at, "list": one.name, **coverage_sheet.as_cells(row, language())}
        for one in found
        for row in one.rows
    ]
    if output is Output.json:
        counts = {one.name: {"missing": len(one.rows), "of": one.of} for one in found}
        print_json({"at": asked.as_of.at, "known_at": asked.as_of.known_at or asked.now, "lists": counts, "rows": rows})
    else:
        keys = ("at", "list", "code", "unit", "name", "title", "login", "why")
        print_rows(rows, {key: key for key in keys}, output)


# --- the file of deadlines -----------------------------------------------------------------------------------------


@report_group.command("schema")
def schema() -> int:
    """The JSON Schema of a file of deadlines."""
    print_json(build_schema())
    return 0


@report_group.command("example")
def example() -> int:
    """The telegram's deadlines of June 2025, as a file to begin with."""
    out.print(EXAMPLE.read_text("utf-8"), markup=False, end="")
    return 0


# --- files ---------------------------------------------------------------------------------------------------------


def tell(sheet: Sheet, tables: Sequence[Any], most: int | None) -> None:
    """The screen, as wide as the terminal is, or as eighty columns want it."""
    width = max(out.width, NARROWEST) if out.is_terminal else max(NARROWEST, int(os.environ.get("COLUMNS", "120")))
    for line in draw_screen(sheet, tables, width, most or 10**9):
        out.print(line)


def write_files(sheet: Sheet, now: datetime, html: Path | None, xlsx: Path | None, pdf: Path | None) -> None:
    """The files that were asked for, each whole or not at all, readable by their owner only."""
    makers: tuple[tuple[Path | None, Callable[[], bytes]], ...] = (
        (html, lambda: write_html(sheet).encode()),
        (xlsx, lambda: write_workbook(sheet)),
        (pdf, lambda: write_page(sheet, now)),
    )
    for path, make in makers:
        if path is not None:
            keep_file(path, make())
            say(_("Written: {file}"), file=str(path))


def keep_file(path: Path, content: bytes) -> None:
    """Write a file under its final name only when it is complete; mode 0600, for lists hold names."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
