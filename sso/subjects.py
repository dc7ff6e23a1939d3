"""What a person is called at an application: the one permanent id, or one of its own for applications that ask for pairwise
subjects (OpenID Connect Core §8.1).

A pairwise subject is a keyed digest of sector and person: the same for all applications of a sector, never computed
back, and nobody outside can tell that two sectors speak of one person. The permanent id stays the truth in the register.
"""

import uuid
from urllib.parse import urlsplit

from foundation.sealing import Sealer
from sso.clients import Client

CONTEXT = "sso.subject.pairwise"
PAIRWISE = "pairwise"
SUBJECT_TYPES = ("public", PAIRWISE)


def name_subject(sealer: Sealer, client: Client, person_id: uuid.UUID) -> str:
    """The `sub` of a person at this application."""
    circle = name_circle(client)
    if circle is None:
        return str(person_id)
    return str(uuid.UUID(bytes=sealer.blind_index(f"{circle}\x00{person_id}", CONTEXT)[:16], version=5))


def name_circle(client: Client) -> str | None:
    """Among which applications a person is called the same: those of a sector, or None: all with public subjects."""
    return find_sector(client) if client.particulars.subject_type == PAIRWISE else None


def find_sector(client: Client) -> str:
    """The host whose applications share subjects: that of the sector file, else the one host of the redirect addresses."""
    shown_by = client.particulars.sector_identifier_uri or (client.redirect_uris or ("",))[0]
    return urlsplit(shown_by).hostname or client.client_id
