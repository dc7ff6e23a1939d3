"""Applications are added, changed, given new secrets and removed; a secret is made here, shown once and stored as a digest."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

import sqlalchemy as sa

from foundation import audit
from foundation.database import Writes
from foundation.errors import BadInput
from sso import models
from sso.client_registration import NewClient, check_new_client
from sso.clients import LISTS, TABLE, Client, by_keys, find_client, get_client
from sso.opaque import digest, new_opaque
from sso.particulars import write_particulars
from sso.subjects import name_circle

NO_SECRET: Final = b""
"""The digest no secret has: of an application that proves itself by its keys."""


def add_client(writes: Writes, new: NewClient, actor: str, now: datetime) -> tuple[Client, str | None]:
    """Register an application. Gives it and its secret, which is shown this once; None for one that is public or proves keys.

    Raises BadInput; RedirectRefused; BadInput when the id was ever given.
    """
    checked = check_new_client(new)
    if writes.execute(sa.select(TABLE.c.client_id).where(TABLE.c.client_id == checked.client_id)).first():
        raise BadInput("An application with the id “{id}” is or was registered.", id=checked.client_id)
    secret = new_opaque() if checked.kind != "public" and not by_keys(checked.particulars) else None
    writes.execute(
        sa.insert(TABLE).values(
            **as_row(checked),
            secret_hash=digest(secret) if secret else (None if checked.kind == "public" else NO_SECRET),
            made_at=now,
        )
    )
    audit.record(
        writes, now, "sso.client.added", actor, checked.client_id, {"name": checked.name, "kind": checked.kind}
    )
    assert checked.client_id is not None
    return get_client(writes, checked.client_id), secret


def as_row(new: NewClient) -> dict[str, Any]:
    """The columns of a checked registration."""
    row = {name: getattr(new, name) for name in NewClient.__dataclass_fields__}
    for name in LISTS:
        row[name] = list(row[name])
    row["particulars"] = write_particulars(new.particulars) or None
    return row


def ensure_client(writes: Writes, new: NewClient, actor: str, now: datetime) -> tuple[Client, str | None]:
    """The application of this id, registered if it was not; addresses and scopes are brought up to date. The secret only when new."""
    assert new.client_id is not None
    if find_client(writes, new.client_id) is None:
        return add_client(writes, new, actor, now)
    row = as_row(check_new_client(new))
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == new.client_id).values(**row))
    return get_client(writes, new.client_id), None


def change_client(writes: Writes, client_id: str, changes: Mapping[str, Any], actor: str, now: datetime) -> Client:
    """Change what an application registered; `changes` are fields of `NewClient`, lists whole. Its id, kind and secret stay.

    Raises ClientUnknown, BadInput, RedirectRefused.
    """
    client = get_client(writes, client_id)
    present = {name: getattr(client, name) for name in NewClient.__dataclass_fields__}
    wanted = check_new_client(NewClient(**{**present, **changes, "client_id": client_id, "kind": client.kind}))
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == client_id).values(**as_row(wanted)))
    if wanted.register_time != client.register_time:
        # What was given at one instant opens nothing at another: people log in anew, and their session makes that no question.
        end_grants(writes, client_id, now, "register time changed")
    changed = get_client(writes, client_id)
    if name_circle(changed) != name_circle(client):
        # A sector is shown by log-ins at its addresses: what was given elsewhere must not tell what people are called there.
        end_grants(writes, client_id, now, "subjects changed")
    audit.record(writes, now, "sso.client.changed", actor, client_id, {"fields": sorted(changes)})
    return changed


def rotate_secret(writes: Writes, client_id: str, actor: str, now: datetime, grace: timedelta = timedelta()) -> str:
    """A new secret for a confidential application; the old one is accepted for `grace`. Raises ClientUnknown, BadInput."""
    client = get_client(writes, client_id)
    if client.public:
        raise BadInput("A public application has no secret.")
    if by_keys(client.particulars):
        raise BadInput("This application proves itself by its keys and has no secret.")
    secret = new_opaque()
    values = {
        "secret_hash": digest(secret),
        "former_secret_hash": client.secret_hash,
        "former_secret_until": now + grace,
    }
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == client_id).values(**values))
    audit.record(
        writes, now, "sso.client.secret_rotated", actor, client_id, {"grace_seconds": int(grace.total_seconds())}
    )
    return secret


def remove_client(writes: Writes, client_id: str, actor: str, now: datetime) -> None:
    """End an application: it is never found again, its grants and consents end, its id is never given again. Raises ClientUnknown."""
    get_client(writes, client_id)
    writes.execute(sa.update(TABLE).where(TABLE.c.client_id == client_id).values(removed_at=now))
    end_grants(writes, client_id, now, "client removed")
    for table in (models.Consent.__table__, models.ClientLogo.__table__):
        writes.execute(sa.delete(cast(sa.Table, table)).where(table.c.client_id == client_id))
    audit.record(writes, now, "sso.client.removed", actor, client_id)


def end_grants(writes: Writes, client_id: str, now: datetime, why: str) -> None:
    """End everything that was given to an application: log-ins of people, and its own tokens."""
    grants, tokens, codes = (
        cast(sa.Table, model.__table__) for model in (models.Grant, models.AccessToken, models.Code)
    )
    open_ones = (grants.c.client_id == client_id, grants.c.ended_at.is_(None))
    writes.execute(sa.update(grants).where(*open_ones).values(ended_at=now, ended_why=why))
    alive = (tokens.c.client_id == client_id, tokens.c.revoked_at.is_(None), tokens.c.ends_at > now)
    writes.execute(sa.update(tokens).where(*alive).values(revoked_at=now))
    unused = (codes.c.client_id == client_id, codes.c.used_at.is_(None), codes.c.ends_at > now)
    writes.execute(sa.update(codes).where(*unused).values(ends_at=now))
