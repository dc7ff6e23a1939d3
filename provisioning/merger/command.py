"""`hopnhat merger …`: plan, look, approve, apply; and what to do when something was interrupted or was wrong.

Acting verbs need a person with the right over everything the plan touches; a refusal is an audit row. Data goes to stdout.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from directory.people import find_person
from directory.units import find_ancestors, full_name, get_unit_by_code
from foundation import audit
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.i18n import _, translate
from foundation.plans import Plan, PlanRun, read_plan
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell, get_shell
from foundation.terminal import (
    Output,
    OutputOption,
    confirm_by_typing,
    language,
    out,
    print_json,
    print_json_line,
    print_rows,
    progress,
    say,
)
from provisioning.merger.apply import APPLIED, Applied, apply_plan, check_ready, resume_plan
from provisioning.merger.approval import APPROVED, SPOKEN, approve_plan
from provisioning.merger.decree import build_schema
from provisioning.merger.decree_file import DecreeFaulty, read_decree
from provisioning.merger.lines import describe, read_names, select_lines, tell_line
from provisioning.merger.placement import PlacementFaulty, read_placements
from provisioning.merger.planning import Author, make_plan
from provisioning.merger.rehearsal import REHEARSED, rehearse_plan
from provisioning.merger.report import FIGURES, build_report
from provisioning.merger.runs import find_latecomers, find_standing, get_run, list_runs
from provisioning.merger.screen import Reader, Standing, build_rehearsal_screen, build_report_screen, build_screen
from provisioning.merger.undo import UNDONE, WHY, Undone, abandon_run, undo_run
from provisioning.plan_rights import CHANGING, check_may_approve, check_may_change, check_units, name_actor

merger_group = typer.Typer(no_args_is_help=True, help="Mergers: plan, look, approve, apply, resume, undo, report.")
MADE = "provisioning.plan.make"

PlanFile = Annotated[Path, typer.Argument(help="the plan file")]
DigestOption = Annotated[str | None, typer.Option("--digest", help="the first eight digits of the plan that was read")]


@merger_group.command("schema")
def print_schema() -> int:
    """The JSON Schema of a decree."""
    print_json(build_schema())
    return 0


# --- plan ----------------------------------------------------------------------------------------------------------


@merger_group.command("plan")
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
    text = read_decree(decree)
    rows = read_placements(placements)
    now = runtime.clocks.wall()
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


# --- show ----------------------------------------------------------------------------------------------------------


@merger_group.command("show")
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


# --- rehearse ------------------------------------------------------------------------------------------------------


@merger_group.command("rehearse")
def rehearse(context: typer.Context, file: PlanFile, output: OutputOption = Output.table) -> int:
    """Apply the plan to a copy of the register; nothing real is touched. Exit code 1 if something speaks against going on."""
    shell, read = get_shell(context), read_plan(file)
    with shell.recorded_refusals(REHEARSED, read.digest):
        actor = shell.actor
        with progress(_("Changes rehearsed"), read.header.lines) as line:
            found = rehearse_plan(shell.runtime, read, actor, line.move)
    against = [reason.show(language()) for reason in found.against]
    if output is Output.json:
        print_json({**asdict(found), "against": against})
    else:
        reader = Reader(language(), shell.runtime.settings.zone, shell.runtime.clocks.register())
        for line_ in build_rehearsal_screen(found, against, reader):
            out.print(line_, markup=False)
    return 1 if against else 0


# --- approve, apply, resume ----------------------------------------------------------------------------------------


@merger_group.command("approve")
def approve(
    context: typer.Context,
    file: PlanFile,
    undecided: Annotated[int | None, typer.Option("--undecided", help="how many are undecided, said aloud")] = None,
    conflicts: Annotated[
        int | None, typer.Option("--conflicts", help="how many chairs have two holders, said aloud")
    ] = None,
    confirm_codes: Annotated[
        int | None, typer.Option("--confirm-codes", help="how many proposed codes are confirmed")
    ] = None,
    digest: DigestOption = None,
) -> int:
    """Agree to a plan that somebody else made; what is open is said aloud."""
    shell, read = get_shell(context), read_plan(file)
    with shell.recorded_refusals(APPROVED, read.digest):
        actor = shell.actor
        with shell.runtime.database.read() as reads:
            check_may_approve(reads, actor, read, shell.runtime.clocks.register())
        given = {"undecided": undecided, "conflicts": conflicts, "codes_to_confirm": confirm_codes}
        said = {
            what: ask_number(read, what, flag, given[what])
            for what, flag in SPOKEN.items()
            if read.header.open.get(what)
        }
        if not said:
            confirm_digest(read, digest)
        approve_plan(shell.runtime, read, actor, said)
    say(_("Plan {digest} is approved by {name}."), digest=read.short_digest, name=actor.name)
    return 0


def ask_number(read: Plan, what: str, flag: str, given: int | None) -> int:
    """The number a person says, typed or by flag. Raises Undetermined without a terminal."""
    if given is not None:
        return given
    found = str(read.header.open[what])
    confirm_by_typing(found, None, flag)
    return int(found)


def confirm_digest(read: Plan, given: str | None) -> None:
    """Danger is confirmed by typing the plan that was read: its first eight digits."""
    wanted = read.digest[:8]
    confirm_by_typing(wanted, given.replace(" ", "").lower()[:8] if given is not None else None, "--digest")


@merger_group.command("apply")
def apply(
    context: typer.Context, file: PlanFile, digest: DigestOption = None, output: OutputOption = Output.table
) -> int:
    """Do exactly what the plan says; nothing is seen before all of it is there."""
    shell, read = get_shell(context), read_plan(file)
    with shell.recorded_refusals(APPLIED, read.digest):
        actor = shell.actor
        with shell.runtime.database.read() as reads:
            check_may_change(reads, actor, read, shell.runtime.clocks.register())
            check_ready(reads, read)
        confirm_digest(read, digest)
        applied = work_aloud(read, 0, lambda move: apply_plan(shell.runtime, file, actor, move))
    return tell_applied(shell, read, applied, output)


@merger_group.command("resume")
def resume(
    context: typer.Context,
    key: Annotated[
        str | None, typer.Argument(help="plan file or digits of its digest; the only interrupted one by default")
    ] = None,
    output: OutputOption = Output.table,
) -> int:
    """Go on with a plan that was interrupted; nothing is done twice."""
    shell = get_shell(context)
    with shell.recorded_refusals(APPLIED, key):
        actor = shell.actor
        with shell.runtime.database.read() as reads:
            run = get_run(reads, key, ("running",))
        read = read_plan(Path(run.file))
        applied = work_aloud(read, run.position, lambda move: resume_plan(shell.runtime, run.digest, actor, move))
    return tell_applied(shell, read, applied, output)


def work_aloud(read: Plan, position: int, act: Callable[[Callable[[int], None]], Applied]) -> Applied:
    """Do it with a line of progress; Ctrl-C ends the step and says how to go on."""
    try:
        with progress(_("Changes written"), read.header.lines) as line:
            line.move(position)
            return act(line.move)
    except KeyboardInterrupt:
        say(_("Stopped. Nothing of it is seen yet. Go on with: hopnhat merger resume {digest}"), digest=read.digest[:8])
        raise


def tell_applied(shell: Shell, read: Plan, applied: Applied, output: Output) -> int:
    """What was done, and from when it holds."""
    if output is Output.json:
        print_json(
            {"digest": read.digest, "change": applied.change_id, "lines": applied.lines, "seconds": applied.seconds}
        )
        return 0
    reader = Reader(language(), shell.runtime.settings.zone, shell.runtime.clocks.register())
    if read.header.effective:
        moment = reader.moment(parse_instant(read.header.effective))
        say(_("Applied as change {change}. It holds from {moment}."), change=applied.change_id, moment=moment)
    else:
        say(_("Applied as change {change}."), change=applied.change_id)
    return 0


# --- status --------------------------------------------------------------------------------------------------------


@merger_group.command("status")
def status(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(help="plan file or digits of its digest")] = None,
    output: OutputOption = Output.table,
) -> int:
    """What was started, how far it got, and whom life has brought into units whose end is written."""
    runtime = get_shell(context).runtime
    with runtime.database.read() as reads:
        if key is None:
            namer = name_actor(reads)
            rows = [describe_run(run, namer(run.actor)) for run in list_runs(reads)]
            print_runs(runtime, rows, output)
            return 0
        run = get_run(reads, key, ("running", "done", "undone", "abandoned"))
        read = read_plan(Path(run.file))
        late = find_latecomers(reads, read, run) if run.state == "done" else []
    if output is Output.json:
        print_json(describe_run(run, run.actor) | {"latecomers": late})
        return 0
    print_plan(runtime, read, output)
    if late:
        say(_("{count} posts were written into these units since; somebody must decide about them:"), count=len(late))
        columns = {"name": _("Name"), "title": _("Post"), "change": _("Change"), "since": _("Since")}
        print_rows([asdict(one) for one in late], columns, output)
    return 0


def print_runs(runtime: Runtime, rows: list[dict[str, Any]], output: Output) -> None:
    """Every run; for people with short titles and days as they write them."""
    if output is Output.table:
        reader = Reader(language(), runtime.settings.zone, runtime.clocks.register())
        for row in rows:
            row["title"] = row["title"] if len(row["title"]) <= TITLE else f"{row['title'][: TITLE - 1]}…"
            row |= {key: reader.day(row[key]) for key in ("effective", "started") if row[key]}
    print_rows(rows, RUN_COLUMNS, output)


TITLE = 26
RUN_COLUMNS = {
    "digest": _("Plan"),
    "kind": _("Kind"),
    "title": _("Title"),
    "state": _("State"),
    "done": _("Done"),
    "effective": _("Takes effect"),
    "started": _("Started"),
    "actor": _("Who"),
    "change": _("Change"),
}


def describe_run(run: PlanRun, actor: str) -> dict[str, Any]:
    """One run as a row."""
    return {
        "digest": run.digest[:8],
        "title": run.title,
        "kind": run.kind,
        "state": run.state,
        "done": f"{run.position * 100 // max(run.lines, 1)} %",
        "position": run.position,
        "lines": run.lines,
        "effective": run.effective,
        "started": run.started_at,
        "finished": run.finished_at,
        "actor": actor,
        "change": run.change_id,
        "file": run.file,
    }


# --- undo ----------------------------------------------------------------------------------------------------------


@merger_group.command("undo")
def undo(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="plan file or digits of its digest")],
    reason: Annotated[str, typer.Option("--reason", help="why; kept with the change")],
    digest: DigestOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Take a merger back as a new change; what happened since is kept, and who could not be put back is listed."""
    shell = get_shell(context)
    runtime = shell.runtime
    with shell.recorded_refusals(UNDONE, key):
        actor = shell.actor
        with runtime.database.read() as reads:
            run = get_run(reads, key, ("running", "abandoning", "done"))
        read = read_plan(Path(run.file))
        with runtime.database.read() as reads:
            check_may_change(reads, actor, read, runtime.clocks.register())
        confirm_digest(read, digest)
        if run.state != "done":
            abandon_run(runtime, run, actor)
            say(_("Given up. Nothing of it was ever seen."))
            return 0
        author = Author(actor.label, show_author(runtime, actor))
        with progress(_("Changes taken back")) as line:
            undone = undo_run(runtime, run, actor, author, reason, line.move)
    return tell_undone(undone, output)


