"""Text that a stranger wrote (names, reasons, field names), made harmless for reports, pages, logs and terminals.

A subject's name or a field's name is attacker's text: it must not turn the line around (bidirectional marks), end it, hide in it,
or fill the page.
"""

import unicodedata

LONGEST = 160
"""Letters of a foreign text that a report repeats."""


def clean(text: object, longest: int = LONGEST) -> str:
    """The visible letters of a foreign text: NFC, no control, format or private letters, one space for any white, cut with an ellipsis."""
    visible = "".join(" " if letter.isspace() else letter for letter in str(text)[: longest * 4] if is_visible(letter))
    shown = unicodedata.normalize("NFC", " ".join(visible.split()))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def is_visible(letter: str) -> bool:
    """Whether a letter may stand in a report: white space may, other control and format letters may not (Unicode category C)."""
    return letter.isspace() or unicodedata.category(letter)[0] != "C"
