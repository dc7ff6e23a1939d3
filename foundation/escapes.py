"""What queries and posted forms are written with: names and values in which a percent sign and two digits stand for a byte.

The same as the standard library's, which goes from sign to sign: addresses that carry another address within, as every way back at the
door does, cost more there than a statement of the database.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote_plus, unquote_to_bytes

PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*")
USUAL: Final = re.compile(r"[A-Za-z0-9_.~%&=/:?+ -]*")
SIGNS: Final = (
    ("%", "%25"),
    ("&", "%26"),
    ("=", "%3D"),
    ("/", "%2F"),
    (":", "%3A"),
    ("?", "%3F"),
    ("+", "%2B"),
    (" ", "+"),
)
"""In the order they are written: what is put in by one is not written again by the next."""
READ: Final = (*((written, sign) for sign, written in SIGNS[1:-1]), ("%20", " "), SIGNS[0][::-1])
"""In the order they are read: the percent sign last, so that nothing it gives is read again."""


def write_query(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Names and values as a query has them."""
    known = pairs.items() if isinstance(pairs, Mapping) else pairs
    return "&".join([f"{write_text(name)}={write_text(value)}" for name, value in known])


def write_text(text: str) -> str:
    """A name or value as it stands in a query."""
    if PLAIN.fullmatch(text):
        return text
    if not USUAL.fullmatch(text):
        return quote_plus(text)
    for sign, written in SIGNS:
        text = text.replace(sign, written)
    return text


def write_address(text: str) -> str:
    """A text as it stands in an address outside of a query, as templates write it: slashes stay, a space is `%20`."""
    return write_text(text).replace("%2F", "/").replace("+", "%20")


def split_query(text: str) -> list[tuple[str, str]]:
    """The names and values of a query, empty ones too. Raises UnicodeError where they are no UTF-8."""
    pieces = [piece.partition("=") for piece in text.split("&") if piece]
    return [(read_text(name), read_text(value)) for name, _equals, value in pieces]


def read_text(written: str) -> str:
    """A name or value of a query as it was before. Raises UnicodeError."""
    text = written.replace("+", " ")
    escapes = text.count("%")
    if not escapes:
        return text
    if escapes != sum([text.count(escape) for escape, _sign in READ]):
        return unquote_to_bytes(text).decode()
    for escape, sign in READ:
        text = text.replace(escape, sign)
    return text
