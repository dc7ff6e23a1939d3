"""`hopnhat unit find` and `unit history`: who bears a code, and what befell them."""

import typer

from directory.chains import find_ancestors, full_name
from directory.history import build_history
from directory.unit_options import AtOption, SchemeOption, check_scheme, read_as_of
from directory.unit_words import KINDS, LEVEL_WORDS, SHARES, say_word, tell_day
from directory.units import UnitFacts, get_unit_by_code
from foundation.changes import AsOf
from foundation.database import Reads
from foundation.i18n import _, translate
from foundation.shell import get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows


def find(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """The unit that bears a code, or bore it last."""
    shell = get_shell(context)
    check_scheme(scheme)
    with shell.runtime.database.read() as reads:
        as_of = read_as_of(shell, at)
        unit = get_unit_by_code(reads, code, as_of, scheme)
        print_rows([describe_unit(reads, unit, as_of, output is Output.table)], UNIT_COLUMNS, output)
    return 0


UNIT_COLUMNS = {
    "code": _("Code"),
    "name": _("Unit"),
    "level": _("Level"),
    "above": _("Belongs to"),
    "from": _("Since"),
    "to": _("Until"),
    "unit": _("Id"),
}


def describe_unit(reads: Reads, unit: UnitFacts, as_of: AsOf, spoken: bool) -> dict[str, object]:
    """One unit as a row."""
    chain = find_ancestors(reads, unit.id, as_of)
    return {
        "code": ", ".join(unit.codes.values()) + (f" ({translate(language(), _('example'))})" if unit.example else ""),
        "name": unit.agency_name,
        "level": say_word(LEVEL_WORDS, unit.level, spoken),
        "above": full_name(chain[1:]) if len(chain) > 1 else "",
        "from": unit.begins,
        "to": unit.ends,
        "unit": unit.id,
    }


def history(
    context: typer.Context,
    code: str,
    at: AtOption = None,
    scheme: SchemeOption = None,
    output: OutputOption = Output.table,
) -> int:
    """The life of the units that bore a code: names, codes, events."""
    shell = get_shell(context)
    check_scheme(scheme)
    with shell.runtime.database.read() as reads:
        answer = build_history(reads, code, read_as_of(shell, at), scheme)
    if output is Output.json:
        print_json(answer)
        return 0
    spoken = output is Output.table
    rows = [
        {"instant": tell_day(event["instant"]) if spoken else event["instant"],
         "what": say_word(KINDS, event["kind"], spoken), "from": event["from"], "to": event["to"],
         "share": say_word(SHARES, event["share"], spoken), "decision": event["decision"]}
        for unit in answer["units"] for event in unit["events"]
    ]  # fmt: skip
    if spoken:  # a code that two units bore in turn: what happened to both is told once
        rows = [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in rows)]
    columns = {"instant": _("When"), "what": _("What"), "from": _("From"), "to": _("To"), "share": _("Share"),
               "decision": _("Decision")}  # fmt: skip
    print_rows(rows, columns, output)
    return 0
