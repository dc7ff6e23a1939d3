"""What was recognised of a file, as sentences: how it was read, which sheets, and what in it a reader does not see."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from foundation.i18n import Message
from provisioning.rosters.template import HEADINGS
from provisioning.rosters.vocabulary import Line

OLD: Final = frozenset({"windows-1258", "tcvn3", "vni"})


def describe_file(line: Line) -> Iterator[Message]:
    """The sentences for the line of a file that could be read."""
    facts: Mapping[str, Any] = line.facts or {}
    if line.outcome == "fault" or not facts:
        return
    yield describe_format(Path(line.place.file).name, facts)
    if facts["encoding"] in OLD:
        yield describe_encoding(facts)
    if facts["date_system"] == 1904:
        yield Message("  Dates are counted from 1904, as the file itself says.")
    if ignored := [name for name in facts["sheets_ignored"] if name not in facts["hidden_sheets"]]:
        sheets = ", ".join(ignored)
        yield Message("  Not read, because they have no headings of a roster: {sheets}.", {"sheets": sheets})
    yield from describe_hidden(facts)


def describe_format(name: str, facts: Mapping[str, Any]) -> Message:
    """The format, the sheets that are read and where their headings stand."""
    rows = ", ".join(map(str, facts["header_rows"]))
    if facts["format"] == "csv":
        delimiter = {"\t": "TAB"}.get(facts["delimiter"], facts["delimiter"])
        values = {"file": name, "encoding": facts["encoding"].upper(), "delimiter": delimiter, "rows": rows}
        return Message("{file}: CSV, {encoding}, parted by “{delimiter}”, headings in row {rows}.", values)
    sheets = ", ".join(facts["sheets_used"])
    values = {"file": name, "format": facts["format"].upper(), "sheets": sheets, "rows": rows}
    return Message("{file}: {format}, read: {sheets}; headings in row {rows}.", values)


def describe_encoding(facts: Mapping[str, Any]) -> Message:
    """That the letters are of the time before Unicode, and how sure that is."""
    name = facts["encoding"]
    share = facts.get("encoding_evidence", {}).get("vietnamese", {}).get(name)
    if share is None:
        return Message(
            "  The letters are of an old {font} font and were turned into Unicode. Look at some names.",
            {"font": name.upper()},
        )
    values = {"font": name.upper(), "share": f"{100 * share:.0f} %"}
    return Message(
        "  The letters are {font}: {share} of the marked words are Vietnamese so. Look at some names.", values
    )


def describe_hidden(facts: Mapping[str, Any]) -> Iterator[Message]:
    """Hidden rows, columns and sheets: rows and columns are read all the same, sheets are not."""
    if facts["format"] == "xls":
        yield Message(
            "  An XLS file does not tell us which rows and columns are hidden; they are read like the others."
        )
    if facts["hidden_rows"]:
        yield Message("  {count} hidden rows with people are read too.", {"count": facts["hidden_rows"]})
    if facts["hidden_columns"]:
        columns = ", ".join(HEADINGS.get(column, column) for column in dict.fromkeys(facts["hidden_columns"]))
        yield Message("  Hidden columns are read too: {columns}.", {"columns": columns})
    if facts["hidden_sheets"]:
        yield Message("  Hidden sheets are not read: {sheets}.", {"sheets": ", ".join(facts["hidden_sheets"])})
