"""A page as it is drawn: texts, rules and QR codes at millimetres from the top left corner, gathered as PDF operators."""

from collections.abc import Mapping
from typing import Final

import segno

from provisioning.letters.pdf_files import A4, MILLIMETRE
from provisioning.letters.typefaces import Typeface, Weight

Grey = float
INK: Final[Grey] = 0.08
SOFT: Final[Grey] = 0.38
HAIR: Final[Grey] = 0.75
HEIGHT: Final = A4[1]


class Canvas:
    """One page (or a drawing many pages share). Distances in millimetres, sizes of type in points."""

    def __init__(self, faces: Mapping[Weight, Typeface]) -> None:
        self._faces = faces
        self._parts: list[str] = []

    def text(
        self, x: float, y: float, text: str, size: float = 10.5, weight: Weight = "regular", grey: Grey = INK
    ) -> None:
        """A line of text; `y` is its base line."""
        shown = self._faces[weight].encode(text)
        left, base = x * MILLIMETRE, HEIGHT - y * MILLIMETRE
        self._parts.append(f"BT {grey:g} g /{weight} {size:g} Tf {left:.2f} {base:.2f} Td <{shown}> Tj ET")

    def centred(
        self, x: float, y: float, text: str, size: float = 10.5, weight: Weight = "regular", grey: Grey = INK
    ) -> None:
        """A line of text around `x`."""
        half = self.width(text, size, weight) / 2
        self.text(x - half, y, text, size, weight, grey)

    def right(
        self, x: float, y: float, text: str, size: float = 10.5, weight: Weight = "regular", grey: Grey = INK
    ) -> None:
        """A line of text that ends at `x`."""
        self.text(x - self.width(text, size, weight), y, text, size, weight, grey)

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float = 10.5,
        weight: Weight = "regular",
        leading: float = 1.55,
        grey: Grey = INK,
    ) -> float:
        """Text in as many lines as it needs; gives the base line after the last. Stacked marks need the air between lines."""
        for line in self._faces[weight].wrap(text, size, width * MILLIMETRE):
            self.text(x, y, line, size, weight, grey)
            y += size * leading / MILLIMETRE
        return y

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        """The width of a text in millimetres."""
        return self._faces[weight].measure(text, size) / MILLIMETRE

    def wrap(self, text: str, size: float, width: float, weight: Weight = "regular") -> list[str]:
        """The text in lines no wider than `width`."""
        return self._faces[weight].wrap(text, size, width * MILLIMETRE)

    def rule(self, x: float, y: float, to_x: float, to_y: float, thickness: float = 0.2, grey: Grey = INK) -> None:
        """A straight line; thickness in millimetres."""
        start = f"{x * MILLIMETRE:.2f} {HEIGHT - y * MILLIMETRE:.2f}"
        end = f"{to_x * MILLIMETRE:.2f} {HEIGHT - to_y * MILLIMETRE:.2f}"
        self._parts.append(f"{grey:g} G {thickness * MILLIMETRE:.2f} w {start} m {end} l S")

    def box(
        self, x: float, y: float, width: float, height: float, line: Grey | None = HAIR, fill: Grey | None = None
    ) -> None:
        """A rectangle from its top left corner."""
        left, base = x * MILLIMETRE, HEIGHT - (y + height) * MILLIMETRE
        shape = f"{left:.2f} {base:.2f} {width * MILLIMETRE:.2f} {height * MILLIMETRE:.2f} re"
        if fill is not None:
            self._parts.append(f"{fill:g} g {shape} f")
        if line is not None:
            self._parts.append(f"{line:g} G 0.6 w {shape} S")

    def qr(self, x: float, y: float, size: float, content: str) -> None:
        """A QR code of a given size, its quiet zone (ISO/IEC 18004 §9.1: four modules) outside of it.

        The mask is fixed: choosing among eight costs more than all else on the page, and any is read.
        """
        matrix = segno.make(content, error="m", mask=3, micro=False, boost_error=False).matrix
        module = size / len(matrix) * MILLIMETRE
        left, top = x * MILLIMETRE, HEIGHT - y * MILLIMETRE
        shapes = []
        for line, row in enumerate(matrix):
            base = top - (line + 1) * module
            for start, length in find_runs(row):
                shapes.append(f"{left + start * module:.2f} {base:.2f} {length * module:.2f} {module:.2f} re")
        self._parts.append("0 g\n" + "\n".join(shapes) + "\nf")

    def form(self, name: str) -> None:
        """A drawing that was kept before."""
        self._parts.append(f"{name} Do")

    def content(self) -> bytes:
        """The operators."""
        return "\n".join(self._parts).encode()


def find_runs(row: bytes | bytearray) -> list[tuple[int, int]]:
    """Where dark modules stand in a row: (start, length)."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for place, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            runs.append((start, place - start))
            start = None
    return runs
