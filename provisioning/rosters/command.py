"""`hopnhat roster …`: template, check, import, status.

`check` reads every row before it says anything is wrong and changes nothing; `import` makes a plan, which is shown, approved and
applied like a merger's.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import sqlalchemy as sa
import typer
from rich.table import Table
from rich.text import Text

from directory.models import LEVELS
from directory.units import get_unit_by_code
from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import Clocks, as_rfc3339, parse_instant
from foundation.database import RegisterUnready
from foundation.errors import NotPermitted, WrongUsage
from foundation.i18n import _, translate
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json_line, print_rows, progress, say
from provisioning.merger.planning import Author
from provisioning.plan_rights import check_may_change
from provisioning.rosters.check import LOUD, Check
from provisioning.rosters.loading import plan_load
from provisioning.rosters.recognised import describe_file
from provisioning.rosters.result_files import write_result
from provisioning.rosters.status import Sent, each_sent
from provisioning.rosters.template import HEADINGS, write_template
from provisioning.rosters.unit_book import open_unit_book
from provisioning.rosters.unit_codes import UnitBook
from provisioning.rosters.vocabulary import Fault, Line, Place

roster_group = typer.Typer(no_args_is_help=True, help="Lists of people as HR offices send them.")

FilesArgument = Annotated[list[Path], typer.Argument(help="XLSX, XLS, ODS or CSV", show_default=False)]
ProvinceOption = Annotated[
    str | None, typer.Option("--province", help="the province the people belong to, by its code")
]
AtOption = Annotated[str | None, typer.Option("--at", help="the day the rosters speak of (2025-06-24)")]
SHOWN: Final = 40
PLANNED: Final = "provisioning.roster.planned"
PASSWORDS_LAST: Final = timedelta(days=180)


@roster_group.command("check")
def check_rosters(
    context: typer.Context,
    files: FilesArgument,
    province: ProvinceOption = None,
    at: AtOption = None,
    output: OutputOption = Output.table,
    result: Annotated[
        Path | None,
        typer.Option(
            "--result", help="write the rosters with every finding to this XLSX or CSV, to be repaired and fed in again"
        ),
    ] = None,
) -> int:
    """Read rosters whole and tell every fault at its cell; nothing is changed.

    Exit code 1 when a row has a fault or asks for a decision, 65 when a file could not be read at all.
    """
    shell = get_shell(context)
    with open_check(shell, files, province, at) as check:
        if output is Output.json:
            for line in check.lines():
                print_json_line(line.as_json(language()))
        else:
            show_findings(check, output)
        if result is not None:
            count = write_result(result, check.lines(), language())
            say(
                _("{file} has every row, with {count} findings: repair the coloured cells, then check it again."),
                file=str(result),
                count=count,
            )
        if check.refusals:
            return check.refusals[0].exit_code
        return 1 if any(check.outcomes[outcome] for outcome in LOUD) else 0


@contextmanager
def open_check(shell: Shell, files: list[Path], province: str | None, at: str | None) -> Iterator[Check]:
    """A check that has read its files."""
    day = parse_instant(at, shell.settings.zone) if at else find_clocks(shell).register()
    with Check(read_unit_book(shell, day, province)) as check:
        check.read(files)
        yield check


def has_register(shell: Shell) -> bool:
    """Whether a register is there at all: looking for one must not make an empty one."""
    url = sa.make_url(shell.settings.database)
    return url.get_backend_name() != "sqlite" or (url.database is not None and Path(url.database).exists())


def find_clocks(shell: Shell) -> Clocks:
    """The product's clocks, the wall's where nothing is installed yet."""
    return shell.runtime.clocks if has_register(shell) else Clocks()


def read_unit_book(shell: Shell, day: datetime, province: str | None) -> UnitBook:
    """The known units: the register's, or the published tables where there is no register yet."""
    if not has_register(shell):
        return open_unit_book(None, day, province)
    try:
        with shell.runtime.database.read() as reads:
            return open_unit_book(reads, day, province)
    except RegisterUnready:
        # The tables are not made yet: a roster can be checked before anything is installed.
        return open_unit_book(None, day, province)


