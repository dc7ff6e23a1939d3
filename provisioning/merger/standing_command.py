"""`hopnhat merger status`: what was started, how far it got, and whom life has brought into units whose end is written."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from foundation.i18n import _
from foundation.plans import PlanRun, read_plan
from foundation.runtime import Runtime
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, say
from provisioning.merger.between import find_cases
from provisioning.merger.reader import Reader
from provisioning.merger.run_states import RUN_STATES
from provisioning.merger.runs import get_run, list_runs
from provisioning.merger.showing_command import print_plan
from provisioning.plan_rights import name_actor


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
        run = get_run(reads, key, tuple(RUN_STATES))
        read = read_plan(Path(run.file))
        late = find_cases(reads, read, run) if run.state == "done" else []
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
            row["state"] = reader.say(RUN_STATES[row["state"]])
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
