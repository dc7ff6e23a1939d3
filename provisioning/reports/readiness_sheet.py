"""The readiness report as a sheet: the deadlines, then the units that are behind, in the reader's language. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from foundation.clocks import local_day
from foundation.i18n import _, translate
from provisioning.reports.measures import UNITS_COUNTED, Count
from provisioning.reports.readiness import GroupLine, Readiness, TaskLine
from provisioning.reports.sheets import Cell, Column, Row, Sheet, Table, Tone, show_moment, show_number

LEVEL_NAMES: Final = {"province": _("by province"), "agency": _("by agency"), "unit": _("by unit")}


def build_sheet(report: Readiness, language: str, zone: ZoneInfo, office: str, compact: bool = False) -> Sheet:
    """The whole report; `compact` for a screen: figures in one column, owner and state in a line under the task."""
    lines = report.lines
    measured = [line for line in lines if line.progress.now.of]
    ready = sum(line.progress.ready for line in lines)
    late = [line for line in measured if line.late]
    return Sheet(
        language=language,
        zone=zone,
        title=translate(language, _("Readiness by deadline")),
        office=report.scope.agency_name if report.scope else office,
        instants=tell_instants(report, language, zone),
        summary=[
            (translate(language, _("Tasks ready")), f"{ready} / {len(lines)}"),
            (translate(language, _("In danger or late")), show_number(language, len(late))),
            (translate(language, _("Without figures")), show_number(language, len(lines) - len(measured))),
        ],
        tables=[
            build_compact_tasks(report, language) if compact else build_tasks(report, language),
            *build_units(report, language),
        ],
        notes=tell_notes(report, language),
        file_title=report.deadlines.title.show(language),
    )


def tell_instants(report: Readiness, language: str, zone: ZoneInfo) -> list[str]:
    """Of which instant the figures are, when they were known, when the report was made."""
    told = [
        translate(language, _("Units and people as of {moment}"), moment=show_moment(language, report.as_of.at, zone))
    ]
    known = report.as_of.known_at or report.made_at
    told.append(translate(language, _("as known {moment}"), moment=show_moment(language, known, zone)))
    return told


def build_tasks(report: Readiness, language: str) -> Table:
    """One row a task, by day."""
    some_passed = any(line.first is not None for line in report.lines)
    columns = [
        Column("due", translate(language, _("Deadline")), "day", 10),
        Column("task", translate(language, _("Task")), "text", 44),
        Column("owner", translate(language, _("Owner")), "text", 22, under="task"),
        *build_progress(language),
        Column("state", translate(language, _("State")), "text", 14),
    ]
    if some_passed:
        columns[8:8] = [
            Column("first", translate(language, _("At the deadline")), "number", 10),
            Column("corrected", translate(language, _("Corrected")), "number", 10),
        ]
    rows = [build_task_row(report, line, language) for line in report.lines]
    return Table("tasks", report.deadlines.title.show(language), columns, rows)


def build_progress(language: str) -> list[Column]:
    """How far something is, in figures."""
    return [
        Column("done", translate(language, _("Done")), "number", 9),
        Column("of", translate(language, _("Of")), "number", 9),
        Column("left", translate(language, _("Left")), "number", 9),
        Column("share", translate(language, _("Percent")), "share", 8),
        Column("rate", translate(language, _("A day")), "rate", 9),
        Column("ready_on", translate(language, _("Ready on")), "day", 11),
    ]


def build_compact_tasks(report: Readiness, language: str) -> Table:
    """One row a task, narrow enough for a terminal."""
    columns = [
        Column("due", translate(language, _("Deadline")), "day"),
        Column("task", translate(language, _("Task"))),
        Column("told", "", under="task"),
        Column("figure", translate(language, _("Done / of")), "figure"),
        Column("share", translate(language, _("Percent")), "share"),
        Column("rate", translate(language, _("A day")), "rate"),
        Column("ready_on", translate(language, _("Ready on")), "day"),
    ]
    rows = []
    for line in report.lines:
        row, now = build_task_row(report, line, language), line.progress.now
        parts = [line.task.owner, str(row.cells["state"])]
        if line.first is not None and line.corrected is not None and line.first.of:
            first, corrected = show_number(language, line.first.done), show_number(language, line.corrected.done)
            parts.append(
                translate(
                    language, _("at the deadline {first}, corrected {corrected}"), first=first, corrected=corrected
                )
            )
        figure = f"{show_number(language, now.done)} / {show_number(language, now.of)}" if now.of else None
        rows.append(Row({**row.cells, "told": " · ".join(parts), "figure": figure}, row.tone))
    return Table("tasks", report.deadlines.title.show(language), columns, rows)


def build_task_row(report: Readiness, line: TaskLine, language: str) -> Row:
    """One task."""
    cells: dict[str, Cell] = {
        "due": line.task.due,
        "task": line.task.title.show(language),
        "counted": translate(language, UNITS_COUNTED[line.task.measure]),
        "owner": line.task.owner,
        **show_count(line.progress.now),
        "rate": line.progress.rate if line.progress.now.of else None,
        "first": line.first.done if line.first else None,
        "corrected": line.corrected.done if line.corrected else None,
        "ready_on": line.progress.ready_on if not line.progress.ready else None,
        "state": tell_state(report, line, language),
    }
    return Row(cells, tone_of(line))


def show_count(count: Count) -> dict[str, Cell]:
    """A figure's cells; a task nobody told anything of has none."""
    if not count.of:
        return {"done": None, "of": None, "left": None, "share": None}
    return {"done": count.done, "of": count.of, "left": count.left, "share": count.done / count.of}


