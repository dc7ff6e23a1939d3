"""Rows that pass by the XML parser are read exactly as the parser reads them, whatever stands around them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.rosters import plain_rows
from provisioning.rosters.errors import BrokenFile
from provisioning.rosters.plain_rows import PlainRows, read_plain
from provisioning.rosters.tables import Row
from provisioning.rosters.workbook_rows import RowCollector
from provisioning.rosters.workbook_xml import Reader

TEXTS = ("Nguyễn Văn An", "Trần Thị Bé")
PLAIN = (
    '<row r="2"><c r="A2"><v>1</v></c><c r="C2" s="1"><v>38485</v></c><c r="D2" t="inlineStr"><is><t>Lê Đức Ân</t></is></c></row>',
    '<row r="3" spans="1:14" ht="12.75" hidden="0" customHeight="1" x14ac:dyDescent="0.25"><c r="A3" s="0" t="s"><v>1</v></c></row>',
    '<row r="4" customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false">'
    '<c r="B4" s="2" t="n"><v>86190011223</v></c><c r="AA4" t="str"><v> x </v></c><c r="AB4"/><c r="AC4" s="1"></c></row>',
    '\n  <row r="5"><c r="A5" t="b"><v>1</v></c><c r="B5" t="d"><v>1990-02-01T00:00:00</v></c><c r="ZZZ5"><v>5</v></c></row>',
    '<row r="6"><c r="B6"><v>1.5E+3</v></c><c r="A6" t="inlineStr"><is><t xml:space="preserve"> a</t></is></c></row>',
    '<row r="7"></row>',
)
ODD = (
    '<row r="8"/>',
    '<row r="9" hidden="1"><c r="A9"><v>9</v></c></row>',
    '<row><c><v>10</v></c><c r="D10"><v>11</v></c></row>',
    '<row r="11"><c r="A11" t="inlineStr"><is><t>Ủy ban &amp; Đảng&#10;ủy</t></is></c><c r="B11"><f>A1</f></c></row>',
    '<row r="12"><c r="A12" t="inlineStr"><is><r><t>Xã </t></r><r><t>Một</t></r></is></c></row>',
    '<row r="13"><!-- </row> --><c r="A13"><v>13</v></c></row>',
    '<!-- <row r="14"><c r="A14"><v>14</v></c></row> -->',
    '<row r="15"/><!-- </row><row r="16"><c r="A16"><v>16</v></c></row> -->',
    '<row r="17"><c r="A17" t="inlineStr"><is><t><![CDATA[<v></row>]]></t></is></c></row>',
    '<row r="18"><c r="A18" t="inlineStr"><is><t>a\tb\nc</t></is></c></row>',
    '<x:row r="19"><x:c r="A19"><x:v>19</x:v></x:c></x:row>',
    "<row r='20'><c r='A20'><v>20</v></c></row>",
    " \n ",
)
BROKEN = (
    '<row r="21"><c r="A21" t="s"><v>99</v></c></row>',
    '<row r="22"><c r="A22"><v>x</v></c></row>',
    '<row r="23" r="23"><c r="A23"><v>1</v></c></row>',
    '<row r="24"><c r="A24" t="inlineStr"><is><t>\x01</t></is></c></row>',
    '<row r="25"><c r="A25" t="inlineStr"><is><t>]]></t></is></c></row>',
    '<row r="26"><c r="A26" t="inlineStr"><is><t>\udc80</t></is></c></row>',
    '<row r="27"><c r="A27"><v>1</v></c></row></row>',
    '<row r="28"><c r="A28"><v>1</v>',
    "<!--",
    "<row r='29' <row r='30'></row>",
    '<row r="31"><c r="A31" t="inlineStr"><is><t>\uffff</t></is></c></row>',
)
HEADS = (
    '<?xml version="1.0" encoding="UTF-8"?><worksheet><cols><col min="3" max="4" hidden="1"/></cols><sheetData>',
    '\ufeff<?xml version="1.0"?><worksheet><sheetData>',
    '<?xml version="1.0" encoding="iso-8859-1"?><worksheet><sheetData>',
    '<worksheet><!-- <sheetData> --><sheetData>',
    '<worksheet><!-- <sheetData><row r="1"><c r="A1"><v>1</v></c></row> --><sheetData>',
    '<!DOCTYPE worksheet><worksheet><sheetData>',
)  # fmt: skip
TAILS = ("</sheetData></worksheet>", '</sheetData><row r="40"></row><row r="41"></row></worksheet>', "", "</sheetData>")


def read(document: bytes, size: int, *, alone: bool) -> tuple[list[Row], set[int]] | str:
    """The rows and hidden columns, or the code of the refusal."""
    unseen: set[int] = set()
    collector = RowCollector(TEXTS, frozenset("1"), 1900, unseen)
    reader = Reader(collector.start, collector.end, collector.text)
    collector.mark = reader.mark
    rows = PlainRows(reader)
    try:
        for start in range(0, len(document), size):
            piece = document[start : start + size]
            if alone:
                reader.feed(piece)
            else:
                for plain in rows.split(piece):
                    collector.put_plain(plain)
        if alone:
            reader.feed(b"", last=True)
        else:
            rows.end()
    except BrokenFile as refusal:
        return refusal.code
    return [Row(row.number, tuple(row.cells), row.hidden) for row in collector.take()], unseen


@settings(max_examples=400)
@given(
    head=st.one_of(st.just(HEADS[0]), st.sampled_from(HEADS)),
    rows=st.lists(st.one_of(*[st.sampled_from(PLAIN)] * 3, st.sampled_from(ODD), st.sampled_from(PLAIN + ODD + BROKEN)), max_size=8),
    tail=st.one_of(st.just(TAILS[0]), st.sampled_from(TAILS)),
    size=st.sampled_from((1, 7, 64, 300, 100_000)),
)  # fmt: skip
def test_a_sheet_is_read_as_the_parser_alone_reads_it(head: str, rows: list[str], tail: str, size: int) -> None:
    document = "".join((head, *rows, tail)).encode("utf-8", "surrogateescape")
    assert read(document, size, alone=False) == read(document, size, alone=True)


@pytest.mark.parametrize("row", PLAIN, ids=range(len(PLAIN)))
def test_what_spreadsheets_write_is_plain(row: str) -> None:
    assert read_plain(row) is not None


@pytest.mark.parametrize("row", ODD, ids=range(len(ODD)))
def test_everything_else_is_the_parsers(row: str) -> None:
    assert read_plain(row) is None


def test_a_number_of_thousands_of_digits_is_the_parsers_to_refuse() -> None:
    document = (HEADS[0] + f'<row r="{"9" * 5000}"><c r="A1"><v>7</v></c></row>' + TAILS[0]).encode()
    assert read(document, 300, alone=False) == "file-broken"


def test_a_row_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_rows, "LONGEST", 100)
    document = (HEADS[0] + PLAIN[0] + "<row>" + "<c><v>7</v></c>" * 40 + "</row>" + PLAIN[1] + TAILS[0]).encode()
    assert read(document, 50, alone=False) == read(document, 50, alone=True)
