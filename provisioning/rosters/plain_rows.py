"""Rows as spreadsheets nearly always write them, read without an XML parser: a fourth of its cost, on the longest way a roster has.

What is read here is cut out of the document before the parser sees it: a whole row, complete in itself, with nothing in it but cells of one
value in the order of attributes that every spreadsheet uses. Everything else, down to the last stray blank, stays the parser's, which
also judges whether the document around it is whole (ECMA-376 part 1, §18.3.1.4 and .73; XML 1.0 §2.2 for the characters).
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from provisioning.rosters.workbook_xml import Reader

# No markup, no reference, nothing that the parser would change (line ends, tabs) or refuse.
TEXT: Final = "[^<>&\x00-\x1f\ufffe\uffff]*"
CELL: Final = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="(\w+)")?(?:/>|></c>|>(?:<v>'
    + f"({TEXT})"
    + r'</v>|<is><t(?: xml:space="preserve")?>'
    + f"({TEXT})"
    + "</t></is>)</c>)",
    re.ASCII,
)
STRIDE: Final = CELL.groups + 1
NO: Final = '="(?:0|false)"'
HEAD: Final = re.compile(
    r'[ \r\n\t]*<row r="([0-9]+)"(?: spans="[0-9: ]*")?(?: s="[0-9]+")?(?: customFormat="\w+")?(?: ht="[0-9.]+")?'
    rf'(?: hidden{NO})?(?: customHeight="\w+")?(?: outlineLevel="[0-9]+")?(?: collapsed{NO})?(?: x14ac:dyDescent="[0-9.]+")?>',
    re.ASCII,
)
FIRST: Final = b"<sheetData>"
LAST: Final = b"</row>"
OTHER_LETTERS: Final = re.compile(rb"""<\?xml[^>]*encoding=["'](?!utf-8["'])""", re.IGNORECASE)
LONGEST: Final = 1 << 20
"""Bytes that are held while the end of a row is sought; who writes longer ones is read by the parser alone."""


class Plain(NamedTuple):
    """A row: its number, and its cells as `CELL.split` gives them: after a blank each the letters of its column, its style, its type,
    its value or its text; None for what is not said.
    """

    number: int
    parts: list[Any]


def read_plain(piece: str) -> Plain | None:
    """A row that ends the piece, if it is plain and nothing else stands there."""
    head = HEAD.match(piece)
    if head is None:
        return None
    parts = CELL.split(piece[head.end() : -len(LAST)])
    if any(parts[::STRIDE]):
        return None
    return Plain(int(head[1]), parts)


class PlainRows:
    """Lets plain rows pass by the parser of a sheet."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held = b""
        self._inside = False
        self._alone = False

    def split(self, piece: bytes) -> Iterator[Plain]:
        """The plain rows of the next piece of the document; everything else goes to the parser, in its place among them."""
        held = self._held + piece if self._held else piece
        self._held = b""
        if not self._inside and not self._alone:
            held = self._enter(held)
        if self._alone:
            self._reader.feed(held)
            return
        start = 0
        while self._inside and (end := held.find(LAST, start) + len(LAST)) >= len(LAST):
            row = held[start:end]
            start = end
            try:
                plain = read_plain(row.decode())
            except ValueError:  # no UTF-8, or a number of thousands of digits: the parser says what is wrong
                plain = None
            if plain is not None:
                yield plain
            else:
                self._hand_over(row)
        self._keep(held[start:])

    def _enter(self, held: bytes) -> bytes:
        """Give the parser what stands before the rows, as soon as they begin. Gives what is left."""
        place = held.find(FIRST)
        if place < 0:
            return held
        before = held[: place + len(FIRST)]
        self._reader.feed(before)
        # The parser says whether this was an element: it may have stood in a comment.
        self._inside = self._reader.stands_after(FIRST) and not OTHER_LETTERS.search(before[:200])
        self._alone = not self._inside
        return held[place + len(FIRST) :]

    def _hand_over(self, row: bytes) -> None:
        """A row for the parser. What it does not end with this row's end is the parser's from here on."""
        self._reader.feed(row)
        if not self._reader.stands_after(LAST):
            self._inside, self._alone = False, True

    def _keep(self, rest: bytes) -> None:
        """Hold what is not complete, unless it is too long or the parser goes on alone."""
        if self._alone or len(rest) > LONGEST:
            self._inside, self._alone = False, True
            self._reader.feed(rest)
        else:
            self._held = rest

    def end(self) -> None:
        """The document is over: the parser has the last word."""
        self._reader.feed(self._held, last=True)
        self._held = b""
