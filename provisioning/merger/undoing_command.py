"""`hopnhat merger undo`: take a plan back as a new change, or give up one that was never shown."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from foundation.i18n import _, translate
from foundation.plans import read_plan
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows, progress, say
from provisioning.merger.confirming import DigestOption, confirm_digest
from provisioning.merger.planning import Author
from provisioning.merger.planning_command import show_author
from provisioning.merger.runs import get_run
from provisioning.merger.undo import UNDONE, WHY, Undone, abandon_run, undo_run
from provisioning.plan_rights import check_may_change


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
