"""What an activation letter says and where: A4, to be folded in three so that the code lies inside.

The upper third names who writes and to whom, the middle third carries what is needed to get in, the lower third says what to mind.
What is the same for all letters of a unit is drawn once for the unit; a letter itself is a few lines and a QR code.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from directory.credentials import group_code
from foundation.clocks import local_day
from foundation.i18n import _, format_instant, translate
from provisioning.letters.canvas import HAIR, SOFT, Canvas
from provisioning.letters.pdf_files import PdfFile
from provisioning.letters.typefaces import Weight

LEFT: Final = 22.0
RIGHT: Final = 188.0
WIDTH: Final = RIGHT - LEFT
MIDDLE: Final = (LEFT + RIGHT) / 2
FOLDS: Final = (99.0, 198.0)
PANEL: Final = 108.0
PANEL_HEIGHT: Final = 82.0
QR_SIZE: Final = 42.0
COLUMN: Final = 84.0
BODY: Final = 10.5


@dataclass(frozen=True)
class LetterHead:
    """What all letters of a unit share. `above` is who writes; `hotline` whom to call; `code` the unit's, with its mark if an example."""

    above: str
    unit: str
    code: str | None
    example: bool
    hotline: str
    issuer: str
    language: str
    printed_at: datetime
    valid_until: datetime
    zone: ZoneInfo

    @property
    def last_day(self) -> date:
        """The last whole day on which the codes are good: they end with it."""
        return local_day(self.valid_until - timedelta(seconds=1), self.zone)


@dataclass(frozen=True)
class Letter:
    """One person's letter; the code is shown here and nowhere else."""

    name: str
    title: str
    login: str
    code: str
    number: int
    total: int

    def __repr__(self) -> str:
        """Without the code."""
        return f"Letter({self.login!r})"


