"""The session of who proved themselves, at whatever door: opened or renewed, tries forgiven, the browser known, and on the way."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.models import Account
from directory.people import AccountFacts
from foundation.database import Writes
from sso.door.guesses import forgive
from sso.door.sources import relieve
from sso.door.way_back import WayBack
from sso.factors.devices import hand_device, keep_device, read_device
from sso.provider import Provider
from sso.sessions import (
    OpenSession,
    end_session,
    find_session,
    hand_cookie,
    open_session,
    read_cookie,
    renew_session,
)

LOCK_STATE: Final = sa.select(Account.state).where(Account.id == sa.bindparam("account")).with_for_update()
"""Held until the transaction ends: whoever suspends the account waits, and then ends the session too."""


@dataclass(frozen=True)
class Entered:
    """Somebody came in: the values of the session's cookie and of the one the browser is known by from now on.

    `owing`: the second factor is still owed, and nothing opens before.
    """

    person_id: uuid.UUID
    cookie: str
    device: str | None = None
    owing: bool = False
    reviewing: bool = False
    """Whether its owner is shown the account's factors first (`sso.factors.review`)."""
    session: OpenSession | None = None
    """The session itself, where it is a new one and stands."""
    answer: Response | None = None
    """The answer to the application that waited, where nothing more was missing."""


@dataclass(frozen=True)
class Started:
    """A session that was opened or renewed: its cookie's value, and the session itself where it is a new one."""

    cookie: str
    opened: OpenSession | None = None


def lock_state(writes: Writes, account_id: uuid.UUID) -> str | None:
    """The account's state as it is now, held until the transaction ends: whoever suspends it waits, and then ends the session too."""
    writes.flush()  # The connection is asked past the session.
    state: str | None = writes.connection().execute(LOCK_STATE, {"account": account_id}).scalar()
    return state


def start_session(
    provider: Provider, writes: Writes, request: Request, account: AccountFacts, amr: str, acr: str
) -> Started:
    """A session of this level: the browser's own renewed where it is of the same account, else a new one."""
    now, caller, agent = provider.now(), request.state.caller, request.headers.get("user-agent", "")
    former = find_session(writes, read_cookie(request, provider.settings), provider.policy, now, owing=True)
    if former is not None and former.account_id == account.account_id:
        return Started(renew_session(writes, former, provider.policy, now, amr=amr, acr=acr))
    if former is not None:
        end_session(writes, former.id, now)
    given = {"kind": account.kind, "amr": amr, "caller": caller, "agent": agent, "acr": acr}
    opened, cookie = open_session(writes, account.person_id, account.account_id, provider.policy, now, **given)
    return Started(cookie, opened)


def settle(
    provider: Provider,
    writes: Writes,
    request: Request,
    account_id: uuid.UUID,
    subject: bytes,
    *,
    remember: timedelta | None = None,
    weight: Any = None,
) -> str:
    """Who is in is forgiven their tries, relieves their network, and is known in this browser from now on. Gives the browser's cookie.

    `weight`: that of the network, where it was asked for already.
    """
    now, caller, sealer = provider.now(), request.state.caller, provider.runtime.sealer
    forgive(writes, subject)
    relieve(writes, sealer, caller, str(account_id), provider.policy, now, weight)
    agent, cookie = request.headers.get("user-agent", ""), read_device(request, provider.settings)
    return keep_device(writes, account_id, cookie, agent, now, now + remember if remember else None)


def let_in(provider: Provider, back: WayBack, entered: Entered) -> Response:
    """On the way: to the application at once, to the page of the second factor, or back to where the person came from."""
    response = entered.answer
    if response is None:
        on_the_way = back.link("/second-factor") if entered.owing else back.address
        response = RedirectResponse(back.link("/me/review") if entered.reviewing else on_the_way, 303)
    hand_cookie(response, entered.cookie, provider.settings)
    if entered.device is not None:
        hand_device(response, entered.device, provider.settings)
    return response
