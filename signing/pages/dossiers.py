"""The dossiers of one's units: the list, one dossier to read, its approval after a fresh log-in, its refusal, a choice."""

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.certificates import certificates_of_units
from directory.people import find_person
from directory.settings import AccountsSection
from directory.units import find_units
from foundation.changes import AsOf
from foundation.errors import BadInput
from foundation.forms import Form
from foundation.i18n import Message, _
from foundation.pages import FieldError, render
from foundation.refusals import recorded_refusals
from foundation.runtime import Runtime
from signing.errors import DossierNotFound, RequestNotFound
from signing.login.pages import Door
from signing.login.sessions import Session
from signing.pages.views import (
    CertificateView,
    DossierView,
    RequestView,
    view_certificate,
    view_dossiers,
    view_requests,
)
from signing.pages.visibility import find_approvable, find_hindrance, get_visible_dossier, visible_units
from signing.requests.approval import Approver, approve, refuse
from signing.requests.choices import LONGEST_REASON, choose
from signing.requests.dossiers import digest_dossier, find_requests, get_request, list_dossiers
from signing.settings import SigningSection

MOST_DOSSIERS = 200


@dataclass(frozen=True)
class OverviewPage:
    """The dossiers of the units somebody answers for: those that wait for them first, and the agencies' certificates."""

    name: str
    waiting: tuple[DossierView, ...]
    others: tuple[DossierView, ...]
    agencies: tuple[CertificateView, ...]


@dataclass(frozen=True)
class DossierPage:
    """One dossier; `hindrance` says why the reader cannot approve it, `done` greets after an act."""

    dossier: DossierView
    requests: tuple[RequestView, ...]
    digest: str
    may_approve: bool
    hindrance: Message | None
    refusal: str | None


