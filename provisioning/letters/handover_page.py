"""The list by which the letters of a unit are handed over: who gets one, when, and a place to sign. No code stands on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from foundation.i18n import _, format_instant, translate
from provisioning.letters.canvas import HAIR, SOFT, Canvas
from provisioning.letters.letter_page import LEFT, MIDDLE, RIGHT, LetterHead, fit
from provisioning.letters.pdf_files import PdfFile
from provisioning.letters.typefaces import Weight

ROW: Final = 11.0
FIRST_TOP: Final = 62.0
NEXT_TOP: Final = 24.0
BOTTOM: Final = 268.0
# Where the columns begin: number, name, title, log-in, day, signature; and where the last one ends.
EDGES: Final = (LEFT, LEFT + 10, LEFT + 54, LEFT + 92, LEFT + 118, LEFT + 133, RIGHT)
HEADINGS: Final = (_("No."), _("Name"), _("Post"), _("Log-in"), _("Day"), _("Signature"))


@dataclass(frozen=True)
class Recipient:
    """One line of the list."""

    name: str
    title: str
    login: str


def add_handover(file: PdfFile, head: LetterHead, people: Sequence[Recipient]) -> None:
    """The list of one unit, on as many pages as it needs; the headings stand on each."""
    pages = split_pages(people)
    for number, (start, part) in enumerate(pages, 1):
        canvas = Canvas(file.faces)
        top = FIRST_TOP if number == 1 else NEXT_TOP
        if number == 1:
            draw_title(canvas, head, len(people))
        draw_rows(canvas, head, part, start, top)
        if number == len(pages):
            draw_signatures(canvas, head, top + ROW * (len(part) + 1) + 14)
        page = translate(head.language, _("Page {number} of {total}"), number=number, total=len(pages))
        canvas.right(RIGHT, 284, page, 7.5, grey=SOFT)
        canvas.text(LEFT, 284, head.unit, 7.5, grey=SOFT)
        file.add_page(canvas.content())


def split_pages(people: Sequence[Recipient]) -> list[tuple[int, Sequence[Recipient]]]:
    """The people by page, each page with the number of its first line; room is left for the signatures."""
    pages: list[tuple[int, Sequence[Recipient]]] = []
    start = 0
    while start < len(people) or not pages:
        top = FIRST_TOP if not pages else NEXT_TOP
        room = int((BOTTOM - top) / ROW) - 1
        if len(people) - start <= room and len(people) - start > room - 3:
            room -= 3
        pages.append((start, people[start : start + room]))
        start += room
    return pages


def draw_title(canvas: Canvas, head: LetterHead, count: int) -> None:
    """What the list is, of which unit, how many letters."""
    canvas.centred(MIDDLE, 24, translate(head.language, _("HAND-OVER LIST OF ACTIVATION LETTERS")), 15, "bold")
    y = 33.0
    for line in canvas.wrap(head.unit, 12, RIGHT - LEFT, "semibold"):
        canvas.centred(MIDDLE, y, line, 12, "semibold")
        y += 6
    example = f" ({translate(head.language, _('example code'))})" if head.example else ""
    about = translate(
        head.language,
        _("{code} · {count} letters · printed at {printed} · codes valid until the end of {day}"),
        code=(head.code or head.above) + example,
        count=count,
        printed=format_instant(head.language, head.printed_at, head.zone),
        day=head.last_day,
    )
    canvas.centred(MIDDLE, y + 1, about, fit(canvas, about, 8.5, RIGHT - LEFT), grey=SOFT)
    rule = translate(
        head.language,
        _("Hand each letter to its owner only, unopened, against a signature. Return the rest with this list."),
    )
    canvas.centred(MIDDLE, y + 8, rule, 9)


def draw_rows(canvas: Canvas, head: LetterHead, people: Sequence[Recipient], start: int, top: float) -> None:
    """The table of one page."""
    canvas.box(LEFT, top, RIGHT - LEFT, ROW, line=None, fill=0.93)
    for edge, heading in zip(EDGES, HEADINGS, strict=False):
        canvas.text(edge + 1.5, top + 7, translate(head.language, heading), 8.5, "semibold")
    for line, person in enumerate(people):
        y = top + ROW * (line + 1)
        canvas.right(EDGES[1] - 2, y + 6.9, str(start + line + 1), 9)
        draw_cell(canvas, y, 1, person.name, "semibold")
        draw_cell(canvas, y, 2, person.title)
        draw_cell(canvas, y, 3, person.login)
    bottom = top + ROW * (len(people) + 1)
    for line in range(len(people) + 2):
        canvas.rule(LEFT, top + ROW * line, RIGHT, top + ROW * line, 0.15, HAIR)
    for edge in EDGES:
        canvas.rule(edge, top, edge, bottom, 0.15, HAIR)


def draw_cell(canvas: Canvas, y: float, column: int, text: str, weight: Weight = "regular") -> None:
    """A text in a cell: on one line, or on two in smaller type."""
    x, width = EDGES[column] + 1.5, EDGES[column + 1] - EDGES[column] - 3
    if canvas.width(text, 9, weight) <= width:
        canvas.text(x, y + 6.9, text, 9, weight)
        return
    lines = canvas.wrap(text, 8, width, weight)
    if len(lines) > 2:
        lines = [lines[0], f"{lines[1].rstrip(' -,')}…"]
    top = y + (6.9 if len(lines) == 1 else 4.7)
    for line, part in enumerate(lines):
        canvas.text(x, top + line * 3.9, part, 8, weight)


def draw_signatures(canvas: Canvas, head: LetterHead, y: float) -> None:
    """Who gave and who took the bundle."""
    for x, text in ((LEFT + 35, _("Handed over by")), (RIGHT - 35, _("Received for the unit by"))):
        canvas.centred(x, y, translate(head.language, text), 9.5, "semibold")
        canvas.centred(x, y + 5, translate(head.language, _("(signature, full name, day)")), 8.5, grey=SOFT)
