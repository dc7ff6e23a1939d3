"""Who may touch their own factors: somebody who logged in a moment ago, with the strongest kind of factor they have.

A factor is as hard to take away as it was to give: who found an open screen, knows the password alone, or talked the owner of a
passkey out of a code of their app, gets no further (CVE-2026-8830's kin). A recovery code stands in for a key that is lost. Another
provider's word is none of ours: who has no factor here comes in by the password first, or that provider could lay a key by for itself.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from foundation.database import Reads, Writes
from sso.factors.standing import Factors, find_factors
from sso.levels import RECOVERY, TWO_FACTORS, UPSTREAM, reaches
from sso.provider import Provider
from sso.sessions import OpenSession, find_session, hold_session, read_cookie

FRESH: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class Elsewhere:
    """Something has to happen before, at this address."""

    address: str


@dataclass(frozen=True)
class Owner:
    """Somebody who may change their own factors now."""

    session: OpenSession
    factors: Factors


def find_owner(provider: Provider, reads: Reads, request: Request, page: str) -> Owner | Elsewhere:
    """The person at the browser if they may change their factors, or where they have to go first and come back from to `page`."""
    now = provider.now()
    session = find_session(reads, read_cookie(request, provider.settings), provider.policy, now, owing=True)
    back = urlencode({"next": page})
    if session is None or session.auth_time + FRESH <= now:
        return Elsewhere(f"/login?{back}")
    factors = find_factors(reads, session.account_id)
    if not factors and UPSTREAM in session.amr.split():
        return Elsewhere(f"/login?{back}")
    if not is_strongest(session, factors):
        return Elsewhere(f"/second-factor?{back}")
    return Owner(session, factors)


def is_strongest(session: OpenSession, factors: Factors) -> bool:
    """Whether the log-in proved the strongest kind of factor there is, or a code that stands in for it."""
    if not factors:
        return True
    return reaches(session.acr, factors.levels[-1:]) or (
        RECOVERY in session.amr.split() and reaches(session.acr, (TWO_FACTORS,))
    )


def hold_owner(provider: Provider, writes: Writes, request: Request, owner: Owner, page: str) -> Owner | Elsewhere:
    """The same in a second transaction: what changed while a code or key was looked at counts; held until the transaction ends."""
    cookie = read_cookie(request, provider.settings)
    if hold_session(writes, owner.session, cookie, provider.policy, provider.now()) is None:
        return Elsewhere(f"/login?{urlencode({'next': page})}")
    return find_owner(provider, writes, request, page)
