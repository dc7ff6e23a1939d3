"""The rows of applications that registered themselves: their token, their logo, how many came lately, and how one is described."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Reads, Writes
from sso.clients import FIND as FIND_CLIENT
from sso.clients import LOGO, Client, build_client
from sso.clients import TABLE as CLIENT
from sso.opaque import digest
from sso.particulars import write_particulars
from sso.registration.outside import Picture
from sso.scopes import PERSON_SCOPES, join_scope

OURS: Final = ("claims_in_id_token", "resources", "response_types")
"""What is not told from the particulars: nobody's business, or said otherwise."""


def keep_registration_token(writes: Writes, client_id: str, token: str) -> None:
    """Bind a registration token to its application, as a digest."""
    writes.execute(sa.update(CLIENT).where(CLIENT.c.client_id == client_id).values(registration_hash=digest(token)))


def find_registration(reads: Reads, client_id: str) -> tuple[Client, bytes | None] | None:
    """An application that is not removed, with the digest of its registration token if it registered itself."""
    row = reads.connection().execute(FIND_CLIENT, {"client_id": client_id[:200]}).mappings().first()
    return (build_client(row), row["registration_hash"]) if row else None


def count_recent(reads: Reads, since: datetime) -> int:
    """How many applications registered themselves since an instant."""
    recent = (CLIENT.c.registration_hash.is_not(None), CLIENT.c.made_at > since)
    return int(reads.execute(sa.select(sa.func.count()).select_from(CLIENT).where(*recent)).scalar_one())


def keep_picture(writes: Writes, client_id: str, picture: Picture | None) -> None:
    """Keep an application's logo, or take it away."""
    writes.execute(sa.delete(LOGO).where(LOGO.c.client_id == client_id))
    if picture is not None:
        row = {"client_id": client_id, "content": picture.content, "media_type": picture.media_type}
        writes.execute(sa.insert(LOGO).values(**row))


def find_picture(reads: Reads, client_id: str) -> Picture | None:
    """An application's logo, if it has one."""
    row = reads.execute(
        sa.select(LOGO.c.content, LOGO.c.media_type)
        .join(CLIENT, CLIENT.c.client_id == LOGO.c.client_id)
        .where(LOGO.c.client_id == client_id[:200], CLIENT.c.removed_at.is_(None))
    ).first()
    return Picture(row.content, row.media_type) if row else None


def describe_settings(client: Client) -> dict[str, Any]:
    """What an application registered, in the specification's names."""
    rest = {name: value for name, value in write_particulars(client.particulars).items() if name not in OURS}
    body = {
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "grant_types": list(client.grant_types),
        "response_types": [name for name in client.particulars.response_types if client.check_response_type(name)],
        # Who named no scopes is told none (they have all of people): idpyoidc gives up on an answer with more than it asked for.
        "scope": join_scope(client.scopes) if client.scopes != PERSON_SCOPES else None,
        "id_token_signed_response_alg": client.id_token_alg,
        "subject_type": client.particulars.subject_type,
        "application_type": client.particulars.application_type,
        "backchannel_logout_uri": client.backchannel_logout_uri,
        **rest,
    }
    return {name: value for name, value in body.items() if value not in (None, [])}
