"""One's own certificates: what is valid, what waits for a key, asking for one, reporting one lost, bringing a signing request."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from directory.certificates import certificates_of_people, find_certificate
from directory.people import find_person
from foundation.bearers import check_bearer
from foundation.changes import AsOf
from foundation.errors import BadInput, NotFound
from foundation.forms import Form, read_body
from foundation.pages import FieldError, render
from foundation.refusals import recorded_refusals
from foundation.runtime import Runtime
from signing.authority.publication import CERTIFICATE, CHAIN, as_pem
from signing.authority.signing_requests import MOST_BYTES
from signing.errors import CertificateNotFound, NotTheSubject, RequestNotFound
from signing.login.pages import Door
from signing.login.sessions import Session
from signing.models import CertificateRequest
from signing.pages.dossiers import read_number
from signing.pages.views import CertificateView, RequestView, read_parts, view_certificate, view_requests
from signing.requests.asking import ask_new, ask_revocation, find_open
from signing.requests.bringing import bring_csr
from signing.requests.dossiers import get_request
from signing.requests.freshness import Present
from signing.requests.issuing import check_sender

CSR_TYPES = ("application/pkcs10", "application/x-pem-file")
ACT_SCOPE = "act"


@dataclass(frozen=True)
class OwnPage:
    """What somebody holds and what is on its way; `can_ask` when nothing new is asked for yet."""

    name: str
    certificates: tuple[CertificateView, ...]
    waiting: tuple[RequestView, ...]
    others: tuple[RequestView, ...]
    can_ask: bool


@dataclass(frozen=True)
class KeyPage:
    """The form that takes a signing request."""

    request: RequestView
    errors: tuple[FieldError, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class CertificatePage:
    """One certificate in full."""

    certificate: CertificateView
    subject: tuple[str, ...]
    own: bool


@dataclass(frozen=True)
class CertificatePages:
    """The acts behind the addresses."""

    runtime: Runtime
    door: Door

    def own(self, request: Request, _form: Form, session: Session) -> Response:
        """`GET /signing/certificate`."""
        now = self.runtime.clocks.wall()
        with self.runtime.database.read() as reads:
            person = find_person(reads, session.person_id, AsOf(now))
            held = certificates_of_people(reads, [session.person_id]).get(session.person_id, [])
            open_ones = view_requests(reads, find_open(reads, session.person_id), now)
        page = OwnPage(
            name=person.name if person else "",
            certificates=tuple(view_certificate(known, now) for known in held),
            waiting=tuple(view for view in open_ones if view.wants_key),
            others=tuple(view for view in open_ones if not view.wants_key),
            can_ask=all(view.kind == "revocation" for view in open_ones),
        )
        return render(request, "signing/own.html", page)

    def ask(self, _request: Request, _form: Form, session: Session) -> Response:
        """`POST /signing/certificate/ask`: a draft for one's head."""
        actor = str(session.person_id)
        with (
            recorded_refusals(self.runtime, "signing.request.ask", actor, actor),
            self.runtime.database.write() as writes,
        ):
            ask_new(writes, session.person_id, self.runtime.clocks.wall())
        return RedirectResponse("/signing/certificate", 303)

    def show(self, request: Request, _form: Form, session: Session) -> Response:
        """`GET /signing/certificates/{sha256}`: a certificate the register knows; certificates are public."""
        now = self.runtime.clocks.wall()
        with self.runtime.database.read() as reads:
            known = find_certificate(reads, str(request.path_params["sha256"]))
        if known is None:
            raise CertificateNotFound(which=str(request.path_params["sha256"])[:16])
        own = known.person_id == session.person_id
        page = CertificatePage(view_certificate(known, now), read_parts(known), own)
        return render(request, "signing/certificate.html", page)

    def download(self, request: Request, _form: Form, _session: Session) -> Response:
        """`GET /signing/certificates/{sha256}/file`: the certificate, DER."""
        with self.runtime.database.read() as reads:
            known = find_certificate(reads, str(request.path_params["sha256"]))
        if known is None:
            raise NotFound
        name = f'attachment; filename="{known.serial}.cer"'
        return Response(known.der, media_type=CERTIFICATE, headers={"Content-Disposition": name})

    def lost(self, request: Request, _form: Form, session: Session) -> Response:
        """`/signing/certificates/{sha256}/lost`: the question, then a draft to revoke it."""
        sha256, actor = str(request.path_params["sha256"]), str(session.person_id)
        if request.method == "POST":
            with (
                recorded_refusals(self.runtime, "signing.request.ask", actor, f"certificate:{sha256}"),
                self.runtime.database.write() as writes,
            ):
                ask_revocation(writes, session.person_id, sha256, self.runtime.clocks.wall())
            return RedirectResponse("/signing/certificate", 303)
        with self.runtime.database.read() as reads:
            known = find_certificate(reads, sha256)
        if known is None or known.person_id != session.person_id:
            raise CertificateNotFound(which=sha256[:16])
        page = CertificatePage(view_certificate(known, self.runtime.clocks.wall()), read_parts(known), own=True)
        return render(request, "signing/lost.html", page)

    def bring_key(self, request: Request, form: Form, content: bytes) -> Response:
        """`/signing/requests/{request}/key`: a file or pasted text becomes a certificate. The session is asked for here."""
        session = self.door.find(request)
        if session is None:
            return self.door.send_to_login(request.url.path)
        if not self.door.is_fresh(session):
            return self.door.send_to_login(request.url.path, fresh=True)
        number = read_number(request, "request")
        errors: tuple[FieldError, ...] = ()
        view = self.get_own_request(number, session)
        if request.method == "POST":
            try:
                sender = Present(session.person_id, session.logged_in_at)
                issued = bring_csr(self.runtime, number, sender, content or form.text("text").encode())
                return RedirectResponse(f"/signing/certificates/{issued.sha256}", 303)
            except BadInput as error:
                errors = (FieldError("text" if not content else "file", error.message, error.values),)
        page = KeyPage(view, errors, form.text("text"))
        return render(request, "signing/key.html", page, status=400 if errors else 200)

    async def take_csr(self, request: Request) -> Response:
        """`POST /signing/requests/{request}/csr`, a PKCS#10 body, from a program of the subject: the certificate and its chain, PEM.

        Who sends it is known by an access token of scope `act` or by the session's cookie; the body's type cannot be sent by a form of
        another site, so no form token is asked for. The log-in behind either must be fresh.
        """
        request.state.program = True
        content = await read_body(request, MOST_BYTES)
        return await run_in_threadpool(self.answer_csr, request, content)

    def answer_csr(self, request: Request, content: bytes) -> Response:
        """The work of `take_csr`, on a thread."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in CSR_TYPES:
            raise BadInput("The body must be application/pkcs10.")
        issued = bring_csr(self.runtime, read_number(request, "request"), self.find_sender(request), content)
        headers = {"Location": f"/signing/certificates/{issued.sha256}", "X-Certificate-SHA256": issued.sha256}
        return Response(as_pem(issued.certificate, *issued.chain), 201, headers, CHAIN)

    def find_sender(self, request: Request) -> Present:
        """Who sends a program's request: the session's person, or the token's. Raises TokenMissing, ScopeMissing, NotTheSubject."""
        session = self.door.find(request)
        if session is not None:
            return Present(session.person_id, session.logged_in_at)
        bearer = check_bearer(request, ACT_SCOPE)
        if bearer.person is None:
            raise NotTheSubject
        return Present(bearer.person, bearer.logged_in_at)

    def list_open(self, request: Request) -> Response:
        """`GET /signing/requests`, for a program of the subject: requests that wait for a key."""
        session = self.door.find(request)
        person_id = session.person_id if session else check_bearer(request, ACT_SCOPE).person
        with self.runtime.database.read() as reads:
            rows = find_open(reads, person_id) if person_id else []
            views = [view for view in view_requests(reads, rows, self.runtime.clocks.wall()) if view.wants_key]
        return JSONResponse(
            [{"request": view.id, "kind": view.kind, "subject": view.subject, "unit": view.unit} for view in views]
        )

    def get_own_request(self, number: int, session: Session) -> RequestView:
        """A request this person may bring a key for. Raises RequestNotFound, NotTheSubject."""
        now = self.runtime.clocks.wall()
        with self.runtime.database.read() as reads:
            row: CertificateRequest = get_request(reads, number)
            check_sender(reads, row, session.person_id, now)
            view = view_requests(reads, [row], now)[0]
        if not view.wants_key:
            raise RequestNotFound
        return view
