"""`hopnhat report accounts`: every official of every unit in exactly one column, and the letters by day."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
import typer

from foundation.audit import AuditRow
from foundation.clocks import local_day
from foundation.database import Reads
from foundation.shell import Shell, get_shell
from foundation.terminal import Output, OutputOption, language, print_json, print_rows
from provisioning.letters.printing import EVENT as PRINTED
from provisioning.reports import accounts_sheet
from provisioning.reports.census import PLACES, Census, take_census
from provisioning.reports.files import tell, write_files
from provisioning.reports.groups import Group, choose_level, gather_groups
from provisioning.reports.questions import (
    AtOption,
    ByOption,
    HtmlOption,
    KnownOption,
    LanguageOption,
    UnitOption,
    XlsxOption,
    check_level,
    read_question,
)
from provisioning.reports.readiness import read_scope
from provisioning.reports.sheets import show_day


def accounts(
    context: typer.Context,
    at: AtOption = None,
    known_at: KnownOption = None,
    unit: UnitOption = None,
    by: ByOption = None,
    html: HtmlOption = None,
    xlsx: XlsxOption = None,
    paper: LanguageOption = None,
    output: OutputOption = Output.table,
) -> int:
    """Accounts and letters: every official of every unit in exactly one column."""
    shell = get_shell(context)
    runtime, settings = shell.runtime, shell.runtime.settings
    check_level(by)
    with runtime.database.read() as reads:
        asked = read_question(shell, reads, at, known_at, unit, paper)
        units = read_scope(reads, asked.as_of, asked.root)
        census = take_census(reads, asked.as_of, asked.now)
        inside = Census(
            census.as_of, census.states_at, {key: census.units[key] for key in census.units if key in units},
            census.outside,
        )  # fmt: skip
        printed = count_printed(shell, reads, census.states_at)
    groups = gather_groups(units, by or choose_level(units.values()))
    office = asked.root.agency_name if asked.root else settings.title
    sheet = accounts_sheet.build_sheet(inside, groups, printed, asked.paper, settings.zone, office)
    write_files(sheet, asked.now, html, xlsx, None)
    if output is Output.table:
        shown = accounts_sheet.build_sheet(inside, groups, printed, language(), settings.zone, office)
        tell(shown, shown.tables, None)
        return 0
    rows = [describe_group(inside, group) for group in groups]
    rows = [row for row in rows if row["officials"]]
    if output is Output.json:
        totals = {key: sum(int(str(row[key])) for row in rows) for key in ("officials", *PLACES)}
        print_json({"at": asked.as_of.at, "states_at": census.states_at, "totals": totals, "without_post": census.outside,
                    "units": rows, "letters": printed})  # fmt: skip
    else:
        columns = ("code", "unit", "officials", *PLACES)
        print_rows(rows, {key: key for key in columns}, output)
    return 0


def describe_group(census: Census, group: Group) -> dict[str, object]:
    """One group as data."""
    found = {place: sum(census.units.get(unit, {}).get(place, 0) for unit in group.members) for place in PLACES}
    name = {"code": group.unit.code, "unit": group.unit.agency_name, "itself": group.own}
    return {**name, "officials": sum(found.values()), **found}


def count_printed(shell: Shell, reads: Reads, until: datetime) -> Mapping[str, int]:
    """Letters by the day they were printed, from the audit."""
    zone = shell.runtime.settings.zone
    rows = reads.execute(
        sa.select(AuditRow.at, AuditRow.detail)
        .where(AuditRow.event == PRINTED, AuditRow.outcome == "done", AuditRow.at <= until)
        .order_by(AuditRow.id)
    )
    days: dict[str, int] = {}
    for at, detail in rows:
        day = show_day(language(), local_day(at, zone))
        days[day] = days.get(day, 0) + int(detail.get("letters", 0))
    return days
