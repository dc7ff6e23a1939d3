"""`/me`: what the register says about the person who looks, which unit is theirs since the merger, and the applications open to them."""

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.chains import find_chains, full_name
from directory.people import PostFacts
from directory.portrait import Portrait, find_portrait
from directory.rights import find_holders
from directory.units import UnitFacts
from foundation.clocks import local_day
from foundation.database import Reads
from foundation.forms import Form
from foundation.pages import render
from sso.clients import list_clients
from sso.door.own_traces import Traces, find_traces
from sso.factors.review import is_asked
from sso.factors.standing import Factors, find_factors
from sso.provider import Provider
from sso.sessions import OpenSession, find_session, read_cookie, touch_session
from sso.upstream.settings import UpstreamSection


@dataclass(frozen=True)
class News:
    """What the merger did to this person: the unit now, since when, and the units before."""

    since: date
    unit: str
    before: tuple[str, ...]


@dataclass(frozen=True)
class PostLine:
    """A post as the page shows it."""

    title: str
    unit: str
    code: str | None
    example: bool
    main: bool
    acting: bool
    since: date


@dataclass(frozen=True)
class Application:
    """An application with an entrance of its own."""

    name: str
    address: str


@dataclass(frozen=True)
class MyPage:
    """One person's own data."""

    name: str
    logins: tuple[str, ...]
    addresses: tuple[str, ...]
    phone: str | None
    posts: tuple[PostLine, ...]
    news: News | None
    keepers: tuple[str, ...]
    applications: tuple[Application, ...]
    changed: str
    factors: Factors
    traces: Traces
    reviewing: bool
    """Whether the owner has not yet said which factors are theirs."""
    others: bool
    """Whether accounts of other providers can be linked."""


def show_account(provider: Provider, request: Request, form: Form) -> Response:
    """The page, or the log-in first."""
    now = provider.now()
    with provider.database.write() as writes:
        session = find_session(writes, read_cookie(request, provider.settings), provider.policy, now)
        if session is None:
            return RedirectResponse("/login?next=%2Fme", 303)
        touch_session(writes, session, now)
        subject = find_portrait(writes, session.person_id, provider.as_of().at)
        if subject is None:
            return RedirectResponse("/logout", 303)
        page = build_page(provider, writes, subject, session, form.text("changed"))
    return render(request, "sso/me.html", page)


def build_page(provider: Provider, reads: Reads, subject: Portrait, session: OpenSession, changed: str = "") -> MyPage:
    """The page's data."""
    as_of, person = provider.as_of(), subject.person
    chains = find_chains(reads, [post.unit_id for post in person.posts], as_of)
    lines = tuple(
        describe_line(provider, post, chains.get(post.unit_id) or [subject.units[post.unit_id]])
        for post in person.posts
        if post.unit_id in subject.units
    )
    main = person.main_post
    above = [unit.id for unit in chains.get(main.unit_id, ())] if main else []
    return MyPage(
        name=person.name,
        logins=person.logins,
        addresses=person.addresses,
        phone=person.phone,
        posts=lines,
        news=find_news(provider, subject, lines),
        keepers=tuple(find_holders(reads, ("hr",), above, as_of)[:3]) if above else (),
        applications=tuple(
            Application(client.name, client.home_uri)
            for client in list_clients(reads)
            if client.home_uri and client.own
        ),
        changed=changed if changed in ("password", "factors", "ended") else "",
        factors=find_factors(reads, session.account_id),
        traces=find_traces(
            reads, provider.runtime.sealer, session, (*person.logins, *person.addresses), provider.now()
        ),
        reviewing=is_asked(reads, session.account_id, provider.now()),
        others=bool(provider.settings[UpstreamSection].providers) and session.kind == "business",
    )


def describe_line(provider: Provider, post: PostFacts, chain: list[UnitFacts]) -> PostLine:
    """A post with its unit's whole name; `chain` is the unit and what lies above it."""
    return PostLine(
        title=post.title,
        unit=name_place(post, chain),
        code=chain[0].code,
        example=chain[0].example,
        main=post.main,
        acting=post.acting,
        since=local_day(post.begins, provider.settings.zone),
    )


def name_place(post: PostFacts, chain: list[UnitFacts]) -> str:
    """Where a post is: the committee of a place by its name as an agency, Party, Council and Front by the place alone."""
    if post.body in ("committee", "department"):
        return full_name(chain)
    place = full_name(chain)
    return place.replace(chain[0].agency_name, chain[0].name, 1)


def find_news(provider: Provider, subject: Portrait, lines: tuple[PostLine, ...]) -> News | None:
    """The sentence after the merger: the main unit, when the latest former one ended as it began."""
    main = subject.person.main_post
    before = tuple(former.unit.agency_name for former in subject.former if main and former.until == main.begins)
    if main is None or not before or not lines:
        return None
    return News(local_day(main.begins, provider.settings.zone), lines[0].unit, before)
