"""`hopnhat merger rehearse`: the plan on a copy, and what speaks against going on."""

from dataclasses import asdict

import typer

from foundation.i18n import _
from foundation.plans import read_plan
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, progress
from provisioning.merger.confirming import PlanFile
from provisioning.merger.reader import Reader
from provisioning.merger.rehearsal import REHEARSED, rehearse_plan
from provisioning.merger.rehearsal_screen import build_rehearsal_screen


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
