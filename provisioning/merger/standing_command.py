"""`hopnhat merger status`: what was started, how far it got, and whom life has brought into units whose end is written."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from foundation.changes import AsOf
from foundation.database import Reads
from foundation.i18n import _
from foundation.plans import PlanRun, read_plan
from foundation.runtime import Runtime
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows, say
from provisioning.merger.reader import Reader
from provisioning.merger.run_states import PLAN_KINDS, RUN_STATES
from provisioning.merger.runs import get_run, list_runs
from provisioning.merger.showing_command import print_plan
from provisioning.people.between import Between, list_between
from provisioning.people.between_screen import COLUMNS, describe_between, tell_between
from provisioning.plan_rights import name_actor
from provisioning.sight import SEEN, find_seen, find_sight


def status(
    context: typer.Context,
    key: Annotated[str | None, typer.Argument(help="plan file or digits of its digest")] = None,
    output: OutputOption = Output.table,
) -> int:
    """What was started, how far it got, and whom of your units life has brought into units whose end is written."""
    shell = get_shell(context)
    runtime = shell.runtime
    with shell.recorded_refusals(SEEN), runtime.database.read() as reads:
        if key is None:
            namer = name_actor(reads)
            rows = [describe_run(run, namer(run.actor)) for run in list_runs(reads)]
            print_runs(runtime, rows, output)
            return 0
        run = get_run(reads, key, tuple(RUN_STATES))
        read = read_plan(Path(run.file))
        since = pick_seen(shell, reads, list_between(reads, run)) if run.state == "done" else []
        actor = name_actor(reads)
        rows = [describe_between(one, actor(one.actor), language()) for one in since]
    if output is Output.json:
        print_json(describe_run(run, run.actor) | {"between": rows})
        return 0
    print_plan(runtime, read, output)
    if rows:
        undecided = sum(one.open for one in since)
        say(
            _("Since it was applied, life touched {count} people of these units; {open} of them need a decision:"),
            count=len(rows),
            open=undecided,
        )
        if output is Output.csv:
            print_rows(rows, COLUMNS, output)
        else:
            for line in tell_between(rows, runtime.settings.zone):
                out.print(line, markup=False)
    return 0


def pick_seen(shell: Shell, reads: Reads, found: Sequence[Between]) -> list[Between]:
    """Those of the people whom the actor may see. Raises NotPermitted when there are any and nobody is logged in."""
    if not found:
        return []
    as_of = AsOf(shell.runtime.clocks.register())
    seen = find_seen(reads, find_sight(reads, shell.actor, as_of), (one.person for one in found), as_of)
    return [one for one in found if one.person in seen]


def print_runs(runtime: Runtime, rows: list[dict[str, Any]], output: Output) -> None:
    """Every run; for people with short titles, days as they write them, and as many columns as a screen has room for."""
    if output is Output.table:
        reader = Reader(language(), runtime.settings.zone, runtime.clocks.register())
        for row in rows:
            row["title"] = row["title"] if len(row["title"]) <= TITLE else f"{row['title'][: TITLE - 1]}…"
            row["state"] = reader.say(RUN_STATES[row["state"]])
            row["kind"] = reader.say(PLAN_KINDS.get(row["kind"], row["kind"]))
            row |= {"effective": reader.day(row["effective"])} if row["effective"] else {}
    columns = {key: heading for key, heading in RUN_COLUMNS.items() if output is not Output.table or key != "started"}
    print_rows(rows, columns, output)


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
