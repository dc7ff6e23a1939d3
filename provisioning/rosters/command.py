"""`hopnhat roster …`: template, check, import, compare, status.

`check` reads every row before it says anything is wrong and changes nothing; `import` makes a plan, which is shown, approved and
applied like a merger's; `compare` and `status` say what came since the last lists, and who has not sent any.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from foundation.i18n import _, translate
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json_line, print_rows, say, show_day
from provisioning.rosters.check import LOUD, Check
from provisioning.rosters.import_command import compare_rosters, import_rosters
from provisioning.rosters.opening import AtOption, FilesArgument, ProvinceOption, open_check
from provisioning.rosters.recognised import describe_file
from provisioning.rosters.result_files import write_result
from provisioning.rosters.status_command import tell_status
from provisioning.rosters.template import HEADINGS, write_template
from provisioning.rosters.vocabulary import Fault, Line, Place

roster_group = typer.Typer(no_args_is_help=True, help="Lists of people as HR offices send them.")

SHOWN: Final = 40


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
    why, action = told["why"] or "", told["action"]
    # Where the reason already says what to do, that is enough for a narrow screen; files and JSON have both.
    what = why if action is None or ". " in why else f"{why} {action}"
    proposal = show_day(fault.proposal) if fault.column == "birth_date" else fault.proposal or ""
    value = show_day(fault.value) if fault.column == "birth_date" else fault.value or ""
    cells = (row, column, value, what, proposal)
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


roster_group.command("status")(tell_status)
roster_group.command("import")(import_rosters)
roster_group.command("compare")(compare_rosters)
