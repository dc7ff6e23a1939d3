"""Official mail addresses and log-ins as a roster brings them."""

import re
from typing import Final

from directory.logins import is_login, login_key
from directory.names import fold_name
from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text, shown_value
from provisioning.rosters.vocabulary import Fault

# RFC 5321 §4.5.3.1: 64 octets before the sign, 255 after it; only what Vietnamese offices really give out.
ADDRESS: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
WRAPPED: Final = re.compile(r"(?:mailto:)?<?([^<>\s]+@[^<>\s]+?)>?[;,.]?", re.IGNORECASE)


def read_email(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The address in lower case and what was found; an empty cell is no fault."""
    written = cell_text(cell)
    if written is None:
        return None, ()
    address = written.lower()
    if ADDRESS.fullmatch(address) and ".." not in address:
        return address, ()
    value = shown_value(cell)
    if (match := WRAPPED.fullmatch(address)) and is_address(match[1]):
        return match[1], (
            Fault(
                "email",
                value,
                "email-wrapped",
                Message("Signs around the mail address were taken away."),
                match[1],
                restored=True,
            ),
        )
    likely = fold_name(address).replace(" ", "").replace(",", ".")
    proposal = likely if is_address(likely) else None
    return None, (
        Fault(
            "email",
            value,
            "email-shape",
            Message("This is not a mail address: letters without marks, one @, no spaces."),
            proposal,
        ),
    )


def is_address(text: str) -> bool:
    """Whether the text is a mail address as we keep it."""
    return ADDRESS.fullmatch(text) is not None and ".." not in text


def read_login(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The log-in in the form it is kept, and what was found; an empty cell is no fault."""
    written = cell_text(cell)
    if written is None:
        return None, ()
    login = written.lower()
    if is_login(login):
        return login, ()
    key = login_key(written)
    proposal = key if is_login(key) else None
    message = Message("A log-in has letters without marks, digits, dot, hyphen and underscore only.")
    return None, (Fault("login", shown_value(cell), "login-shape", message, proposal),)
