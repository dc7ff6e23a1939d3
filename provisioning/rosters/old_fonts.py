"""Letters of the fonts before Unicode inside Unicode files: TCVN3 (“.VnTime”) and VNI text that a workbook keeps as Western letters.

`TrÇn V¨n Dòng` is `Trần Văn Dũng` in a TCVN3 font. A sheet written so throughout is turned and that is said; a single cell is a fault with
its reading as the proposal; where both readings are Vietnamese (`Dòng`, `Dũng`) nobody but the office knows, so that is a fault too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from provisioning.rosters.cells import Cell
from provisioning.rosters.encodings import LEGACY, Encoding, is_syllable
from provisioning.rosters.tables import Row, Sheet

FONTS: Final = tuple(encoding for encoding in LEGACY if encoding.turn is not None)
# A sheet is turned when most of its marked words are Vietnamese in one font only, and enough of them stand there to tell.
MOST: Final = 0.9
ENOUGH: Final = 12
SIGNS: Final = ",.;:()[]/\\-–\"'“”’*"


class TwoReadings(str):
    """A cell that is Vietnamese as it stands and in the old font of its sheet: `other` is what the font makes of it."""

    other: str

    def __new__(cls, text: str, other: str) -> "TwoReadings":
        """The text as it stands, with its other reading."""
        made = super().__new__(cls, text)
        made.other = other
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return TwoReadings, (str(self), self.other)


def turner(font: Encoding) -> Callable[[str], str]:
    """What turns the letters of a font."""
    assert font.turn is not None
    return font.turn


@lru_cache(maxsize=65536)
def is_strange(word: str) -> bool:
    """Whether a word has marked letters and is no Vietnamese syllable."""
    bare = word.strip(SIGNS)
    return not bare.isascii() and not is_syllable(bare)


@lru_cache(maxsize=65536)
def find_fonts(word: str) -> tuple[str, ...]:
    """The fonts in which a strange word is a Vietnamese syllable."""
    if not is_strange(word):
        return ()
    return tuple(font.name for font in FONTS if (turned := turner(font)(word)) != word and not is_strange(turned))


def find_old_font(text: str) -> tuple[Encoding, str] | None:
    """The font a text seems to be written for, and its reading; None where nothing speaks for one."""
    if text.isascii():
        return None
    found = Counter(name for word in text.split() for name in find_fonts(word))
    if not found:
        return None
    name = found.most_common(1)[0][0]
    font = next(font for font in FONTS if font.name == name)
    return font, turner(font)(text)


def other_reading(text: str, font: Encoding) -> str | None:
    """What the font makes of a text that is Vietnamese as it stands, if that is Vietnamese too and another text."""
    if text.isascii() or any(letter > "\xff" for letter in text):
        return None
    turned = turner(font)(text)
    words = text.split()
    if turned == text or any(map(is_strange, words)) or any(map(is_strange, turned.split())):
        return None
    return turned


def weigh_sheet(rows: Iterable[Sequence[Cell]]) -> Encoding | None:
    """The font a whole sheet is written for, by its first rows."""
    words = [
        word
        for cells in rows
        for cell in cells
        if isinstance(cell, str) and not cell.isascii()
        for word in cell.split()
    ]
    marked = [word for word in words if not word.strip(SIGNS).isascii()]
    found = Counter(name for word in marked for name in find_fonts(word))
    if not found:
        return None
    name, count = found.most_common(1)[0]
    font = next(font for font in FONTS if font.name == name)
    if count < max(ENOUGH, len(marked) / 2):
        return None
    turned = [turner(font)(word) for word in marked]
    return font if sum(map(is_strange, turned)) <= (1 - MOST) * len(turned) else None


def turn_sheet(sheet: Sheet, font: Encoding) -> Sheet:
    """The sheet with its texts turned; cells that are Vietnamese either way keep both readings."""

    def read() -> Iterator[Row]:
        for row in sheet.read():
            yield Row(row.number, [turn_cell(cell, font) for cell in row.cells], row.hidden)

    return Sheet(sheet.name, read, sheet.hidden, sheet.hidden_columns)


def read_font(cell: Cell) -> Cell:
    """A turned cell as the font reads it, where it has two readings: for headings, which mean one thing only."""
    return cell.other if isinstance(cell, TwoReadings) else cell


def turn_cell(cell: Cell, font: Encoding) -> Cell:
    """One cell: turned unless it has letters that only Unicode has."""
    if not isinstance(cell, str) or cell.isascii() or any(letter > "\xff" for letter in cell):
        return cell
    other = other_reading(cell, font)
    return turner(font)(cell) if other is None else TwoReadings(cell, other)
