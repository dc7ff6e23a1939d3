"""`hopnhat merger report`: what became of a merger, at an instant it names."""

from dataclasses import asdict
from typing import Annotated

import typer

from directory.units import get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, out, print_json, print_rows
from provisioning.merger.approval import find_own_approvals
from provisioning.merger.reader import Reader
from provisioning.merger.report import FIGURES, OF_NOW, build_report
from provisioning.merger.report_screen import build_report_screen


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
        own = find_own_approvals(reads)
        built = build_report(reads, as_of, runtime.clocks.wall(), roots)
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
                "counted_at": built.counted_at,
                "as_of_counting": OF_NOW,
                "totals": totals,
                "fewer_than_two_signers": lacking,
                "own_approvals": own,
                "units": rows,
            }
        )
    elif output is Output.csv:
        print_rows(
            [{"at": instant, "accounts_at": built.counted_at, **row} for row in rows],
            {"at": _("At"), "accounts_at": _("Accounts as of")} | {key: key for key in rows[0]} if rows else {},
            output,
        )
    else:
        reader = Reader(language(), zone, runtime.clocks.register())
        for line in build_report_screen(built, reader, own):
            out.print(line, markup=False)
    return 0
