"""Coverage lists as a sheet: how many lack what, then the lists by name. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from foundation.i18n import _, translate
from provisioning.merger.levels import natural
from provisioning.reports.coverage import LISTS, Coverage, Lacking, Survey
from provisioning.reports.sheets import Column, Row, Sheet, Table, show_moment


def build_sheet(
    survey: Survey, found: Sequence[Coverage], language: str, zone: ZoneInfo, office: str, with_names: bool = True
) -> Sheet:
    """The summary and, with names, each list."""
    instants = [
        translate(language, _("Units and people as of {moment}"), moment=show_moment(language, survey.as_of.at, zone)),
        translate(
            language, _("as known {moment}"), moment=show_moment(language, survey.as_of.known_at or survey.now, zone)
        ),
    ]
    lists = [build_list(coverage, language) for coverage in found if coverage.rows and with_names]
    notes = [translate(language, _("Credentials are told as they are now: what opened an account once is not kept."))]
    return Sheet(
        language, zone, translate(language, _("What is still missing")), office, instants, [],
        [build_summary(found, language), *lists], notes,
    )  # fmt: skip


def build_summary(found: Sequence[Coverage], language: str) -> Table:
    """One row a list."""
    columns = [
        Column("list", translate(language, _("List")), "text", 22),
        Column("caption", translate(language, _("What is missing")), "text", 60),
        Column("count", translate(language, _("Missing")), "number", 10),
        Column("of", translate(language, _("Of")), "number", 10),
        Column("share", translate(language, _("Percent")), "share", 9),
    ]
    rows = [
        Row(
            {
                "list": coverage.name,
                "caption": translate(language, LISTS[coverage.name][0]),
                "count": len(coverage.rows),
                "of": coverage.of,
                "share": len(coverage.rows) / coverage.of if coverage.of else None,
            },
            "late" if coverage.rows else "good",
        )
        for coverage in found
    ]
    return Table("summary", translate(language, _("Coverage")), columns, rows)


def build_list(coverage: Coverage, language: str) -> Table:
    """One list, by unit code and name."""
    people = any(row.name for row in coverage.rows)
    columns = [
        Column("code", translate(language, _("Code")), "text", 12),
        Column("unit", translate(language, _("Unit")), "text", 36),
        *(
            [
                Column("name", translate(language, _("Name")), "text", 26),
                Column("title", translate(language, _("Post")), "text", 24),
                Column("login", translate(language, _("Log-in")), "text", 16),
            ]
            if people
            else []
        ),
        Column("why", translate(language, _("Why")), "text", 44),
    ]
    ordered = sorted(coverage.rows, key=lambda row: (natural(row.unit.code or row.unit.name), row.name or ""))
    rows = [Row(as_cells(row, language)) for row in ordered]
    return Table(coverage.name, translate(language, LISTS[coverage.name][0]), columns, rows)


def as_cells(row: Lacking, language: str) -> dict[str, str | None]:
    """The cells of one row."""
    return {
        "code": row.unit.code,
        "unit": row.unit.agency_name,
        "name": row.name,
        "title": row.title,
        "login": row.login,
        "why": row.why.show(language),
    }
