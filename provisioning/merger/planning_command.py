"""`hopnhat merger plan` and `schema`: a decree and lists become a plan; every fault is told at its place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from directory.chains import find_ancestors, full_name
from directory.people import find_person
from foundation import audit
from foundation.changes import AsOf
from foundation.i18n import _
from foundation.plans import Plan
from foundation.runtime import Runtime
from foundation.shell import Actor, get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, progress
from provisioning.merger.decree import build_schema
from provisioning.merger.decree_file import DecreeFaulty, read_decree
from provisioning.merger.limits import read_limits
from provisioning.merger.lists_beside import read_beside
from provisioning.merger.placement import PlacementFaulty
from provisioning.merger.planning import Author, make_plan
from provisioning.merger.settings import MergerSection
from provisioning.merger.showing_command import print_plan
from provisioning.plan_rights import CHANGING, check_units

MADE = "provisioning.plan.make"


def print_schema(_context: typer.Context) -> int:
    """The JSON Schema of a decree."""
    print_json(build_schema())
    return 0


def plan(
    context: typer.Context,
    decree: Annotated[Path, typer.Argument(help="the decree, YAML")],
    placements: Annotated[
        list[Path] | None, typer.Argument(help="placement lists or rosters with a new-unit column")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="where the plan goes; beside the decree by default")
    ] = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the plan of a merger: every change in order, counted; nothing is changed."""
    shell = get_shell(context)
    runtime, target = shell.runtime, file or decree.with_suffix(".plan")
    with shell.recorded_refusals(MADE, decree.name):
        actor = shell.actor
        try:
            made = write_plan(runtime, actor, decree, placements or [], target)
        except DecreeFaulty as error:
            rows = [{"file": decree.name} | fault.as_json(language()) for fault in error.faults]
            columns = {"file": _("File"), "line": _("Line"), "path": _("Place"), "why": _("Why")}
            print_rows(rows, columns, output)
            raise
        except PlacementFaulty as error:
            print_placement_faults(error, output)
            raise
    print_plan(runtime, made, output)
    return 0 if all(guard.holds for guard in made.header.guards) else 1


def write_plan(runtime: Runtime, actor: Actor, decree: Path, placements: Sequence[Path], target: Path) -> Plan:
    """Read the files, then plan in one snapshot of the register; the making is audited."""
    with read_beside(placements) as rows:
        text, now = read_decree(decree), runtime.clocks.wall()
        with progress(_("People planned")) as line, runtime.database.read() as reads:
            at = runtime.clocks.register()
            made = make_plan(
                reads,
                runtime.sealer,
                text,
                rows,
                target,
                Author(actor.label, show_author(runtime, actor)),
                now,
                line.move,
                check_scope=lambda units: check_units(reads, actor, CHANGING, units, at),
                limits=read_limits(runtime.settings[MergerSection]),
            )
    with runtime.database.write() as writes:
        detail = {"title": made.header.title, "lines": made.header.lines, "open": made.header.open}
        audit.record(writes, now, MADE, actor.label, made.digest, detail)
    return made


def show_author(runtime: Runtime, actor: Actor) -> str:
    """The author as people know them: name and unit."""
    if actor.person_id is None:
        return actor.label
    as_of = AsOf(runtime.clocks.register())
    with runtime.database.read() as reads:
        person = find_person(reads, actor.person_id, as_of)
        post = person.main_post if person else None
        unit = full_name(find_ancestors(reads, post.unit_id, as_of)[:1]) if post else ""
    return f"{actor.name} ({unit})" if unit else actor.name


def print_placement_faults(error: PlacementFaulty, output: Output) -> None:
    """Every fault with file, sheet, row and column."""
    rows: list[dict[str, object]] = [
        {"file": place.file, "sheet": place.sheet, "row": place.row, **fault.as_json(language())}
        for place, fault in error.faults
    ]
    columns = {
        "file": _("File"),
        "sheet": _("Sheet"),
        "row": _("Row"),
        "column": _("Column"),
        "value": _("Value"),
        "why": _("Why"),
    }
    print_rows(rows, columns, output)
