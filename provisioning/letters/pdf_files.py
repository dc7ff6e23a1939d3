"""PDF files written page by page, in flat memory (ISO 32000-1): fonts are embedded at the end, when it is known what was set.

Letters come by the hundred thousand; a page costs some twenty short lines of text and a QR code, so the file is written directly.
"""

import zlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import IO, Final

from foundation.clocks import VIETNAM
from provisioning.letters.typefaces import Typeface, Weight

A4: Final = (595.276, 841.89)
MILLIMETRE: Final = 72 / 25.4
NODE: Final = 128
FONTS: Final[tuple[Weight, ...]] = ("regular", "semibold", "bold")


class PdfFile:
    """A file being written. `close` makes it whole; without it the file is no PDF."""

    def __init__(self, file: IO[bytes], title: str, language: str, made_at: datetime) -> None:
        self._file = file
        self._title, self._language, self._made_at = title, language, made_at
        self._offsets: list[int] = [0]
        self._position = 0
        self.faces = {weight: Typeface(weight) for weight in FONTS}
        self.pages = 0
        self._nodes: list[tuple[int, list[int]]] = []
        self._forms: list[int] = []
        self._kept: dict[str, str] = {}
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._root, self._info, self._tree, self._resources = (self._reserve() for _ in range(4))

    def add_form(self, content: bytes) -> str:
        """Keep a drawing that many pages show (a form XObject); gives its name."""
        number = self._reserve()
        head = f"/Type /XObject /Subtype /Form /BBox [0 0 {A4[0]} {A4[1]}] /Resources {self._resources} 0 R"
        self._write_stream(number, content, head)
        self._forms.append(number)
        return f"/X{number}"

    def keep_form(self, key: str, draw: Callable[[], bytes]) -> str:
        """The name of a drawing that is kept once for the whole file; drawn when it is first asked for."""
        if key not in self._kept:
            self._kept[key] = self.add_form(draw())
        return self._kept[key]

    def add_page(self, content: bytes) -> None:
        """One more A4 page."""
        if not self._nodes or len(self._nodes[-1][1]) == NODE:
            self._nodes.append((self._reserve(), []))
        node, kids = self._nodes[-1]
        stream, page = self._reserve(), self._reserve()
        self._write_stream(stream, content, "")
        self._write_object(
            page,
            f"<< /Type /Page /Parent {node} 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Resources {self._resources} 0 R "
            f"/Contents {stream} 0 R >>",
        )
        kids.append(page)
        self.pages += 1

    def close(self) -> None:
        """Write fonts, page tree, catalogue and the table of objects."""
        fonts = " ".join(f"/{weight} {self._write_font(face)} 0 R" for weight, face in self.faces.items())
        forms = " ".join(f"/X{number} {number} 0 R" for number in self._forms)
        self._write_object(self._resources, f"<< /Font << {fonts} >> /XObject << {forms} >> >>")
        for node, kids in self._nodes:
            listed = join_references(kids)
            self._write_object(node, f"<< /Type /Pages /Parent {self._tree} 0 R /Kids [{listed}] /Count {len(kids)} >>")
        nodes = join_references(node for node, _kids in self._nodes)
        self._write_object(self._tree, f"<< /Type /Pages /Kids [{nodes}] /Count {self.pages} >>")
        self._write_object(
            self._root,
            f"<< /Type /Catalog /Pages {self._tree} 0 R /Lang ({self._language}) /ViewerPreferences << /DisplayDocTitle true >> >>",
        )
        stamp = f"D:{self._made_at.astimezone(VIETNAM):%Y%m%d%H%M%S}+07'00'"
        title = self._title.encode("utf-16-be").hex().upper()
        self._write_object(
            self._info, f"<< /Title <FEFF{title}> /Producer (hopnhat) /CreationDate ({stamp}) /ModDate ({stamp}) >>"
        )
        self._write_table()

    def _write_font(self, face: Typeface) -> int:
        """A composite font with its descriptor, widths and the way back to letters (§9.7.4, §9.10.3)."""
        used = list(face.used())
        whole, child, descriptor, program, letters = (self._reserve() for _ in range(5))
        name = f"HOPNHA+{face.name}"
        scale = 1000 / face.units
        raw = face.embed()
        self._write_stream(program, raw, f"/Length1 {len(raw)}")
        self._write_stream(letters, build_letters(used), "")
        box = " ".join(str(round(side * scale)) for side in face.box)
        self._write_object(
            descriptor,
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 /Ascent {round(face.ascent * scale)} "
            f"/Descent {round(face.descent * scale)} /CapHeight {round(face.cap_height * scale)} /StemV 90 /FontFile2 {program} 0 R >>",
        )
        widths = " ".join(f"{number} [{width}]" for number, width in {glyph: width for glyph, _, width in used}.items())
        self._write_object(
            child,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
            f"/Supplement 0 >> /FontDescriptor {descriptor} 0 R /W [{widths}] /CIDToGIDMap /Identity >>",
        )
        self._write_object(
            whole,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H /DescendantFonts [{child} 0 R] "
            f"/ToUnicode {letters} 0 R >>",
        )
        return whole

    def _reserve(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _write_object(self, number: int, content: str) -> None:
        self._offsets[number] = self._position
        self._write(f"{number} 0 obj\n{content}\nendobj\n".encode())

    def _write_stream(self, number: int, content: bytes, head: str) -> None:
        packed = zlib.compress(content, 6)
        self._offsets[number] = self._position
        self._write(f"{number} 0 obj\n<< {head} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode())
        self._write(packed)
        self._write(b"\nendstream\nendobj\n")

    def _write_table(self) -> None:
        start = self._position
        self._write(f"xref\n0 {len(self._offsets)}\n0000000000 65535 f \n".encode())
        self._write("".join(f"{offset:010} 00000 n \n" for offset in self._offsets[1:]).encode())
        trailer = f"<< /Size {len(self._offsets)} /Root {self._root} 0 R /Info {self._info} 0 R >>"
        self._write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())

    def _write(self, raw: bytes) -> None:
        self._file.write(raw)
        self._position += len(raw)


def join_references(numbers: Iterable[int]) -> str:
    """Object numbers as references."""
    return " ".join(f"{number} 0 R" for number in numbers)


def build_letters(used: Iterable[tuple[int, str, int]]) -> bytes:
    """The map from glyphs to letters, so that text can be copied and read aloud."""
    pairs = [f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for glyph, letter, _width in used]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\nendcmap\n"
        "CMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