class LetterSheet:
    """Draws the letters of one unit."""

    def __init__(self, file: PdfFile, head: LetterHead) -> None:
        self._file = file
        self._head = head
        self._common = file.keep_form(f"letter {head.language}", lambda: self._draw_common().content())
        self._ground = file.add_form(self._draw_ground().content())

    def add(self, letter: Letter) -> None:
        """One more letter."""
        canvas = Canvas(self._file.faces)
        canvas.form(self._common)
        canvas.form(self._ground)
        self._draw_recipient(canvas, letter)
        self._draw_key(canvas, letter)
        number = self._say(_("Letter {number} of {total}"), number=letter.number, total=letter.total)
        canvas.right(RIGHT, 284, number, 7.5, grey=SOFT)
        self._file.add_page(canvas.content())

    def _say(self, message: str, **values: object) -> str:
        return translate(self._head.language, message, **values)

    def _draw_recipient(self, canvas: Canvas, letter: Letter) -> None:
        """To whom."""
        dear = self._say(_("To:"))
        canvas.text(LEFT, 62, dear, 11.5)
        indent = LEFT + canvas.width(f"{dear}  ", 11.5)
        canvas.text(indent, 62, letter.name, 13, "bold")
        y = 68.5
        for line in canvas.wrap(f"{letter.title}, {self._head.unit}", BODY, RIGHT - indent)[:2]:
            canvas.text(indent, y, line, BODY)
            y += 5.4

    def _draw_key(self, canvas: Canvas, letter: Letter) -> None:
        """What is needed to get in: the QR code, the log-in and the code."""
        address = f"{self._head.issuer}/activate"
        canvas.qr(LEFT + 9, PANEL + 11, QR_SIZE, f"{address}?login={quote(letter.login)}")
        canvas.text(COLUMN, PANEL + 36.5, letter.login, fit(canvas, letter.login, 16, RIGHT - COLUMN - 6), "semibold")
        for place, group in enumerate(group_code(letter.code).split()):
            for step, sign in enumerate(group):
                canvas.centred(COLUMN + 3.7 + place * 25 + step * 5.4, PANEL + 57.2, sign, 15.5, "bold")

    def _draw_common(self) -> Canvas:
        """Everything that is the same on all letters of a file."""
        canvas = Canvas(self._file.faces)
        for fold in FOLDS:
            canvas.rule(4, fold, 8, fold, 0.15, SOFT)
        self._draw_state(canvas)
        self._draw_opening(canvas)
        self._draw_panel(canvas)
        self._draw_closing(canvas)
        return canvas

    def _draw_ground(self) -> Canvas:
        """Everything that is the same on all letters of a unit: who writes, whom to call, which unit it is."""
        canvas = Canvas(self._file.faces)
        self._draw_heading(canvas)
        canvas.text(LEFT + 6, 257, self._head.hotline, 14, "bold")
        instant = format_instant(self._head.language, self._head.printed_at, self._head.zone)
        printed = self._say(_("Printed at {instant}"), instant=instant)
        canvas.text(LEFT, 284, f"{self._head.unit}{self._code()} · {printed}", 7.5, grey=SOFT)
        return canvas

    def _draw_heading(self, canvas: Canvas) -> None:
        """Who writes (Decree 30/2020/NĐ-CP, annex I)."""
        head = self._head
        centre = LEFT + 36
        names = [head.above.upper(), head.unit.upper()] if head.above != head.unit else [head.unit.upper()]
        y = 20.0
        for name in names:
            weight: Weight = "bold" if name is names[-1] else "regular"
            for line in canvas.wrap(name, 9.5, 74, weight):
                canvas.centred(centre, y, line, 9.5, weight)
                y += 4.9
        canvas.rule(centre - 11, y - 2.2, centre + 11, y - 2.2, 0.25)

    def _draw_state(self, canvas: Canvas) -> None:
        """The state's name and motto (Decree 30/2020/NĐ-CP, annex I), and what this paper is."""
        state = RIGHT - 39
        canvas.centred(state, 20, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 9.5, "bold")
        canvas.centred(state, 25.2, "Độc lập - Tự do - Hạnh phúc", 10, "bold")
        canvas.rule(state - 23, 27.4, state + 23, 27.4, 0.25)
        canvas.centred(MIDDLE, 48, self._say(_("ACTIVATION LETTER")), 17, "bold")

    def _draw_opening(self, canvas: Canvas) -> None:
        """Why this paper came."""
        text = self._say(
            _(
                "Your official account is ready. Activate it once and choose a password of your own; from then on it opens every "
                "system of the administration."
            )
        )
        canvas.paragraph(LEFT, 84.5, WIDTH, text, BODY)

    def _draw_panel(self, canvas: Canvas) -> None:
        """The middle third: a frame, labels, the address and the places of the code."""
        head = self._head
        canvas.box(LEFT, PANEL, WIDTH, PANEL_HEIGHT, line=HAIR)
        canvas.centred(LEFT + 9 + QR_SIZE / 2, PANEL + 58.5, self._say(_("Scan with a phone")), 8.5, grey=SOFT)
        steps = self._say(
            _("1. Scan the code or open the address.  2. Type log-in and code.  3. Choose a password: you are in.")
        )
        canvas.rule(LEFT, PANEL + 70.5, RIGHT, PANEL + 70.5, 0.15, HAIR)
        canvas.centred(MIDDLE, PANEL + 77.4, steps, fit(canvas, steps, 9.5, WIDTH - 8), "semibold")
        canvas.text(COLUMN, PANEL + 12.5, self._say(_("Address")), 8.5, grey=SOFT)
        address = f"{head.issuer}/activate".removeprefix("https://")
        canvas.text(COLUMN, PANEL + 19, address, fit(canvas, address, 12, RIGHT - COLUMN - 6), "semibold")
        canvas.text(COLUMN, PANEL + 29.5, self._say(_("Log-in")), 8.5, grey=SOFT)
        canvas.text(COLUMN, PANEL + 47, self._say(_("Activation code")), 8.5, grey=SOFT)
        for place in range(4):
            canvas.box(COLUMN + place * 25, PANEL + 49.5, 23.6, 11.6, line=None, fill=0.93)
        until = self._say(_("Valid until the end of {day}"), day=head.last_day)
        canvas.text(COLUMN, PANEL + 66.6, until, 9.5, "semibold")

    def _draw_closing(self, canvas: Canvas) -> None:
        """The lower third: what to mind, whom to call."""
        y = 209.0
        for note in (
            _("The code works once. Give it to nobody, not even to somebody who says they are from technical support."),
            _("If the letter was opened before it reached you, or is not yours, give it back at once."),
            _("If the letter is lost or out of date, ask for a new one; the old code ends with it."),
        ):
            canvas.text(LEFT, y, "•", BODY)
            y = canvas.paragraph(LEFT + 5, y, WIDTH - 5, self._say(note), BODY) + 1.2
        canvas.box(LEFT, 243, WIDTH, 18, line=None, fill=0.95)
        canvas.text(LEFT + 6, 250.2, self._say(_("Need help? Call")), 9.5, grey=SOFT)
        asked = self._say(_("Nobody will ask you for your code or your password."))
        canvas.right(RIGHT - 6, 257, asked, 9.5)
        canvas.rule(LEFT, 279.5, RIGHT, 279.5, 0.15, HAIR)

    def _code(self) -> str:
        """The unit's code, marked where it is only an example."""
        if self._head.code is None:
            return ""
        mark = f" ({self._say(_('example code'))})" if self._head.example else ""
        return f" · {self._head.code}{mark}"


def fit(canvas: Canvas, text: str, size: float, width: float) -> float:
    """The size of type at which a line fits into a width; never larger than `size`."""
    wide = canvas.width(text, size, "semibold")
    return size if wide <= width else size * width / wide