def tone_of(line: TaskLine) -> Tone:
    """How the row is marked."""
    if line.progress.ready:
        return "good"
    return "late" if line.progress.now.of and line.late else "plain"


def tell_state(report: Readiness, line: TaskLine, language: str) -> str:
    """One word for the state of a task."""
    moment = min(report.as_of.at, report.as_of.known_at or report.made_at)
    if not line.progress.now.of:
        told = line.task.measure == "told"
        return translate(language, _("no figure yet") if told else _("nothing to count"))
    if line.progress.ready:
        return translate(language, _("ready"))
    if line.deadline <= moment:
        return translate(language, _("overdue"))
    if line.waits_for and not line.progress.now.done:
        return translate(language, _("waits for another"))
    return translate(language, _("in danger") if line.late else _("on the way"))


def build_units(report: Readiness, language: str) -> list[Table]:
    """For every measured task the units in which something is left, those with most left first; tasks in danger before others."""
    tables = []
    for line in sorted(report.lines, key=lambda line: (not line.late, line.deadline)):
        behind = sorted(
            (part for part in line.groups if part.progress.now.left),
            key=lambda part: (-part.progress.now.left, part.group.unit.name),
        )
        if behind:
            tables.append(build_behind(report, line, behind, language))
    return tables


def build_behind(report: Readiness, line: TaskLine, behind: Sequence[GroupLine], language: str) -> Table:
    """The units of one task in which something is left; those that are ready are one row, the whole another, so that it adds up."""
    columns = [
        Column("code", translate(language, _("Code")), "text", 12),
        Column("unit", translate(language, _("Unit")), "text", 40),
        Column("owner", translate(language, _("Owner")), "text", 24, under=""),
        *build_progress(language),
    ]
    rows = [build_unit_row(part, line, language) for part in behind]
    ready = [part.progress.now for part in line.groups if not part.progress.now.left]
    if ready:
        done = sum(count.done for count in ready)
        name = translate(language, _("{count} units that are ready"), count=show_number(language, len(ready)))
        rows.append(Row({"unit": name, **show_count(Count(done, sum(count.of for count in ready)))}, "good"))
    whole = {"unit": translate(language, _("Together")), **show_count(line.progress.now), "rate": line.progress.rate}
    rows.append(Row({**whole, "ready_on": line.progress.ready_on}, "whole"))
    counted = translate(language, UNITS_COUNTED[line.task.measure])
    caption = f"{line.task.title.show(language)} · {translate(language, LEVEL_NAMES[report.level])} ({counted})"
    return Table(line.task.id, caption, columns, rows)


def build_unit_row(part: GroupLine, line: TaskLine, language: str) -> Row:
    """One unit."""
    unit, progress = part.group.unit, part.progress
    name = unit.agency_name
    if part.group.own:
        name = translate(language, _("{unit} (itself)"), unit=name)
    ready_on = progress.ready_on
    late = ready_on is None or ready_on > line.deadline
    cells: dict[str, Cell] = {
        "code": unit.code, "unit": name, "owner": part.owner, **show_count(progress.now),
        "rate": progress.rate, "ready_on": ready_on,
    }  # fmt: skip
    return Row(cells, "late" if late else "plain")


def tell_notes(report: Readiness, language: str) -> list[str]:
    """What a reader must know to judge the figures."""
    notes = [
        translate(
            language,
            _(
                "A day: what was done in the last {days} days, divided by them. Ready on: the day on which nothing is left at this rate."
            ),
            days=f"{report.window.total_seconds() / 86400:g}",
        )
    ]
    if any(line.first is not None for line in report.lines):
        notes.append(
            translate(
                language,
                _(
                    "At the deadline: as it was known then. Corrected: what is known now to have begun or to have been recorded by then."
                ),
            )
        )
    notes.append(
        translate(
            language,
            _("The same figures again, later: hopnhat report readiness --at {at} --known-at {known}"),
            at=as_argument(report.as_of.at),
            known=as_argument(report.as_of.known_at or report.made_at),
        )
    )
    if local_day(report.as_of.at) > local_day(report.made_at):
        notes.append(translate(language, _("States of accounts are those of the day the report was made.")))
    return notes


def as_argument(instant: datetime) -> str:
    """An instant as a command takes it."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
