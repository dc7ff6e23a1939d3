"""`/device` (RFC 8628 §3.3): type the code your device shows, see what asks, allow it or not.

Codes are counted per account before they are looked at, like passwords: who tries codes of others is stopped after a
few. What is allowed is named with its application each time, also the administration's own: a code may have come from a
stranger on the telephone (§5.4 there).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.database import Reads, Writes
from foundation.forms import Form
from foundation.i18n import _
from foundation.pages import FieldError, render
from foundation.sealing import Sealer
from sso.clients import Client
from sso.devices import TABLE, normalise, show_user_code
from sso.door.about import About, describe_application
from sso.door.consent import MEANINGS
from sso.door.guesses import count_try, forgive
from sso.door.sources import weigh_failure
from sso.opaque import digest
from sso.provider import Provider
from sso.scopes import split_scope
from sso.sessions import OpenSession, find_session, read_cookie, touch_session

WRONG: Final = _(
    "This code is not right, or it is over. Look at your device again; after some wrong codes there is a pause."
)
FIND: Final = sa.select(TABLE).where(
    TABLE.c.user_code_hash == sa.bindparam("hash"), TABLE.c.state == "waiting", TABLE.c.ends_at > sa.bindparam("now")
)
DECIDE: Final = (
    sa.update(TABLE)
    .where(
        TABLE.c.user_code_hash == sa.bindparam("hash"),
        TABLE.c.state == "waiting",
        TABLE.c.ends_at > sa.bindparam("now"),
    )
    .values(state=sa.bindparam("decision"), session_id=sa.bindparam("session"))
    .returning(TABLE.c.client_id)
)


@dataclass(frozen=True)
class DevicePage:
    """The code to type; what asks, once it was found; what was decided, once it was."""

    user_code: str
    application: str | None = None
    meanings: tuple[str, ...] = ()
    about: About | None = None
    decided: str | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class Found:
    """A device that waits."""

    client: Client
    row: Any


def show_device(provider: Provider, request: Request, form: Form) -> Response:
    """The page, the code filled in where the address carries one; the log-in first."""
    with provider.database.read() as reads:
        session = find_session(reads, read_cookie(request, provider.settings), provider.policy, provider.now())
    if session is None:
        return send_to_login(form)
    return render(request, "sso/device.html", DevicePage(show_code(form)))


def answer_device(provider: Provider, request: Request, form: Form) -> Response:
    """Look the code up and ask; or keep what the person decided."""
    now, typed = provider.now(), show_code(form)
    with provider.database.write() as writes:
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, now)
        if session is None:
            return send_to_login(form)
        subject = device_subject(provider.runtime.sealer, session.account_id)
        may = count_try(writes, subject, provider.policy, now)
        found = find_device(provider, writes, typed, now) if may else None
        if found is None:
            weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, now)
            errors = (FieldError("user_code", WRONG),)
            return render(request, "sso/device.html", DevicePage(typed, errors=errors), status=400)
        forgive(writes, subject)
        if form.text("answer") in ("accept", "refuse"):
            page = decide(writes, found, session, typed, now, accepted=form.text("answer") == "accept")
        else:
            meanings = tuple(MEANINGS[scope] for scope in split_scope(found.row.scope) if scope in MEANINGS)
            page = DevicePage(typed, found.client.name, meanings, describe_application(found.client))
    return render(request, "sso/device.html", page)


def decide(
    writes: Writes, found: Found, session: OpenSession, typed: str, now: datetime, *, accepted: bool
) -> DevicePage:
    """Keep the decision, once; it is a use of the session."""
    touch_session(writes, session, now)
    decision = "allowed" if accepted else "refused"
    key = {"hash": digest(normalise(typed)), "now": now, "decision": decision, "session": session.id}
    writes.connection().execute(DECIDE, key)
    audit.record(writes, now, f"sso.device.{decision}", str(session.person_id), found.client.client_id)
    return DevicePage(typed, found.client.name, decided=decision)


def find_device(provider: Provider, reads: Reads, typed: str, now: datetime) -> Found | None:
    """The device that shows this code, while it waits."""
    row = reads.connection().execute(FIND, {"hash": digest(normalise(typed)), "now": now}).first()
    client = provider.clients.find(reads, row.client_id) if row else None
    return Found(client, row) if client else None


def device_subject(sealer: Sealer, account_id: uuid.UUID) -> bytes:
    """What the codes an account tries are counted under."""
    return sealer.blind_index(str(account_id), "sso.guess.device")


def show_code(form: Form) -> str:
    """The code that was typed."""
    return show_user_code(form.text("user_code"))


def send_to_login(form: Form) -> Response:
    """The log-in, and back here with the code."""
    code = normalise(show_code(form))
    return RedirectResponse(f"/login?next=%2Fdevice%3Fuser_code%3D{code}" if code else "/login?next=%2Fdevice", 303)
