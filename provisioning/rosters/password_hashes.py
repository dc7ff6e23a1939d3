"""Hashes of old passwords that a roster brings: recognised by their form, never shown, never checked against a password here."""

import re
from typing import Final

from foundation.i18n import Message
from provisioning.rosters.cells import Cell, cell_text
from provisioning.rosters.vocabulary import Fault

COLUMN: Final = "password_hash"
# What the directory accepts at the first log-in (DESIGN §4): OpenLDAP's schemes, modular crypt, PHC strings.
FORMS: Final = re.compile(
    r"\{(?:SSHA|SSHA256|SSHA384|SSHA512|SHA|SHA256|SHA512|CRYPT|ARGON2|PBKDF2[A-Z0-9-]*|BCRYPT)\}\S{8,512}"
    r"|\$(?:2[abxy]|5|6|1|y|argon2(?:id|i|d)|pbkdf2[a-z0-9-]*|scrypt)\$\S{8,512}",
    re.IGNORECASE,
)
# Keycloak's export of PBKDF2 as one text: its own three values, as JSON.
KEYCLOAK: Final = re.compile(r"\{.*hashIterations.*\}", re.DOTALL)


def read_hash(cell: Cell) -> tuple[str | None, tuple[Fault, ...]]:
    """The hash as it stands; anything else in this column is a fault and is not repeated in it."""
    text = cell_text(cell)
    if text is None:
        return None, ()
    if FORMS.fullmatch(text) or KEYCLOAK.fullmatch(text):
        return text, ()
    message = Message("This is no password hash we know. A password itself must never stand in a roster: take it out.")
    return None, (Fault(COLUMN, "…", "hash-unknown", message),)
