"""A sheet as one HTML file that can be mailed: the style inside, nothing fetched, no script, readable without any style at all."""

from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from foundation.i18n import HOUSE
from provisioning.reports.screen import NUMBERS
from provisioning.reports.sheets import Sheet, shorten

TEMPLATE: Final = "reports/sheet.html"
MOST: Final = 40
"""Rows of one table in a mail; all of them stand in the workbook."""


@cache
def open_template() -> Template:
    """The page; everything in it is escaped."""
    loader = FileSystemLoader(HOUSE / "provisioning" / "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template(TEMPLATE)


def write_html(sheet: Sheet) -> str:
    """The page."""
    tables = [shorten(sheet, table, MOST) for table in sheet.tables]
    return open_template().render(sheet=sheet, tables=tables, numbers=NUMBERS)
