"""What an account leaves behind here, for its owner to see and to end: open sessions, known browsers, applications, log-ins of late."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from directory.logins import login_key
from foundation.audit import AuditRow
from foundation.clocks import as_rfc3339
from foundation.database import Reads, Writes
from foundation.sealing import Sealer
from sso import models
from sso.door.agents import name_agent
from sso.door.guesses import name_tried
from sso.factors.devices import KnownDevice, list_devices
from sso.levels import OWING
from sso.sessions import TABLE as SESSION
from sso.sessions import OpenSession, end_session

SHOWN: Final = 20
EVENTS: Final = ("sso.session.opened", "sso.session.refused", "sso.factor.refused", "sso.account.recovered")
GRANT: Final = cast(sa.Table, models.Grant.__table__)


@dataclass(frozen=True)
class SessionLine:
    """An open session; `here` is the one that looks."""

    id: str
    since: datetime
    seen_at: datetime
    caller: str
    agent: str
    here: bool


@dataclass(frozen=True)
class ConsentLine:
    """An application that was allowed something."""

    client_id: str
    name: str
    scope: str
    given_at: datetime


@dataclass(frozen=True)
class LoginLine:
    """A log-in, or a try that failed."""

    at: datetime
    good: bool
    caller: str
    agent: str


@dataclass(frozen=True)
class Traces:
    """All of it."""

    sessions: tuple[SessionLine, ...]
    devices: tuple[KnownDevice, ...]
    consents: tuple[ConsentLine, ...]
    logins: tuple[LoginLine, ...]


def find_traces(reads: Reads, sealer: Sealer, session: OpenSession, names: Iterable[str], now: datetime) -> Traces:
    """What the owner of a session may see; `names` are their log-ins and addresses, under which failed tries are found."""
    account_id = session.account_id
    tried = [name_tried(sealer, login_key(name)) for name in names]
    return Traces(
        sessions=list_sessions(reads, account_id, session.id, now),
        devices=tuple(replace(one, agent=name_agent(one.agent)) for one in list_devices(reads, account_id, now)),
        consents=list_consents(reads, session.person_id),
        logins=list_logins(reads, account_id, tried),
    )


def list_sessions(reads: Reads, account_id: uuid.UUID, here: uuid.UUID, now: datetime) -> tuple[SessionLine, ...]:
    """The account's open sessions, the latest used first."""
    wanted = sa.select(SESSION).where(
        SESSION.c.account_id == account_id,
        SESSION.c.ended_at.is_(None),
        SESSION.c.ends_at > now,
        SESSION.c.acr != OWING,
    )
    rows = reads.connection().execute(wanted.order_by(SESSION.c.seen_at.desc()).limit(SHOWN))
    return tuple(
        SessionLine(str(row.id), row.auth_time, row.seen_at, row.caller, name_agent(row.agent), row.id == here)
        for row in rows
    )


def list_consents(reads: Reads, person_id: uuid.UUID) -> tuple[ConsentLine, ...]:
    """The applications this person allowed something."""
    wanted = (
        sa.select(models.Consent, models.Client.name)
        .join(models.Client, models.Client.client_id == models.Consent.client_id)
        .where(models.Consent.person_id == person_id)
        .order_by(models.Client.name)
    )
    return tuple(
        ConsentLine(consent.client_id, name, consent.scope, consent.given_at) for consent, name in reads.execute(wanted)
    )


def list_logins(reads: Reads, account_id: uuid.UUID, tried: Sequence[str]) -> tuple[LoginLine, ...]:
    """The latest log-ins and failed tries that are written down for this account, or for a log-in of its owner as somebody typed it."""
    wanted = (
        sa.select(AuditRow)
        .where(AuditRow.subject.in_([str(account_id), *tried]), AuditRow.event.in_(EVENTS))
        .order_by(AuditRow.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        LoginLine(
            row.at,
            row.outcome == "done",
            str(row.detail.get("caller", "")),
            name_agent(str(row.detail.get("agent", ""))),
        )
        for row in reads.execute(wanted).scalars()
    )


def end_own_session(writes: Writes, account_id: uuid.UUID, session_id: uuid.UUID, now: datetime) -> bool:
    """End one of the account's sessions. Gives whether there was one."""
    mine = sa.select(SESSION.c.id).where(SESSION.c.id == session_id, SESSION.c.account_id == account_id)
    if writes.connection().execute(mine.where(SESSION.c.ended_at.is_(None))).first() is None:
        return False
    end_session(writes, session_id, now)
    return True


def withdraw_consent(writes: Writes, person_id: uuid.UUID, client_id: str, now: datetime) -> bool:
    """Take back what was allowed to an application; its tokens end. Gives whether there was anything."""
    mine = sa.and_(models.Consent.person_id == person_id, models.Consent.client_id == client_id)
    if writes.connection().execute(sa.delete(models.Consent).where(mine)).rowcount == 0:
        return False
    given = sa.and_(GRANT.c.person_id == person_id, GRANT.c.client_id == client_id, GRANT.c.ended_at.is_(None))
    writes.connection().execute(sa.update(GRANT).where(given).values(ended_at=now, ended_why="consent withdrawn"))
    return True


def as_data(traces: Traces) -> dict[str, Any]:
    """The same for a download."""
    return {
        "sessions": [
            {"since": as_rfc3339(one.since), "used": as_rfc3339(one.seen_at), "from": one.caller, "with": one.agent}
            for one in traces.sessions
        ],
        "browsers": [
            {"since": as_rfc3339(one.made_at), "used": as_rfc3339(one.seen_at), "with": one.agent}
            for one in traces.devices
        ],
        "allowed": [
            {"application": one.name, "scope": one.scope, "since": as_rfc3339(one.given_at)} for one in traces.consents
        ],
        "log_ins": [
            {"at": as_rfc3339(one.at), "succeeded": one.good, "from": one.caller, "with": one.agent}
            for one in traces.logins
        ],
    }
