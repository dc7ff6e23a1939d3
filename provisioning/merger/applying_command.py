"""`hopnhat merger apply` and `resume`: do exactly what the plan says, with progress; go on where it stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from directory.settings import LdapSettings
from foundation.clocks import parse_instant
from foundation.i18n import _
from foundation.plans import Plan, read_plan
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, print_json, progress, say
from provisioning.merger.apply import APPLIED, Applied, apply_plan, check_ready, resume_plan
from provisioning.merger.confirming import DigestOption, PlanFile, confirm_digest
from provisioning.merger.mixture import estimate_mixture
from provisioning.merger.reader import Reader
from provisioning.merger.runs import get_run
from provisioning.plan_rights import check_may_change


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
    """What was done, from when it holds, and how long the directory will show old and new side by side."""
    printing = shell.runtime.settings[LdapSettings].enabled
    with shell.runtime.database.read() as reads:
        mixed = estimate_mixture(reads, read) if printing else None
    if output is Output.json:
        told = {"digest": read.digest, "change": applied.change_id, "lines": applied.lines, "seconds": applied.seconds}
        print_json({**told, "directory_mixed_seconds": mixed})
        return 0
    reader = Reader(language(), shell.runtime.settings.zone, shell.runtime.clocks.register())
    if read.header.effective:
        moment = reader.moment(parse_instant(read.header.effective))
        say(_("Applied as change {change}. It holds from {moment}."), change=applied.change_id, moment=moment)
    else:
        say(_("Applied as change {change}."), change=applied.change_id)
    if mixed is not None:
        seconds = max(1, round(mixed))
        say(_("The worker then prints LDAP; for about {seconds} s it shows old and new side by side."), seconds=seconds)
    elif printing:
        say(
            _(
                "The worker then prints LDAP; while it does, old and new stand side by side there. How long: hopnhat merger rehearse"
            )
        )
    return 0
