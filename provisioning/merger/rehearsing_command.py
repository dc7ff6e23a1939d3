"""`hopnhat merger rehearse`: the plan on a copy, and what speaks for and against going on."""

from typing import Annotated

import typer

from directory.settings import LdapSettings
from foundation.i18n import _
from foundation.plans import read_plan
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, progress
from provisioning.merger.confirming import PlanFile
from provisioning.merger.reader import Reader
from provisioning.merger.rehearsal import REHEARSED, rehearse_plan, tell_rehearsal
from provisioning.merger.rehearsal_screen import build_rehearsal_screen


def rehearse(
    context: typer.Context,
    file: PlanFile,
    ldap: Annotated[
        bool | None,
        typer.Option("--ldap/--no-ldap", help="print to a private LDAP server too; as the settings say by default"),
    ] = None,
    output: OutputOption = Output.table,
) -> int:
    """Apply the plan to a copy of the register; nothing real is touched. Exit code 1 if something speaks against going on."""
    shell, read = get_shell(context), read_plan(file)
    directory = shell.runtime.settings[LdapSettings].enabled if ldap is None else ldap
    with shell.recorded_refusals(REHEARSED, read.digest):
        actor = shell.actor
        with progress(_("Changes rehearsed"), read.header.lines) as line:
            found = rehearse_plan(shell.runtime, read, actor, line.move, directory=directory)
    if output is Output.json:
        print_json(tell_rehearsal(found, language()))
    else:
        reader = Reader(language(), shell.runtime.settings.zone, shell.runtime.clocks.register())
        for told in build_rehearsal_screen(found, reader):
            out.print(told, markup=False)
    return 1 if found.against else 0
