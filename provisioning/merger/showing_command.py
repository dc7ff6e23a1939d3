"""`hopnhat merger show`: one screen of a plan, then its lines."""

from dataclasses import asdict
from typing import Annotated

import typer

from foundation.i18n import _, translate
from foundation.plans import Plan, read_plan
from foundation.runtime import Runtime
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_json_line, print_rows, say
from provisioning.merger.confirming import PlanFile
from provisioning.merger.lines import describe, read_names, select_lines, tell_line
from provisioning.merger.reader import Reader
from provisioning.merger.runs import find_standing
from provisioning.merger.screen import Standing, build_screen
from provisioning.plan_rights import name_actor


def show(
    context: typer.Context,
    file: PlanFile,
    only_open: Annotated[bool, typer.Option("--open", help="only what needs a person")] = False,
    unit: Annotated[str | None, typer.Option("--unit", help="only what touches this unit: code or name")] = None,
    output: OutputOption = Output.table,
) -> int:
    """One screen of the plan; with --open or --unit its lines."""
    runtime, read = get_shell(context).runtime, read_plan(file)
    if not only_open and unit is None:
        print_plan(runtime, read, output)
        return 0
    with runtime.database.read() as reads:
        names = read_names(reads, read)
    lines = select_lines(read, names, only_open, unit)
    if output is Output.json:
        for line in lines:
            print_json_line(line)
        return 0
    rows = [describe(line, names) for line in lines]
    for row in rows:
        row["why"] = translate(language(), row["why"].text) if row["why"] else ""
    if output is Output.csv:
        print_rows(rows, LINE_COLUMNS, output)
        return 0
    for row in rows:
        for text in tell_line(row):
            out.print(text, markup=False)
    say(_("{count} lines"), count=len(rows))
    return 0


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
