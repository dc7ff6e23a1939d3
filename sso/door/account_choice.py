"""`/choose`: which of the accounts that are open in this browser goes on (`prompt=select_account`, OpenID Connect Core §3.1.2.1)."""

import uuid
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.chains import find_ancestors, full_name
from directory.models import Account, Login
from directory.people import find_person
from foundation import audit
from foundation.changes import in_force
from foundation.database import Reads
from foundation.forms import Form, parse_pairs
from foundation.pages import render
from sso.authorization.freshness import mark_chosen
from sso.authorization.requests import ASKED, CHOSEN
from sso.door.about import About, describe_application
from sso.door.parked import find_open, keep_parked, read_parked
from sso.door.way_back import WayBack, read_way_back
from sso.provider import Provider
from sso.sessions import OpenSession, hand_cookie, read_cookie, take_cookie

PATH: Final = "/choose"


@dataclass(frozen=True)
class OpenAccount:
    """An account that may be chosen."""

    session: str
    name: str
    login: str
    unit: str
    kind: str


@dataclass(frozen=True)
class ChoicePage:
    """The question."""

    accounts: tuple[OpenAccount, ...]
    application: str | None
    about: About | None
    next: str


def show_choice(provider: Provider, request: Request, form: Form) -> Response:
    """The question; the log-in where no account is open."""
    with provider.database.read() as reads:
        back = read_way_back(provider, reads, form)
        found = find_open(provider, reads, list_cookies(provider, request), provider.now())
        accounts = tuple(describe_account(provider, reads, session) for _cookie, session in found)
    if not accounts:
        return RedirectResponse(back.link("/login"), 303)
    page = ChoicePage(accounts, back.application, describe_application(back.client), back.address)
    return render(request, "sso/choose.html", page, form_targets=back.form_targets)


def choose(provider: Provider, request: Request, form: Form) -> Response:
    """On with the account that was chosen; or to the log-in of another, the present one kept open."""
    now, present = provider.now(), read_cookie(request, provider.settings)
    with provider.database.write() as writes:
        back = read_way_back(provider, writes, form)
        found = find_open(provider, writes, list_cookies(provider, request), now)
        chosen = next((one for one in found if str(one[1].id) == form.text("account")), None)
        if chosen is not None and chosen[0] != present:
            session = chosen[1]
            audit.record(writes, now, "sso.session.chosen", str(session.person_id), str(session.account_id))
    waiting = [cookie for cookie, _session in found if chosen is None or cookie != chosen[0]]
    if chosen is None:
        response: Response = RedirectResponse(back.link("/login"), 303)
        take_cookie(response, provider.settings)
    else:
        response = RedirectResponse(add_choice(provider, back, chosen[1]), 303)
        hand_cookie(response, chosen[0], provider.settings)
    keep_parked(provider, response, waiting)
    return response


def list_cookies(provider: Provider, request: Request) -> list[str]:
    """The present session's cookie, then those that wait."""
    present = read_cookie(request, provider.settings)
    return [*([present] if present else []), *read_parked(provider, request)]


def add_choice(provider: Provider, back: WayBack, session: OpenSession) -> str:
    """The way back with the mark that this session was chosen for the request that waits there."""
    parts = urlsplit(back.address)
    query = parse_pairs(parts.query)
    if parts.path != "/authorize" or ASKED not in query:
        return back.address
    pairs = [(name, value) for name in query if name != CHOSEN for value in query.every(name)]
    mark = mark_chosen(provider.runtime.sealer, session.id, query[ASKED])
    return f"/authorize?{urlencode([*pairs, (CHOSEN, mark)])}"


def describe_account(provider: Provider, reads: Reads, session: OpenSession) -> OpenAccount:
    """An account as its owner knows it: name, log-in, unit, and what kind it is."""
    as_of = provider.as_of()
    person = find_person(reads, session.person_id, as_of)
    account = reads.get(Account, session.account_id)
    main = person.main_post if person else None
    return OpenAccount(
        session=str(session.id),
        name=person.name if person else "",
        login=find_login(reads, session.account_id, provider),
        unit=full_name(find_ancestors(reads, main.unit_id, as_of)) if main else "",
        kind=account.kind if account else "business",
    )


def find_login(reads: Reads, account_id: uuid.UUID, provider: Provider) -> str:
    """The account's own log-in today."""
    as_of = provider.as_of()
    wanted = sa.select(Login.login).where(Login.account_id == account_id, Login.kind == "own", in_force(Login, as_of))
    return reads.execute(wanted.limit(1)).scalar_one_or_none() or ""
