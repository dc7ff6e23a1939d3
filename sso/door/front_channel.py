"""Front-Channel Logout 1.0: the addresses that a person's own browser calls, in frames of the last page."""

from typing import Final, cast

import sqlalchemy as sa

from foundation.database import Reads
from sso import models
from sso.provider import Provider
from sso.redirects import with_parameters
from sso.sessions import OpenSession

GRANT: Final = cast(sa.Table, models.Grant.__table__)
FIND_CLIENTS: Final = (
    sa.select(GRANT.c.client_id)
    .where(GRANT.c.session_id == sa.bindparam("session"))
    .distinct()
    .order_by(GRANT.c.client_id)
)


def find_frames(provider: Provider, reads: Reads, session: OpenSession) -> tuple[str, ...]:
    """The addresses of the applications that have this session and want to be told by the browser, with `iss` and `sid` (§2 there)."""
    frames = []
    for client_id in reads.connection().execute(FIND_CLIENTS, {"session": session.id}).scalars():
        client = provider.clients.find(reads, client_id)
        if client is not None and client.particulars.frontchannel_logout_uri is not None:
            named = {"iss": provider.issuer, "sid": str(session.id)}
            frames.append(with_parameters(client.particulars.frontchannel_logout_uri, named))
    return tuple(frames)
