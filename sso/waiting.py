"""How many requests may wait unanswered that nobody proved: pushed ones, those of devices, signed ones that anybody may show again.

Each is a row. A public application proves nothing, so whoever knows its name could fill the disk with them. What was answered
counts no more; so an office behind one address is bound by how many of its people are under way at a time, not by how many come.
"""

import sqlalchemy as sa
from authlib.oauth2 import OAuth2Error

from foundation.database import Reads
from sso.door.sources import source_subject
from sso.provider import Provider

NETWORKS = 20
"""So many times the bound of one network wait for one application, from wherever they come."""
LETTERS_AT_MOST = 8000
"""How long an unproved request may be: as long as a query that a browser carries."""


class TooManyWaiting(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types.
    """Too many unanswered requests of this application, from this network or altogether (RFC 9126 §2.3: 429)."""

    error = "temporarily_unavailable"

    def __init__(self) -> None:
        super().__init__("Too many requests of this application wait unanswered. Try again later.", status_code=429)

    def get_headers(self) -> list[tuple[str, str]]:
        """JSON, not stored, and when to come again."""
        return [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("Retry-After", "60")]


def check_waiting(
    provider: Provider, reads: Reads, table: sa.Table, open_ones: sa.ColumnElement[bool], client_id: str, caller: str
) -> bytes:
    """Refuse one more where too many wait. Gives what the new row is counted under: the network as a blind index.

    `open_ones`: which rows of the table wait. Raises TooManyWaiting. Requests at the very same moment may go over by their number.
    """
    source = source_subject(provider.runtime.sealer, caller)
    of_client = sa.and_(table.c.client_id == client_id, table.c.asked_from.is_not(None), open_ones)
    most = provider.policy.waiting_at_most
    for kind, bound in ((sa.and_(of_client, table.c.asked_from == source), most), (of_client, NETWORKS * most)):
        # Counted up to the bound only, along the index of client and network.
        counted = sa.select(sa.func.count()).select_from(sa.select(sa.literal(1)).where(kind).limit(bound).subquery())
        if reads.connection().execute(counted).scalar_one() >= bound:
            raise TooManyWaiting()
    return source