CSV_COLUMNS: Final = {
    name: name
    for name in ("file", "sheet", "row", "outcome", "column", "value", "code", "why", "proposal", "action", "office")
}


def show_findings(check: Check, output: Output) -> None:
    """The findings for people: faults and questions one by one under their sheet, restorations counted."""
    if output is Output.csv:
        print_rows(list(each_finding(check.lines())), CSV_COLUMNS, output)
        return
    tables: dict[str, Table] = {}
    shown = hidden = restored = 0
    for line in check.lines():
        if line.place.row is None:
            for sentence in describe_file(line):
                say(sentence.text, **sentence.values)
        for fault in line.faults:
            if line.outcome == "restored" or fault.restored:
                restored += 1
            elif shown == SHOWN:
                hidden += 1
            else:
                shown += 1
                add_finding(tables.setdefault(name_sheet(line.place), build_table()), line, fault)
    for name, table in tables.items():
        out.print(f"\n{name}", style="bold", markup=False)
        out.print(table)
    tell_summary(check, hidden, restored)


def build_table() -> Table:
    """An empty table of findings that fits eighty columns."""
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False, padding=(0, 2, 0, 0))
    table.add_column(translate(language(), _("Row")), justify="right", no_wrap=True)
    table.add_column(translate(language(), _("Column")), max_width=16, overflow="fold")
    table.add_column(translate(language(), _("Value")), max_width=16, overflow="fold")
    table.add_column(translate(language(), _("What is wrong, and what to do")), ratio=1, overflow="fold")
    table.add_column(translate(language(), _("Proposal")), max_width=14, overflow="fold")
    return table


def add_finding(table: Table, line: Line, fault: Fault) -> None:
    """One finding as a row of its table."""
    column = HEADINGS.get(fault.column or "", "")
    row = "" if line.place.row is None else str(line.place.row)
    told = line.told(fault, language())
    what = " ".join(part for part in (told["why"], told["action"]) if part)
    cells = (row, column, fault.value or "", what, fault.proposal or "")
    table.add_row(*(Text(cell) for cell in cells))


def name_sheet(place: Place) -> str:
    """The file and the sheet, as a heading over their findings."""
    return Path(place.file).name + (f" · {place.sheet}" if place.sheet else "")


def tell_summary(check: Check, hidden: int, restored: int) -> None:
    """The last lines: figures that add up, and what to do next."""
    if hidden:
        say(_("… and {count} more; “--result FILE.xlsx” writes them all."), count=hidden)
    outcomes = check.outcomes
    say(
        _(
            "{rows} people's rows: {ok} in order, {restored} restored ({cells} cells), {duplicate} of somebody named before, "
            "{candidate} to decide, {fault} with faults."
        ),
        rows=check.rows_read,
        ok=outcomes["ok"],
        restored=outcomes["restored"],
        cells=restored,
        duplicate=outcomes["duplicate"],
        candidate=outcomes["candidate"],
        fault=outcomes["fault"],
    )  # fmt: skip
    for refusal in check.refusals:
        say(refusal.message, **refusal.values)


def each_finding(lines: Iterable[Line]) -> Iterator[dict[str, object]]:
    """Every finding as a flat row."""
    for line in lines:
        for fault in line.faults:
            place = {"file": line.place.file, "sheet": line.place.sheet, "row": line.place.row}
            yield {**place, "outcome": line.outcome, **line.told(fault, language())}


@roster_group.command("template")
def make_template(
    context: typer.Context,
    out_file: Annotated[Path, typer.Option("--out", help="where to write it")] = Path("roster-template.xlsx"),
) -> int:
    """An XLSX with the headings, notes, drop-downs and an example, to be filled in by an HR office."""
    write_template(out_file, language(), get_shell(context).settings.title)
    say(_("{file} is ready to be filled in. Then: hopnhat roster check {file}"), file=str(out_file))
    return 0


STATUS_COLUMNS: Final = {
    "code": _("Code"),
    "unit": _("Unit"),
    "level": _("Level"),
    "people": _("People"),
    "loaded_at": _("Last roster"),
}