def tell_undone(undone: Undone, output: Output) -> int:
    """Who could not be put back, and why; exit code 1 if there is anybody."""
    say(_("Taken back by change {change}."), change=undone.applied.change_id)
    rows: list[dict[str, object]] = [
        {**asdict(one), "why": translate(language(), WHY[one.code])} for one in undone.left
    ]
    if output is Output.json:
        print_json({"change": undone.applied.change_id, "left": rows})
    elif rows:
        say(_("{count} people could not be put back:"), count=len(rows))
        columns = {"name": _("Name"), "why": _("Why"), "change": _("Change"), "actor": _("Who"), "at": _("When")}
        print_rows(rows, columns, output)
    return 1 if rows else 0


# --- report --------------------------------------------------------------------------------------------------------


@merger_group.command("report")
def report(
    context: typer.Context,
    at: Annotated[str | None, typer.Option("--at", help="the instant the figures are of; now by default")] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="as it was known then; repeats an old report")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="only what lies under this unit, by code")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Accounts, activations, certificates, and units with fewer than two signers, at an instant it names."""
    runtime = get_shell(context).runtime
    zone = runtime.settings.zone
    instant = parse_instant(at, zone) if at else runtime.clocks.register()
    as_of = AsOf(instant, parse_instant(known_at, zone) if known_at else None)
    with runtime.database.read() as reads:
        roots = [get_unit_by_code(reads, unit, as_of).id] if unit else []
        built = build_report(reads, as_of, roots)
    rows: list[dict[str, object]] = [
        {**asdict(one), "fewer_than_two_signers": one.lacks_signers} for one in built.units
    ]
    if output is Output.json:
        totals = {figure: built.total(figure) for figure in FIGURES}
        lacking = [{"code": one.code, "name": one.name, "signers": one.signers} for one in built.without_signers]
        print_json(
            {
                "at": instant,
                "known_at": as_of.known_at,
                "totals": totals,
                "fewer_than_two_signers": lacking,
                "units": rows,
            }
        )
    elif output is Output.csv:
        print_rows(
            [{"at": instant, **row} for row in rows],
            {"at": _("At")} | {key: key for key in rows[0]} if rows else {},
            output,
        )
    else:
        reader = Reader(language(), zone, runtime.clocks.register())
        for line in build_report_screen(built, reader):
            out.print(line, markup=False)
    return 0
