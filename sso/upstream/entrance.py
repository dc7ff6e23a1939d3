"""`/login/upstream/NAME` and its answer: to another provider and back, for a log-in or for a link.

A log-in opens the account that is linked to who the provider says it is, as a password would: a second factor that is owed stays owed, and
an administration account is opened by none. A link is made only for the session that asked, which logged in here a moment ago with
the strongest factor it has and not by another provider.
"""

import logging
import uuid
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from foundation import audit
from foundation.database import Reads, Writes
from foundation.errors import NotFound
from foundation.forms import Form
from foundation.pages import find_language, is_https
from sso.door.admission import Entered, let_in, lock_state, settle, start_session
from sso.door.guesses import device_subject
from sso.door.sources import check_source, weigh_failure
from sso.door.way_back import WayBack, read_way_back
from sso.factors.access import Elsewhere, Owner, find_owner
from sso.factors.devices import find_device, read_device
from sso.factors.standing import find_factors, owes_factor
from sso.levels import OWING, PASSWORD, UPSTREAM
from sso.provider import Provider
from sso.scopes import ACT_SCOPE
from sso.sessions import find_session, get_opened, read_cookie
from sso.upstream.answers import read_answer
from sso.upstream.departures import Vouched, note_arrival
from sso.upstream.documents import Documents
from sso.upstream.errors import NotLinked, TripLost, UpstreamRefused
from sso.upstream.links import add_link, find_linked, note_link_use
from sso.upstream.settings import UpstreamProvider, UpstreamSection
from sso.upstream.trips import Trip, begin, end_trip, read_trip, send_out

OWN_PAGE: Final = "/me/upstream"
log = logging.getLogger("hopnhat.upstream")


