"""Leaving: what a session that another provider's word opened is called there, so that a log-out can go both ways.

Our log-out offers the one there (OpenID Connect RP-Initiated Logout 1.0): who leaves a shared desk would else be let in again by the
other provider at one click. A log-out there, told by its log-out token, ends the session here (Back-Channel Logout 1.0, `calls.py`).
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast
from urllib.parse import urlencode

import sqlalchemy as sa

from foundation.database import Reads, Writes
from foundation.sealing import SealBroken
from sso.provider import Provider
from sso.upstream.models import UpstreamSession
from sso.upstream.settings import UpstreamProvider, UpstreamSection

TABLE: Final = cast(sa.Table, UpstreamSession.__table__)
CONTEXT: Final = "sso.upstream.hint"


@dataclass(frozen=True)
class Vouched:
    """Whom a provider vouched for: its name for them and for the session there, and the ID token that says so."""

    subject: str
    sid: str | None
    token: str


@dataclass(frozen=True)
class Departure:
    """Where somebody who leaves may leave there, too."""

    title: str
    address: str


def note_arrival(
    provider: Provider,
    writes: Writes,
    session_id: uuid.UUID,
    upstream: UpstreamProvider,
    vouched: Vouched,
    way_out: str | None,
) -> None:
    """Keep what the other provider calls a session of ours; `way_out`: its log-out endpoint, where it has one."""
    hint = {"token": vouched.token, "way_out": way_out}
    row = {
        "session_id": session_id,
        "issuer": upstream.issuer,
        "subject": vouched.subject,
        "sid": vouched.sid,
        "hint_sealed": provider.runtime.sealer.seal(json.dumps(hint).encode(), f"{CONTEXT}.{session_id}"),
        "ends_at": provider.now() + timedelta(seconds=provider.policy.session_seconds),
    }
    writes.connection().execute(sa.delete(TABLE).where(TABLE.c.session_id == session_id))
    writes.connection().execute(sa.insert(TABLE).values(**row))


def find_departures(provider: Provider, reads: Reads, session_ids: Iterable[uuid.UUID]) -> tuple[Departure, ...]:
    """Where those who had these sessions may leave, too; providers that are no longer named, or have no way out, are left out."""
    known = {one.issuer: one for one in provider.settings[UpstreamSection].providers}
    wanted = list(session_ids)
    if not known or not wanted:
        return ()
    rows = reads.execute(sa.select(TABLE).where(TABLE.c.session_id.in_(wanted))).all()
    found = (build_departure(provider, known[row.issuer], row) for row in rows if row.issuer in known)
    return tuple(one for one in found if one is not None)


def build_departure(
    provider: Provider, upstream: UpstreamProvider, row: sa.Row[tuple[object, ...]]
) -> Departure | None:
    """The way out there, and back to our own last page."""
    try:
        hint = json.loads(provider.runtime.sealer.open(row.hint_sealed, f"{CONTEXT}.{row.session_id}"))
    except SealBroken:
        return None
    if not hint["way_out"]:
        return None
    asked = {
        "id_token_hint": hint["token"],
        "client_id": upstream.client_id,
        "post_logout_redirect_uri": f"{provider.issuer}/logout",
    }
    joint = "&" if "?" in hint["way_out"] else "?"
    return Departure(upstream.title, f"{hint['way_out']}{joint}{urlencode(asked)}")


def find_arrivals(reads: Reads, issuer: str, subject: str | None, sid: str | None) -> Sequence[uuid.UUID]:
    """The sessions here that a log-out there speaks of: one by its id there, else all of the person's (§2.6 there)."""
    wanted = [TABLE.c.issuer == issuer]
    if subject is not None:
        wanted.append(TABLE.c.subject == subject)
    if sid is not None:
        # A provider that says no id of the session at a log-in means the person.
        wanted.append(sa.or_(TABLE.c.sid == sid, TABLE.c.sid.is_(None)) if subject is not None else TABLE.c.sid == sid)
    return reads.execute(sa.select(TABLE.c.session_id).where(*wanted)).scalars().all()
