"""Vietnamese words as plain ASCII: for log-ins, mail addresses and file names of the example."""

from __future__ import annotations

import unicodedata

_STROKED = str.maketrans("đĐ", "dD")


def plain_letters(text: str) -> str:
    """The text in lower case without marks; `đ` has no decomposition and is mapped by hand."""
    apart = unicodedata.normalize("NFD", text.translate(_STROKED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).lower()


def plain_word(text: str) -> str:
    """Letters and digits only: `Mỏ Cày Nam` becomes `mocaynam`."""
    return "".join(letter for letter in plain_letters(text) if letter.isascii() and letter.isalnum())


def plain_slug(text: str) -> str:
    """Words joined by hyphens: `Bà Rịa - Vũng Tàu` becomes `ba-ria-vung-tau`."""
    return "-".join(word for word in map(plain_word, text.split()) if word)