class UpstreamDoor:
    """The way to the providers of one process."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.section = provider.settings[UpstreamSection]
        self.documents = Documents(provider.fetcher)

    def get(self, name: str) -> UpstreamProvider:
        """The provider of this name. Raises NotFound."""
        found = self.section.find(name)
        if found is None:
            raise NotFound
        return found

    def set_out(self, request: Request, form: Form) -> Response:
        """To a provider, for a log-in. Raises NotFound, SourceShut."""
        upstream, provider = self.get(request.path_params["name"]), self.provider
        with provider.database.write() as writes:
            back = read_way_back(provider, writes, form)
            check_source(writes, provider.runtime.sealer, request.state.caller, provider.now())
            fresh = wants_fresh(provider, writes, request, back)
        trip = begin(upstream, "login", back.address, provider.now(), fresh=fresh)
        return self.send(request, upstream, trip, back.link("/login", upstream="refused"))

    def send(self, request: Request, upstream: UpstreamProvider, trip: Trip, failing: str) -> Response:
        """To a provider; to `failing` where it is away."""
        provider = self.provider
        try:
            metadata = self.documents.find(upstream)
        except UpstreamRefused as error:
            return self.refuse(request, upstream, error, failing)
        language = find_language(request, provider.settings)
        return send_out(trip, upstream, metadata, provider.issuer, provider.runtime.sealer, language)

    def come_back(self, request: Request, form: Form) -> Response:
        """A provider's answer. Raises NotFound, SourceShut."""
        upstream, provider, now = self.get(request.path_params["name"]), self.provider, self.provider.now()
        https = is_https(provider.settings)
        with provider.database.write() as writes:
            check_source(writes, provider.runtime.sealer, request.state.caller, now)
        failing = "/login?upstream=refused"
        try:
            if form.repeated:
                raise TripLost(why="a parameter was sent twice")
            trip = read_trip(request, provider.runtime.sealer, upstream.name, form.text("state"), now, https)
            with provider.database.read() as reads:
                back = read_way_back(provider, reads, Form([("next", trip.back)]))
            linking = trip.purpose == "link"
            failing = f"{OWN_PAGE}?refused=yes" if linking else back.link("/login", upstream="refused")
            vouched = read_answer(self.documents, upstream, trip, form, provider.issuer, now)
            answer = (
                self.link(request, upstream, trip, vouched.subject)
                if linking
                else self.admit(request, upstream, vouched, back)
            )
        except UpstreamRefused as error:
            answer = self.refuse(request, upstream, error, failing)
        return end_trip(answer, https)

    def admit(self, request: Request, upstream: UpstreamProvider, vouched: Vouched, back: WayBack) -> Response:
        """In, or on to the second factor. Raises NotLinked, ProviderAway."""
        provider, now, subject = self.provider, self.provider.now(), vouched.subject
        way_out = self.documents.find(upstream).end_session_endpoint if upstream.log_out else None
        with provider.database.write() as writes:
            account = find_linked(writes, upstream.issuer, subject)
            if lock_state(writes, account.account_id) != "active":
                raise NotLinked(why="suspended meanwhile")
            device = find_device(writes, account.account_id, read_device(request, provider.settings), now)
            owing = owes_factor(find_factors(writes, account.account_id), account.kind, device, now)
            cookie = start_session(provider, writes, request, account, UPSTREAM, OWING if owing else PASSWORD).cookie
            note_arrival(provider, writes, get_opened(writes, cookie), upstream, vouched, way_out)
            # No guess was made, so none is forgiven: only the count of this very browser is.
            own = device_subject(provider.runtime.sealer, account.account_id, device.id if device else uuid.uuid4())
            known = None if owing else settle(provider, writes, request, account.account_id, own)
            note_link_use(writes, upstream.issuer, subject, now)
            detail = {"by": UPSTREAM, "provider": upstream.name, "caller": request.state.caller}
            event = "sso.session.begun" if owing else "sso.session.opened"
            audit.record(writes, now, event, str(account.person_id), str(account.account_id), detail)
        return let_in(provider, back, Entered(account.person_id, cookie, known, owing))

    def link(self, request: Request, upstream: UpstreamProvider, trip: Trip, subject: str) -> Response:
        """Link for the session that asked, if it still may. Raises TripLost, NotLinked."""
        provider, now = self.provider, self.provider.now()
        with provider.database.write() as writes:
            owner = find_linker(provider, writes, request)
            if isinstance(owner, Elsewhere) or str(owner.session.id) != trip.session:
                raise TripLost(why="not the session that asked")
            if lock_state(writes, owner.session.account_id) != "active":
                raise TripLost(why="suspended meanwhile")
            add_link(writes, owner.session.account_id, upstream.issuer, subject, now)
            person, account = str(owner.session.person_id), str(owner.session.account_id)
            audit.record(writes, now, "sso.upstream.linked", person, account, {"provider": upstream.name})
        return RedirectResponse(f"{OWN_PAGE}?changed=yes", 303)

    def refuse(self, request: Request, upstream: UpstreamProvider, error: UpstreamRefused, failing: str) -> Response:
        """Back with one sentence; the network pays as for a wrong password, and the audit has the word."""
        log.info("%s refused: %s %s", upstream.name, error.code, error)
        provider, now = self.provider, self.provider.now()
        detail = {"why": error.code, "caller": request.state.caller}
        with provider.database.write() as writes:
            weigh_failure(writes, provider.runtime.sealer, request.state.caller, provider.policy, now)
            audit.record(writes, now, "sso.upstream.refused", "somebody", upstream.name, detail, "refused")
        return RedirectResponse(failing, 303)


def wants_fresh(provider: Provider, reads: Reads, request: Request, back: WayBack) -> bool:
    """Whether an old log-in at the provider is not enough: the browser is in already and has to prove itself anew, or the application
    that waits wants a log-in of its own, or acts for the person. A live session there would else answer for whoever sits at the screen.
    """
    cookie = read_cookie(request, provider.settings)
    if find_session(reads, cookie, provider.policy, provider.now(), owing=True) is not None:
        return True
    if back.client is not None and back.client.public and ACT_SCOPE in back.client.scopes:
        return True
    return "login" in back.inner.text("prompt").split() or bool(back.inner.text("max_age"))


def find_linker(provider: Provider, writes: Writes, request: Request) -> Owner | Elsewhere:
    """Whoever may link now: a business account, a fresh log-in of ours with the strongest factor there is, and by no other provider."""
    owner = find_owner(provider, writes, request, OWN_PAGE)
    if isinstance(owner, Elsewhere):
        return owner
    if UPSTREAM in owner.session.amr.split() or owner.session.kind != "business":
        return Elsewhere(f"/login?next={OWN_PAGE.replace('/', '%2F')}")
    return owner
