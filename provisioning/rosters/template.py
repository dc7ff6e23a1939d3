"""The empty roster that HR offices are given: headings with notes, drop-downs, text columns that keep their zeros, an example."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from foundation.i18n import _, translate
from provisioning.rosters.headings import WRITINGS
from provisioning.rosters.post_words import BODIES, DUTIES
from provisioning.rosters.vocabulary import COLUMNS

ROWS: Final = 5000
NEEDED: Final = frozenset({"name", "birth_date", "personal_number", "unit_code", "title"})
# The headings as the template writes them, for both languages: offices read Vietnamese, the importer reads both.
HEADINGS: Final = {column: WRITINGS[column].split("; ")[0] for column in COLUMNS} | {
    "personal_number": "Số định danh cá nhân (CCCD)",
    "body": "Khối (Đảng/HĐND/UBND…)",
}
NOTES: Final = {
    "name": _("As on the identity card, with all marks. One column, family name first."),
    "birth_date": _("Day/month/year, for example 25/12/1980."),
    "personal_number": _("Twelve digits. The column is text, so that leading zeros stay."),
    "unit_code": _("The code the unit bears on the day of this list, for example H61.12.3 or 28789."),
    "unit_scheme": _("Which kind of code it is; may stay empty where the form tells it."),
    "title": _("The title of the post as in the decision of appointment."),
    "duties": _("What the person does in the system, several with semicolons. Empty for most."),
    "body": _("To which body the post belongs."),
    "main": _("A person with several posts has one row for each; one of them is the main one."),
    "email": _("The official address, not a private one."),
    "phone": _("With the leading zero."),
    "login": _("The log-in used so far; it goes on working. Empty where there is none."),
    "staff_code": _("The code of the official's file, as issued."),
    "new_unit_code": _("Only when it is decided where the person goes: the code of the new unit."),
    "new_title": _("Only when it is decided."),
    "password_hash": _("Only for offices that export it: the hash, never a password."),
}
SCHEMES: Final = ("agency", "agency-legacy", "admin", "admin-2004")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "unit_scheme": SCHEMES,
    "body": ("Đảng", "HĐND", "UBND", "MTTQ", "Chuyên môn"),
    "main": ("Chính", "Kiêm nhiệm"),
}
EXAMPLE: Final = {
    "name": "Nguyễn Thị Ví Dụ",
    "birth_date": "25/12/1980",
    "personal_number": "086180000001",
    "unit_code": "H61.12.3",
    "unit_scheme": "agency",
    "title": "Văn thư",
    "duties": "văn thư; đầu mối",
    "body": "UBND",
    "main": "Chính",
    "email": "vidu.nt@vinhlong.gov.example",
    "phone": "0912345678",
    "login": "vidu.nt",
    "staff_code": "VL-000001",
}
WIDTHS: Final = {"name": 26, "title": 30, "email": 32, "duties": 24, "password_hash": 30, "personal_number": 20}


def write_template(path: Path, language: str, title: str) -> None:
    """Write the template: a sheet to fill in, and one with notes and an example."""
    with xlsxwriter.Workbook(path, {"strings_to_urls": False}) as workbook:
        look = build_look(workbook)
        fill_sheet(workbook.add_worksheet("Danh sách"), look, language, title)
        explain_sheet(workbook.add_worksheet("Hướng dẫn"), look, language)


def build_look(workbook: Any) -> dict[str, Any]:
    """The formats of both sheets."""
    heading = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
    return {
        "title": workbook.add_format({"bold": True, "font_size": 14}),
        "needed": workbook.add_format({**heading, "bg_color": "#F4CCCC"}),
        "heading": workbook.add_format({**heading, "bg_color": "#EDEDED"}),
        "text": workbook.add_format({"num_format": "@"}),
        "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
        "bold": workbook.add_format({"bold": True, "valign": "top"}),
        "soft": workbook.add_format({"italic": True, "font_color": "#666666"}),
    }


def fill_sheet(sheet: Any, look: Mapping[str, Any], language: str, title: str) -> None:
    """The sheet to fill in: every column is text, so that nothing is turned into a number or a date."""
    sheet.write_string(0, 0, f"{title} — DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC", look["title"])
    needed = _("Red headings are needed. One row for each post; notes appear when a heading is pointed at.")
    sheet.write_string(1, 0, translate(language, needed), look["soft"])
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, WIDTHS.get(column, 16), look["text"])
        sheet.write_string(3, place, HEADINGS[column], look["needed" if column in NEEDED else "heading"])
        sheet.write_comment(3, place, translate(language, NOTES[column]), {"x_scale": 2})
        if column in CHOICES:
            stop = {"validate": "list", "source": list(CHOICES[column]), "error_type": "stop"}
            sheet.data_validation(4, place, 4 + ROWS, place, stop)
    sheet.set_row(3, 34)
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)


def explain_sheet(sheet: Any, look: Mapping[str, Any], language: str) -> None:
    """What belongs into each column, the words for duties and bodies, and an example that is not imported."""
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 80)
    sheet.set_column(2, 2, 34)
    shown = [_("Column of the roster"), _("What belongs there"), _("Example")]
    for place, text in enumerate(shown):
        sheet.write_string(0, place, translate(language, text), look["heading"])
    for line, column in enumerate(COLUMNS, 1):
        sheet.write_string(line, 0, HEADINGS[column], look["bold"])
        sheet.write_string(line, 1, translate(language, NOTES[column]), look["wrap"])
        sheet.write_string(line, 2, EXAMPLE.get(column, ""), look["wrap"])
    line = len(COLUMNS) + 2
    for words in (DUTIES, BODIES):
        heading = _("Words for duties") if words is DUTIES else _("Words for bodies")
        sheet.write_string(line, 0, translate(language, heading), look["heading"])
        for word, writings in words.items():
            line += 1
            sheet.write_string(line, 0, word, look["bold"])
            sheet.write_string(line, 1, "; ".join(writings[1:]), look["wrap"])
        line += 2
