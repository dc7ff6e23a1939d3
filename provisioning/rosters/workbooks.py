"""XLSX workbooks as tables, streamed: one row in memory at a time, whatever the size (ECMA-376 part 1, §18.2–18.8).

Read by ourselves because a roster of 300,000 people must not cost its whole size in memory, and because what a spreadsheet did to the
data is seen only here: true numbers behind `7.9E+10`, the date system, merged and hidden cells, formulas without a result.
"""

from pathlib import Path

from provisioning.rosters.containers import open_zip
from provisioning.rosters.tables import Book, Sheet
from provisioning.rosters.workbook_parts import Member, SharedTexts, read_day_styles, read_workbook
from provisioning.rosters.workbook_rows import read_rows


def open_workbook(path: Path) -> Book:
    """A workbook as sheets. Raises BrokenFile, EncryptedFile or OversizedFile."""
    with open_zip(path) as archive:
        members = {member.filename.lstrip("/"): member for member in archive.infolist()}
    system, sheets = read_workbook(path, members)
    days = read_day_styles(path, members)
    texts = SharedTexts(path, members)
    facts = {"format": "xlsx", "encoding": None, "delimiter": None, "date_system": system}

    def open_sheet(member: Member) -> Sheet:
        entry = members[member.path]
        unseen: set[int] = set()
        return Sheet(
            member.name, lambda: read_rows(path, entry, texts.load(), days, system, unseen), member.hidden, unseen
        )

    return Book(tuple(open_sheet(sheet) for sheet in sheets if sheet.path in members), facts)
