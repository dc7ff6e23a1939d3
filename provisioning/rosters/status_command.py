"""`hopnhat roster status`: who has sent a list, when, by whom, with how many faults; and who has not."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from directory.models import LEVELS
from directory.unit_words import LEVEL_WORDS, say_word
from directory.units import get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.errors import WrongUsage
from foundation.i18n import _
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, print_rows, say
from provisioning.plan_rights import name_actor
from provisioning.rosters.opening import AtOption, ProvinceOption
from provisioning.rosters.status import Sent, each_sent

STATUS_COLUMNS: Final = {
    "code": _("Code"),
    "unit": _("Unit"),
    "level": _("Level"),
    "people": _("People"),
    "loaded_at": _("Last load"),
    "sent_at": _("Last roster"),
    "sent_by": _("Sent by"),
    "rows": _("Rows"),
    "faults": _("With faults"),
}


def tell_status(
    context: typer.Context,
    province: ProvinceOption = None,
    at: AtOption = None,
    level: Annotated[str | None, typer.Option("--level", help=" | ".join(LEVELS))] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="only units that have sent nothing and have nobody")
    ] = False,
    output: OutputOption = Output.table,
) -> int:
    """Who has sent a roster, when, by whom and with how many faults, and who has not; exit code 1 while a unit has nobody."""
    shell = get_shell(context)
    settings, clocks = shell.runtime.settings, shell.runtime.clocks
    if level is not None and level not in LEVELS:
        raise WrongUsage("“{level}” is not one of {levels}.", level=level, levels=", ".join(LEVELS))
    as_of = AsOf(parse_instant(at, settings.zone) if at else clocks.register())
    with shell.runtime.database.read() as reads:
        root = get_unit_by_code(reads, province, as_of).id if province else None
        units = list(each_sent(reads, as_of, root, level))
        name = name_actor(reads)
        spoken = output is Output.table
        rows = [describe_sent(sent, name, spoken) for sent in units if not (missing and (sent.people or sent.last))]
    empty = sum(not sent.people for sent in units)
    faulty = sum(bool(sent.last and sent.last.faults) for sent in units)
    silent = sum(not sent.people and sent.last is None for sent in units)
    print_rows(rows, STATUS_COLUMNS, output)
    say(
        _(
            "{sent} of {units} units have people; {empty} have nobody yet: {silent} of them sent nothing. {faulty} lists have faults."
        ),
        sent=len(units) - empty,
        units=len(units),
        empty=empty,
        silent=silent,
        faulty=faulty,
    )
    return 1 if empty else 0


def describe_sent(sent: Sent, name: Callable[[str], str], spoken: bool) -> dict[str, object]:
    """One unit as a row of the status."""
    level = say_word(LEVEL_WORDS, sent.unit.level, spoken)
    unit = {"code": sent.unit.code, "unit": sent.unit.agency_name, "level": level}
    last = sent.last
    told = (last.sent_at, name(last.actor), last.rows, last.faults) if last else (None,) * 4
    came = dict(zip(("sent_at", "sent_by", "rows", "faults"), told, strict=True))
    return {**unit, "people": sent.people, "loaded_at": sent.loaded_at, **came}
