"""`hopnhat merger show`: one screen of a plan, then its lines."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from foundation.i18n import _, translate
from foundation.plans import Plan, read_plan
from foundation.runtime import Runtime
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_json_line, print_rows, say
from provisioning.merger.by_unit import each_unit_with_lines, gather_units
from provisioning.merger.confirming import PlanFile
from provisioning.merger.lines import Names, describe, read_names, select_lines, tell_line
from provisioning.merger.reader import Reader
from provisioning.merger.runs import find_standing
from provisioning.merger.screen import Standing, build_screen
from provisioning.plan_rights import name_actor


def show(
    context: typer.Context,
    file: PlanFile,
    by_unit: Annotated[bool, typer.Option("--units", help="unit by unit: how many move where, stay, leave")] = False,
    all_lines: Annotated[
        bool, typer.Option("--lines", help="every change under its unit, with reason and source")
    ] = False,
    only_open: Annotated[bool, typer.Option("--open", help="only what needs a person")] = False,
    unit: Annotated[str | None, typer.Option("--unit", help="only what touches this unit: code or name")] = None,
    output: OutputOption = Output.table,
) -> int:
    """One screen of the plan; with --units its units, with --lines every change, with --open or --unit some of them."""
    runtime, read = get_shell(context).runtime, read_plan(file)
    if not (by_unit or all_lines or only_open or unit is not None):
        print_plan(runtime, read, output)
        return 0
    with runtime.database.read() as reads:
        names = read_names(reads, read)
    if by_unit:
        print_units(read, names, output)
    elif only_open or unit is not None:
        print_lines(select_lines(read, names, only_open, unit), names, output)
    else:
        print_every_line(read, names, output)
    return 0


def print_units(read: Plan, names: Names, output: Output) -> None:
    """The plan unit by unit; exact figures, so that they add up to the summary."""
    rows = [one.describe(names) for one in gather_units(read)]
    if output is not Output.table:
        print_rows(rows, UNIT_COLUMNS, output)
        return
    for row in rows:
        for text in tell_unit(row):
            out.print(text, markup=False)
    say(_("{count} units"), count=len(rows))


def tell_unit(row: Mapping[str, Any]) -> Iterator[str]:
    """One unit as people read it: what becomes of it, how many of its people do what, where they go."""
    yield f"  {row['sign']} {row['unit']}"
    counts = [
        f"{row[kind]} {sign} {translate(language(), UNIT_COLUMNS[kind])}"
        for kind, sign in KIND_SIGNS.items()
        if row[kind]
    ]
    if counts:
        yield f"      {row['people']}: {' · '.join(counts)}"
    if row["to"]:
        yield f"    → {row['to']}"


def print_every_line(read: Plan, names: Names, output: Output) -> None:
    """Every change: under a heading for each unit on a screen, else in the order of the plan."""
    if output is not Output.table:
        print_lines(read.each_line(), names, output)
        return
    for heading, lines in each_unit_with_lines(read, names):
        out.print(f"\n{heading or translate(language(), _('Events and codes'))}", style="bold", markup=False)
        print_lines(lines, names, output, count=False)


def print_lines(lines: Iterable[dict[str, Any]], names: Names, output: Output, *, count: bool = True) -> None:
    """Lines with reason and source, as they come: for people, as JSON Lines, or as CSV."""
    if output is Output.json:
        for line in lines:
            print_json_line(line)
        return
    rows = (translate_row(describe(line, names)) for line in lines)
    if output is Output.csv:
        print_rows(list(rows), LINE_COLUMNS, output)
        return
    number = 0
    for number, row in enumerate(rows, start=1):  # noqa: B007 — the last one is told
        for text in tell_line(row):
            out.print(text, markup=False)
    if count:
        say(_("{count} lines"), count=number)


def translate_row(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its reason in the reader's language."""
    return row | {"why": translate(language(), row["why"].text) if row["why"] else ""}


KIND_SIGNS = {"move": ">", "stay": "=", "load": "+", "leave": "-", "undecided": "?", "open": "!"}
UNIT_COLUMNS = {
    "sign": " ",
    "unit": _("Unit"),
    "people": _("People"),
    "move": _("move"),
    "stay": _("stay"),
    "leave": _("leave"),
    "undecided": _("undecided"),
    "load": _("new"),
    "open": _("open"),
    "to": _("Where to"),
}
LINE_COLUMNS = {
    "n": _("Line"),
    "op": _("Change"),
    "who": _("Who"),
    "before": _("Before"),
    "after": _("After"),
    "why": _("Why"),
    "source": _("Source"),
}


def print_plan(runtime: Runtime, read: Plan, output: Output) -> None:
    """The screen, or the header as data."""
    with runtime.database.read() as reads:
        standing = find_standing(reads, read, name_actor(reads))
    if output is Output.json:
        header = asdict(read.header)
        header.pop("state")
        print_json({"digest": read.digest, "file": str(read.path), "standing": standing, **header})
        return
    if output is Output.csv:
        rows = [{"op": op, "count": count} for op, count in read.header.counts.items()]
        print_rows(rows, {"op": _("Change"), "count": _("Count")}, output)
        return
    print_screen(runtime, read, standing)


def print_screen(runtime: Runtime, read: Plan, standing: Standing) -> None:
    """The one screen on stdout."""
    reader = Reader(language(), runtime.settings.zone, runtime.clocks.register())
    for line in build_screen(read, standing, reader):
        out.print(line, markup=False)
