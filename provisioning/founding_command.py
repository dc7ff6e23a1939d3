"""`hopnhat init`: a fresh installation in one command; two activation codes are shown, once."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.i18n import _
from foundation.settings import sample_file
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, out, print_rows, say
from provisioning.installation import found_installation
from provisioning.own_clients import keep_own_clients
from provisioning.schema import upgrade
from provisioning.sections import SECTIONS


def init(
    context: typer.Context,
    administrator: Annotated[
        list[str] | None, typer.Option("--administrator", "-a", help="full name of one of the first two; give it twice")
    ] = None,
    root: Annotated[str, typer.Option(help="name of the unit above all others")] = "Chính phủ",
    sample: Annotated[Path | None, typer.Option(help="only write a commented settings file here and end")] = None,
    output: OutputOption = Output.table,
) -> int:
    """Make the tables, the keys, the root unit and the first two administrators."""
    if sample is not None:
        sample.write_text(sample_file(SECTIONS), encoding="utf-8")
        say(_("A settings file with every default was written to {file}."), file=str(sample))
        return 0
    names = administrator or [typer.prompt("1. Họ và tên / full name"), typer.prompt("2. Họ và tên / full name")]
    runtime = get_shell(context).runtime
    now = runtime.clocks.wall()
    upgrade(runtime.database)
    with runtime.database.write() as writes:
        made = found_installation(writes, root, names, now)
        keep_own_clients(runtime, writes, now)
    runtime.seal_audit()
    rows = [{"name": one.name, "login": one.login, "code": one.code, "person": one.person_id} for one in made]
    say(
        _("The register is founded. These codes are shown once; each opens one account at {issuer}/activate:"),
        issuer=runtime.settings.issuer,
    )
    print_rows(rows, {"name": _("Name"), "login": _("Log-in"), "code": _("Activation code")}, output)
    if output is Output.table:
        out.print()
        say(_("Next: “hopnhat serve” and “hopnhat worker”, then activate both and “hopnhat login”."))
    return 0
