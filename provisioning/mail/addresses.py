"""Which texts are mail addresses we write to or list: ASCII, one mailbox, nothing a mail program could take for something else. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from foundation.errors import BadInput

LOCAL: Final = r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?"
LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ADDRESS: Final = re.compile(rf"{LOCAL}@{LABEL}(?:\.{LABEL})+")
LONGEST: Final = 254


class AddressRefused(BadInput):
    """A text that is no mail address, or one no code may go to."""

    code = "address_refused"
    sentence = "“{address}” cannot be used: {why}"


def is_address(text: str) -> bool:
    """Whether this is one plain mailbox in lower case (RFC 5321 §4.1.2 without quotes, comments and literals)."""
    return len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None and ".." not in text


def domain_of(address: str) -> str:
    """The part after the @."""
    return address.rpartition("@")[2]


def is_inside(address: str, domains: Iterable[str]) -> bool:
    """Whether the address lies in one of these domains or under it."""
    domain = domain_of(address)
    return any(domain == own.lower() or domain.endswith(f".{own.lower()}") for own in domains)


def mask(address: str) -> str:
    """An address as it may be shown to others: h•••@gmail.com."""
    return f"{address[:1]}•••@{domain_of(address)}"
