"""`hopnhat report coverage`: who and which unit still lacks what; names need a right over the unit, and are audited."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from foundation import audit
from foundation.database import Reads
from foundation.errors import WrongUsage
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows
from provisioning.plan_rights import check_units
from provisioning.reports import coverage_sheet
from provisioning.reports.coverage import LISTS, Coverage, Survey, build_coverage
from provisioning.reports.files import tell, write_files
from provisioning.reports.questions import (
    AtOption,
    HtmlOption,
    KnownOption,
    LanguageOption,
    Question,
    UnitOption,
    XlsxOption,
    read_question,
)
from provisioning.reports.readiness import read_scope

LISTED: Final = "provisioning.report.list"
READING: Final = ("hr", "help_desk", "operator", "leader", "deputy")
"""Duties whose holders may read lists with the names of their units' people."""


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
