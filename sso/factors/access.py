"""Who may touch their own factors: somebody who logged in a moment ago, with the strongest kind of factor they have.

A factor is as hard to take away as it was to give: who found an open screen, or knows the password alone, gets neither further.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from foundation.database import Reads
from sso.factors.standing import Factors, find_factors
from sso.levels import TWO_FACTORS, reaches
from sso.provider import Provider
from sso.sessions import OpenSession, find_session, read_cookie

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
    if factors and not reaches(session.acr, (TWO_FACTORS,)):
        return Elsewhere(f"/second-factor?{back}")
    return Owner(session, factors)
