"""What a workbook says beside its sheets: their names and order, the date system, which styles show a day, the table of texts.

ECMA-376 part 1, §18.2 (workbook), §18.4 (shared strings), §18.8 (styles).
"""

import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provisioning.rosters.birth_dates import DateSystem
from provisioning.rosters.containers import read_member
from provisioning.rosters.errors import BrokenFile, OversizedFile
from provisioning.rosters.workbook_xml import Reader, local

# Number formats that show a day (ECMA-376 part 1, §18.8.30), and the letters that make a format of one's own show one.
DAY_FORMATS: Final = frozenset((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)))
NOT_CODE: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
TEXTS_LIMIT: Final = 1 << 29


@dataclass(frozen=True)
class Member:
    """One sheet as the workbook lists it."""

    name: str
    path: str
    hidden: bool


def read_workbook(path: Path, members: Mapping[str, zipfile.ZipInfo]) -> tuple[DateSystem, list[Member]]:
    """The date system and the sheets in their order."""
    place = next((name for name in members if name.endswith("workbook.xml")), None)
    if place is None:
        raise BrokenFile
    folder = posixpath.dirname(place)
    targets = read_relations(path, members.get(f"{folder}/_rels/workbook.xml.rels".lstrip("/")), folder)
    sheets: list[Member] = []
    system: DateSystem = 1900

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal system
        name = local(tag)
        if name == "workbookPr" and attributes.get("date1904", "0") in ("1", "true"):
            system = 1904
        elif name == "sheet":
            key = next((value for attribute, value in attributes.items() if local(attribute) == "id"), "")
            state = attributes.get("state", "visible")
            sheets.append(Member(attributes.get("name", ""), targets.get(key, ""), state != "visible"))

    Reader(start, lambda _tag: None).read(read_member(path, members[place]))
    return system, sheets


def read_relations(path: Path, member: zipfile.ZipInfo | None, folder: str) -> dict[str, str]:
    """Relationship id → member of the container."""
    targets: dict[str, str] = {}

    def start(_tag: str, attributes: dict[str, str]) -> None:
        target = attributes.get("Target", "")
        full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        targets[attributes.get("Id", "")] = full

    if member is not None:
        Reader(start, lambda _tag: None).read(read_member(path, member))
    return targets


def read_day_styles(path: Path, members: Mapping[str, zipfile.ZipInfo]) -> frozenset[str]:
    """The cell styles that show a number as a day, as the `s` attribute names them."""
    member = next((entry for name, entry in members.items() if name.endswith("styles.xml")), None)
    if member is None:
        return frozenset()
    formats: dict[int, str] = {}
    styles: list[int] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        name = local(tag)
        if name == "numFmt":
            formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(int(attributes.get("numFmtId", "0")))

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and local(tag) != "cellXfs"

    Reader(start, end).read(read_member(path, member))
    return frozenset(str(place) for place, number in enumerate(styles) if shows_day(number, formats.get(number)))


def shows_day(number: int, code: str | None) -> bool:
    """Whether a number format shows a day."""
    if code is None:
        return number in DAY_FORMATS
    letters = NOT_CODE.sub("", code.lower())
    return "y" in letters or "d" in letters


class SharedTexts:
    """The workbook's table of texts, read when the first sheet asks for it."""

    def __init__(self, path: Path, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._path = path
        self._member = next((entry for name, entry in members.items() if name.endswith("sharedStrings.xml")), None)
        self._texts: list[str] | None = None

    def load(self) -> Sequence[str]:
        """All texts in their order; phonetic guides are left out."""
        if self._texts is None:
            self._texts = []
            if self._member is not None:
                self._read(self._member)
        return self._texts

    def _read(self, member: zipfile.ZipInfo) -> None:
        texts: list[str] = []
        parts: list[str] = []
        state = {"text": False, "guide": False}
        size = 0

        def start(tag: str, _attributes: dict[str, str]) -> None:
            name = local(tag)
            if name == "si":
                parts.clear()
            elif name == "rPh":
                state["guide"] = True
            elif name == "t":
                state["text"] = not state["guide"]

        def end(tag: str) -> None:
            nonlocal size
            name = local(tag)
            if name == "t":
                state["text"] = False
            elif name == "rPh":
                state["guide"] = False
            elif name == "si":
                texts.append("".join(parts))
                size += len(texts[-1])
                if size > TEXTS_LIMIT:
                    raise OversizedFile

        def text(content: str) -> None:
            if state["text"]:
                parts.append(content)

        Reader(start, end, text).read(read_member(self._path, member))
        self._texts = texts
