"""`hopnhat merger undo`: the plan that takes a merger back, or giving up one that was never shown."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from foundation.i18n import _, translate
from foundation.plans import read_plan
from foundation.runtime import Runtime
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, say
from provisioning.merger.confirming import DigestOption, confirm_digest
from provisioning.merger.planning import Author
from provisioning.merger.planning_command import show_author
from provisioning.merger.runs import get_run
from provisioning.merger.showing_command import print_plan
from provisioning.merger.undo import UNDONE, WHY, Undoing, abandon_run, plan_taking_back
from provisioning.plan_rights import check_may_change


def undo(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="plan file or digits of its digest")],
    reason: Annotated[str, typer.Option("--reason", help="why; kept with the change")],
    file: Annotated[Path | None, typer.Option("--out", help="where the plan goes; undo-DIGITS.plan by default")] = None,
    digest: DigestOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the plan that takes a merger back; somebody else approves it. What happened since is kept; who could not be put back is listed.

    What was interrupted and never shown is given up at once; then --digest is asked for.
    """
    shell = get_shell(context)
    runtime = shell.runtime
    with shell.recorded_refusals(UNDONE, key):
        actor = shell.actor
        with runtime.database.read() as reads:
            run = get_run(reads, key, ("running", "abandoning", "done"))
        read = read_plan(Path(run.file))
        with runtime.database.read() as reads:
            check_may_change(reads, actor, read, runtime.clocks.register())
        if run.state != "done":
            confirm_digest(read, digest)
            abandon_run(runtime, run, actor)
            say(_("Given up. Nothing of it was ever seen."))
            return 0
        author, out = Author(actor.label, show_author(runtime, actor)), file or Path(f"undo-{run.digest[:8]}.plan")
        undoing = plan_taking_back(runtime, run, out, actor, author, reason)
    return tell_undoing(runtime, undoing, output)


def tell_undoing(runtime: Runtime, undoing: Undoing, output: Output) -> int:
    """The plan, and who could not be put back and why; exit code 1 if there is anybody."""
    rows: list[dict[str, object]] = [
        {**asdict(one), "why": translate(language(), WHY[one.code])} for one in undoing.left
    ]
    if output is Output.json:
        print_json({"plan": str(undoing.plan.path), "digest": undoing.plan.digest, "left": rows})
        return 1 if rows else 0
    print_plan(runtime, undoing.plan, output)
    if rows:
        say(_("{count} people cannot be put back:"), count=len(rows))
        columns = {"name": _("Name"), "why": _("Why"), "change": _("Change"), "actor": _("Who"), "at": _("When")}
        print_rows(rows, columns, output)
    return 1 if rows else 0
