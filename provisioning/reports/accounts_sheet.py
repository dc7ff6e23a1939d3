"""The report of accounts and letters as a sheet: every official of every group in exactly one place, and the wholes. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from foundation.i18n import _, translate
from provisioning.reports.census import PLACES, Census
from provisioning.reports.groups import Group
from provisioning.reports.sheets import Cell, Column, Row, Sheet, Table, show_moment, show_number

SHORT: Final = {
    "active": _("In use"),
    "old_password": _("Old password"),
    "code_out": _("Code out"),
    "waiting": _("Waits for a code"),
    "not_activated": _("Not activated"),
    "suspended": _("Suspended"),
    "closed": _("Closed"),
    "none": _("No account"),
}


def build_sheet(
    census: Census, groups: Sequence[Group], printed: Mapping[str, int], language: str, zone: ZoneInfo, office: str
) -> Sheet:
    """The table by group with its last row of wholes; `printed` is how many letters were printed on which day."""
    counted = {place: sum(found.get(place, 0) for found in census.units.values()) for place in PLACES}
    shown = [place for place in PLACES if counted[place] or place in ("active", "none")]
    columns = [
        Column("code", translate(language, _("Code")), "text", 12),
        Column("unit", translate(language, _("Unit")), "text", 36),
        Column("officials", translate(language, _("Officials")), "number", 10),
        *(Column(place, translate(language, SHORT[place]), "number", 11) for place in shown),
    ]
    rows = [row for group in groups if (row := build_row(census, group, shown, language)) is not None]
    whole: dict[str, Cell] = {"unit": translate(language, _("Together")), "officials": sum(counted.values())}
    rows.append(Row({**whole, **{place: counted[place] for place in shown}}, "whole"))
    caption = translate(language, _("Accounts of officials, each in one column"))
    note = translate(
        language, _("{count} people of the register hold no post and are not counted here."),
        count=show_number(language, census.outside),
    )  # fmt: skip
    tables = [Table("accounts", caption, columns, rows, note)]
    if printed:
        tables.append(build_printed(printed, language))
    moment = show_moment(language, census.as_of.at, zone)
    known = show_moment(language, census.states_at, zone)
    return Sheet(
        language, zone, translate(language, _("Accounts and letters")), office,
        [
            translate(language, _("Units and people as of {moment}"), moment=moment),
            translate(language, _("states of accounts as of {moment}"), moment=known),
        ],
        [], tables,
        tell_notes(language),
    )  # fmt: skip


def build_row(census: Census, group: Group, shown: Sequence[str], language: str) -> Row | None:
    """One group, or nothing for one without officials."""
    found = {place: sum(census.units.get(unit, {}).get(place, 0) for unit in group.members) for place in PLACES}
    total = sum(found.values())
    if not total:
        return None
    name = group.unit.agency_name
    if group.own:
        name = translate(language, _("{unit} (itself)"), unit=name)
    return Row({"code": group.unit.code, "unit": name, "officials": total, **{place: found[place] for place in shown}})


def build_printed(printed: Mapping[str, int], language: str) -> Table:
    """Letters by day."""
    columns = [
        Column("day", translate(language, _("Day")), "text", 12),
        Column("letters", translate(language, _("Letters printed")), "number", 14),
    ]
    rows = [Row({"day": day, "letters": count}) for day, count in printed.items()]
    rows.append(Row({"day": translate(language, _("Together")), "letters": sum(printed.values())}, "whole"))
    return Table("letters", translate(language, _("Activation letters")), columns, rows)


def tell_notes(language: str) -> list[str]:
    """What a reader must know."""
    told = _(
        "Of an instant of the past, all who had not come in yet stand in one column: what could open an account is not kept."
    )
    return [translate(language, told)]
