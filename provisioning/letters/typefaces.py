"""The typeface of printed pages: Be Vietnam Pro (SIL Open Font License 1.1), which has every Vietnamese letter.

A page is set with glyph numbers; only the glyphs that were used are embedded, once for each file (ISO 32000-1 §9.7, §9.9).
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Final, Literal

from fontTools import subset
from fontTools.ttLib import TTFont

from foundation.i18n import HOUSE

Weight = Literal["regular", "semibold", "bold"]
FILES: Final[dict[Weight, str]] = {
    "regular": "BeVietnamPro-Regular.ttf",
    "semibold": "BeVietnamPro-SemiBold.ttf",
    "bold": "BeVietnamPro-Bold.ttf",
}
FOLDER: Final = HOUSE / "foundation" / "fonts"
UNKNOWN: Final = "?"


class Typeface:
    """One weight, opened once for each file that is printed; it remembers what was set."""

    def __init__(self, weight: Weight) -> None:
        self._raw = read_font(weight)
        font = TTFont(BytesIO(self._raw), lazy=True)
        self.units = font["head"].unitsPerEm
        self.ascent, self.descent = font["hhea"].ascent, font["hhea"].descent
        self.box = tuple(getattr(font["head"], side) for side in ("xMin", "yMin", "xMax", "yMax"))
        self.cap_height = getattr(font["OS/2"], "sCapHeight", self.ascent)
        self.name = f"BeVietnamPro-{weight.capitalize()}"
        numbers = font.getReverseGlyphMap()
        widths = font["hmtx"].metrics
        self._glyphs = {code: numbers[name] for code, name in font.getBestCmap().items()}
        self._widths = {code: widths[name][0] / self.units for code, name in font.getBestCmap().items()}
        self._set: dict[str, str] = {}

    def encode(self, text: str) -> str:
        """The text as hexadecimal glyph numbers; a letter the face lacks becomes a question mark."""
        known = self._set
        try:
            return "".join([known[letter] for letter in text])
        except KeyError:
            for letter in text:
                if letter not in known:
                    known[letter] = f"{self._glyphs.get(ord(letter), self._glyphs[ord(UNKNOWN)]):04X}"
            return "".join([known[letter] for letter in text])

    def measure(self, text: str, size: float) -> float:
        """The width of a text in points."""
        widths = self._widths
        missing = widths[ord(UNKNOWN)]
        total: float = sum([widths.get(ord(letter), missing) for letter in text])
        return size * total

    def wrap(self, text: str, size: float, width: float) -> list[str]:
        """The text in lines no wider than `width`; a word that is wider stands alone."""
        lines: list[str] = []
        line: list[str] = []
        space, filled = self.measure(" ", size), 0.0
        for word in text.split():
            long = self.measure(word, size)
            if line and filled + space + long > width:
                lines.append(" ".join(line))
                line, filled = [], 0.0
            filled += long + (space if line else 0.0)
            line.append(word)
        return [*lines, " ".join(line)] if line else lines

    def used(self) -> Iterator[tuple[int, str, int]]:
        """Glyph number, letter and width in thousandths of each letter that was set."""
        for letter, number in sorted(self._set.items(), key=lambda item: item[1]):
            code = ord(letter) if ord(letter) in self._widths else ord(UNKNOWN)
            yield int(number, 16), letter, round(self._widths[code] * 1000)

    def embed(self) -> bytes:
        """The font program with the glyphs that were set, numbers kept."""
        options = subset.Options(
            retain_gids=True, layout_features=[], hinting=False, notdef_outline=True, name_IDs=[], glyph_names=False
        )
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG", "meta", "STAT"]
        maker = subset.Subsetter(options)
        maker.populate(gids=[0, *(number for number, _letter, _width in self.used())])
        with TTFont(BytesIO(self._raw)) as font:
            maker.subset(font)
            content = BytesIO()
            font.save(content)
        return content.getvalue()


@lru_cache
def read_font(weight: Weight) -> bytes:
    """The font file."""
    return (FOLDER / FILES[weight]).read_bytes()
