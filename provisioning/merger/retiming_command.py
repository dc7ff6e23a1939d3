"""`hopnhat merger postpone`: the plan that moves an applied merger, which still lies ahead, to another instant."""

from pathlib import Path
from typing import Annotated

import typer

from foundation import audit
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import _
from foundation.plans import PlanRun, read_plan
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, say
from provisioning.mail.address_plan import KIND as ADDRESSES
from provisioning.merger.planning import Author
from provisioning.merger.planning_command import MADE, show_author
from provisioning.merger.retiming import plan_retime
from provisioning.merger.runs import get_run, list_runs
from provisioning.merger.showing_command import print_plan
from provisioning.plan_rights import check_may_change


def postpone(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="plan file or digits of its digest")],
    to: Annotated[str, typer.Option("--to", help="the new instant, or a date")],
    decision: Annotated[str, typer.Option("--decision", help="number of the act that moves it")],
    file: Annotated[Path, typer.Option("--out", help="where to write the plan")] = Path("postponed.plan"),
    output: OutputOption = Output.table,
) -> int:
    """Make the plan that moves a merger to another instant, later or sooner; it is approved and applied like any other."""
    shell = get_shell(context)
    runtime = shell.runtime
    with shell.recorded_refusals(MADE, key):
        actor, now = shell.actor, runtime.clocks.wall()
        with runtime.database.read() as reads:
            run = get_run(reads, key, ("done",))
            check_may_change(reads, actor, read_plan(Path(run.file)), runtime.clocks.register())
            author = Author(actor.label, show_author(runtime, actor))
            made = plan_retime(reads, run, parse_instant(to, runtime.settings.zone), file, author, decision, now)
            orders = list_orders_beside(reads, run)
        with runtime.database.write() as writes:
            detail = {"title": made.header.title, "lines": made.header.lines, "retimes": run.digest}
            audit.record(writes, now, MADE, actor.label, made.digest, detail)
    print_plan(runtime, made, output)
    for order in orders:
        say(
            _(
                "“{title}” gives new addresses at the old instant and is a decision of its own: hopnhat merger postpone {digits} …"
            ),
            title=order.title,
            digits=order.digest[:8],
        )
    say(_("After it is approved and applied, “merger undo” with its digits takes the merger back as a whole."))
    return 0


def list_orders_beside(reads: Reads, run: PlanRun) -> list[PlanRun]:
    """Orders for addresses that hold from the very instant that is moved: they stay unless they are moved too."""
    return [
        one
        for one in list_runs(reads)
        if one.kind == ADDRESSES and one.state == "done" and one.effective == run.effective and one.digest != run.digest
    ]