@roster_group.command("status")
def tell_status(
    context: typer.Context,
    province: ProvinceOption = None,
    at: AtOption = None,
    level: Annotated[str | None, typer.Option("--level", help=" | ".join(LEVELS))] = None,
    missing: Annotated[bool, typer.Option("--missing", help="only units without anybody")] = False,
    output: OutputOption = Output.table,
) -> int:
    """Who has sent a roster and who has not; exit code 1 while a unit has nobody."""
    shell = get_shell(context)
    settings, clocks = shell.runtime.settings, shell.runtime.clocks
    if level is not None and level not in LEVELS:
        raise WrongUsage("“{level}” is not one of {levels}.", level=level, levels=", ".join(LEVELS))
    as_of = AsOf(parse_instant(at, settings.zone) if at else clocks.register())
    with shell.runtime.database.read() as reads:
        root = get_unit_by_code(reads, province, as_of).id if province else None
        units = list(each_sent(reads, as_of, root, level))
    empty = sum(not sent.people for sent in units)
    rows = [describe_sent(sent) for sent in units if not (missing and sent.people)]
    print_rows(rows, STATUS_COLUMNS, output)
    say(
        _("{sent} of {units} units have people; {empty} have nobody yet."),
        sent=len(units) - empty,
        units=len(units),
        empty=empty,
    )
    return 1 if empty else 0


def describe_sent(sent: Sent) -> dict[str, object]:
    """One unit as a row of the status."""
    unit = {"code": sent.unit.code, "unit": sent.unit.agency_name, "level": sent.unit.level}
    return {**unit, "people": sent.people, "loaded_at": sent.loaded_at}


@roster_group.command("import")
def import_rosters(
    context: typer.Context,
    files: FilesArgument,
    province: ProvinceOption = None,
    at: AtOption = None,
    out_file: Annotated[Path, typer.Option("--out", help="where to write the plan")] = Path("roster.plan"),
    passwords_until: Annotated[
        str | None,
        typer.Option("--passwords-until", help="until when old passwords open accounts; 180 days by default"),
    ] = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the plan that loads the people of rosters; it is approved and applied like a merger's."""
    shell = get_shell(context)
    runtime, now = shell.runtime, shell.runtime.clocks.wall()
    until = parse_instant(passwords_until, runtime.settings.zone) if passwords_until else now + PASSWORDS_LAST
    named = ", ".join(file.name for file in files)
    with shell.recorded_refusals(PLANNED, named):
        actor = shell.actor
    with (
        shell.recorded_refusals(PLANNED, named),
        open_check(shell, files, province, at) as check,
        progress(_("people"), None) as moving,
        runtime.database.read() as reads,
    ):
        units = open_unit_book(reads, check.day, province)
        author = Author(actor.label, actor.name or actor.label)
        plan = plan_load(reads, runtime.sealer, units, check, out_file, author, now, until, moving.move)
        try:
            check_may_change(reads, actor, plan, runtime.clocks.register())
        except NotPermitted:
            out_file.unlink(missing_ok=True)
            raise
    header = plan.header
    with runtime.database.write() as writes:
        audit.record(
            writes,
            now,
            PLANNED,
            actor.label,
            plan.digest,
            {"people": header.summary["people"]["people"]},
        )
    if output is Output.json:
        print_json_line(
            {
                "plan": str(out_file),
                "digest": plan.digest,
                "made_at": as_rfc3339(now),
                "summary": header.summary,
                "open": header.open,
            }
        )
        return 0
    people = header.summary["people"]
    say(
        _(
            "{file}: {new} new people, {known} known, {letters} letters to print, {passwords} old passwords go on working, "
            "{candidates} to decide."
        ),
        file=str(out_file), new=people["new"], known=people["known"], letters=header.summary["letters"],
        passwords=header.summary["passwords"], candidates=header.open["candidates"],
    )  # fmt: skip
    say(
        _(
            "Next: hopnhat merger show {file} · then somebody else: hopnhat merger approve {file} · hopnhat merger apply {file}"
        ),
        file=str(out_file),
    )
    return 0