@dataclass(frozen=True)
class ReasonPage:
    """A question that needs a reason."""

    dossier: DossierView
    request: RequestView | None
    errors: tuple[FieldError, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class DossierPages:
    """The acts behind the addresses."""

    runtime: Runtime
    door: Door

    def overview(self, request: Request, _form: Form, session: Session) -> Response:
        """`GET /signing/`: dossiers, or one's own certificates for who answers for no unit."""
        now = self.runtime.clocks.wall()
        with self.runtime.database.read() as reads:
            units = visible_units(reads, session.person_id, now)
            if not units:
                return RedirectResponse("/signing/certificate", 303)
            rows = list_dossiers(reads, units, MOST_DOSSIERS)
            ids = find_approvable(reads, rows, session.person_id, now)
            person = find_person(reads, session.person_id, AsOf(now))
            views = {view.id: view for view in view_dossiers(reads, rows, now)}
            own = find_units(reads, {post.unit_id for post in person.posts} & units if person else (), AsOf(now))
            held = certificates_of_units(reads, own, AsOf(now))
        page = OverviewPage(
            name=person.name if person else "",
            waiting=tuple(view for view in views.values() if view.id in ids),
            others=tuple(view for view in views.values() if view.id not in ids),
            agencies=tuple(view_certificate(known, now) for group in held.values() for known in group),
        )
        return render(request, "signing/overview.html", page)

    def show(self, request: Request, _form: Form, session: Session) -> Response:
        """`GET /signing/dossiers/{dossier}`."""
        return render(request, "signing/dossier.html", self.build_page(request, session))

    def build_page(self, request: Request, session: Session) -> DossierPage:
        """One dossier as its reader may see it. Raises DossierNotFound."""
        now = self.runtime.clocks.wall()
        with self.runtime.database.read() as reads:
            dossier = get_visible_dossier(reads, read_number(request, "dossier"), session.person_id, now)
            rows = find_requests(reads, dossier.id)
            hindrance = find_hindrance(reads, dossier, session.person_id, now) if dossier.state == "draft" else None
            return DossierPage(
                dossier=view_dossiers(reads, [dossier], now)[0],
                requests=tuple(view_requests(reads, rows, now)),
                digest=digest_dossier(dossier, rows),
                may_approve=dossier.state == "draft" and hindrance is None,
                hindrance=Message(hindrance.message, hindrance.values) if hindrance else None,
                refusal=dossier.refusal,
            )

    def approve(self, request: Request, form: Form, session: Session) -> Response:
        """`GET` asks once more, after a fresh log-in; `POST /signing/dossiers/{dossier}/approve` approves what was read."""
        if request.method != "POST":
            return render(request, "signing/approve.html", self.build_page(request, session))
        number, now = read_number(request, "dossier"), self.runtime.clocks.wall()
        freshness = timedelta(minutes=self.runtime.settings[SigningSection].fresh_minutes)
        quiet = timedelta(hours=self.runtime.settings[AccountsSection].quiet_hours)
        approver = Approver(session.person_id, session.logged_in_at, freshness, quiet)
        with (
            recorded_refusals(self.runtime, "signing.dossier.approve", str(session.person_id), f"dossier:{number}"),
            self.runtime.database.write() as writes,
        ):
            get_visible_dossier(writes, number, session.person_id, now)
            approve(writes, number, form.text("digest"), approver, now)
        return RedirectResponse(f"/signing/dossiers/{number}", 303)

    def refuse(self, request: Request, form: Form, session: Session) -> Response:
        """`/signing/dossiers/{dossier}/refuse`, after a fresh log-in: the reason, then the refusal."""
        number, reason, now = read_number(request, "dossier"), form.text("reason").strip(), self.runtime.clocks.wall()
        if request.method == "POST" and 0 < len(reason) <= LONGEST_REASON:
            with (
                recorded_refusals(self.runtime, "signing.dossier.refuse", str(session.person_id), f"dossier:{number}"),
                self.runtime.database.write() as writes,
            ):
                get_visible_dossier(writes, number, session.person_id, now)
                refuse(writes, number, session.person_id, reason, now)
            return RedirectResponse(f"/signing/dossiers/{number}", 303)
        errors = (no_reason(),) if request.method == "POST" else ()
        page = ReasonPage(self.build_page(request, session).dossier, None, errors, reason)
        return render(request, "signing/refuse.html", page, status=400 if errors else 200)

    def choose(self, request: Request, form: Form, session: Session) -> Response:
        """`/signing/requests/{request}/choice`, after a fresh log-in: the other way the law allows, with a reason."""
        number, reason, now = read_number(request, "request"), form.text("reason").strip(), self.runtime.clocks.wall()
        with self.runtime.database.read() as reads:
            row = get_request(reads, number)
            dossier_row = get_visible_dossier(reads, row.dossier_id, session.person_id, now)
            view = view_requests(reads, [row], now)[0]
            dossier = view_dossiers(reads, [dossier_row], now)[0]
        if row.alternative is None or row.state != "draft":
            raise RequestNotFound
        errors: tuple[FieldError, ...] = ()
        if request.method == "POST":
            try:
                with (
                    recorded_refusals(
                        self.runtime, "signing.request.choose", str(session.person_id), f"request:{number}"
                    ),
                    self.runtime.database.write() as writes,
                ):
                    choose(writes, number, row.alternative, session.person_id, reason, now)
                return RedirectResponse(f"/signing/dossiers/{row.dossier_id}", 303)
            except BadInput:
                errors = (no_reason(),)
        page = ReasonPage(dossier, view, errors, reason)
        return render(request, "signing/choice.html", page, status=400 if errors else 200)


def no_reason() -> FieldError:
    """The reason is missing or too long."""
    return FieldError("reason", _("Please write down why, in at most 500 characters."))


def read_number(request: Request, name: str) -> int:
    """A number of the path. Raises DossierNotFound for what is none."""
    text = str(request.path_params[name])
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise DossierNotFound
    return int(text)
