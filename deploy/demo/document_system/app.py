"""The web application: routes, sessions and forms around the clients of the three interfaces."""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from .errors import DocumentSystemError, LoginNeeded, LoginRefused, RequestRefused
from .heirs import HeirsApi
from .inheritance import list_chairs, list_inherited
from .oidc import Claims, Provider
from .pages import LookupPage, Shelf, VerdictPage, build_documents, build_home, build_verdict
from .settings import Settings
from .store import Session, Store
from .units import UnitApi
from .verification import VerificationApi
from .words import show_day, show_place

log = logging.getLogger("document_system")
HERE = Path(__file__).resolve().parent
LARGEST_FILE = 20 * 1024 * 1024
PATIENCE = 10.0
"""Seconds to wait for the provider."""


class DocumentSystem:
    """The parts of one running document system, and how a page is drawn with them."""

    def __init__(self, settings: Settings, http: httpx.Client) -> None:
        self.settings = settings
        self.store = Store(settings.data)
        self.provider = Provider(settings, http)
        self.units = UnitApi(settings.issuer, http)
        self.heirs = HeirsApi(settings.issuer, self.provider, http)
        self.verification = VerificationApi(settings.issuer, self.provider, http)
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self.templates.filters |= {"day": show_day, "place": show_place}
        mark = "__Host-" if settings.secure else ""
        self.session_cookie, self.browser_cookie = f"{mark}documents-session", f"{mark}documents-browser"
        if settings.documents:
            self.store.import_documents(settings.documents)

    def draw(self, request: Request, template: str, status: int = 200, **page: object) -> HTMLResponse:
        """A page; every one knows who is logged in, for its head."""
        session = self.find_session(request)
        values = {"title": self.settings.title, "session": session, "here": request.url.path, **page}
        return HTMLResponse(self.templates.get_template(template).render(values), status)

    def find_session(self, request: Request) -> Session | None:
        """The session of this browser, if there is one."""
        key = request.cookies.get(self.session_cookie)
        return self.store.find_session(key) if key else None

    def get_session(self, request: Request) -> Session:
        """The session of this browser. Raises LoginNeeded."""
        session = self.find_session(request)
        if session is None:
            raise LoginNeeded
        return session

    def get_claims(self, request: Request) -> Claims:
        """What the provider says of the person now: posts and units may have changed since the log-in. Raises LoginNeeded."""
        session = self.get_session(request)
        try:
            return session.claims | self.provider.read_claims(session.access_token, session.subject)
        except LoginNeeded:
            self.store.close_session(request.cookies[self.session_cookie])
            raise

    def set_cookie(self, response: Response, name: str, value: str) -> None:
        """A cookie that no script reads and no other site sends along with its forms."""
        response.set_cookie(name, value, path="/", httponly=True, samesite="lax", secure=self.settings.secure)


def build_app(settings: Settings, transport: httpx.BaseTransport | None = None) -> FastAPI:
    """The application; `transport` lets a test stand in for the provider."""
    http = httpx.Client(timeout=PATIENCE, transport=transport, follow_redirects=False)
    system = DocumentSystem(settings, http)
    app = FastAPI(title=settings.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    add_guards(app, system)
    add_login(app, system)
    add_pages(app, system)
    return app


def add_login(app: FastAPI, system: DocumentSystem) -> None:
    """Log-in and log-out."""

    @app.get("/login")
    def login(request: Request, back: str = "/") -> Response:
        address, pending = system.provider.begin_login(local_address(back))
        browser = request.cookies.get(system.browser_cookie) or secrets.token_urlsafe(24)
        system.store.keep_pending(pending, browser)
        response = RedirectResponse(address, 303)
        system.set_cookie(response, system.browser_cookie, browser)
        return response

    @app.get("/login/done")
    def login_done(request: Request) -> Response:
        browser = request.cookies.get(system.browser_cookie, "")
        pending = system.store.take_pending(request.query_params.get("state", ""), browser)
        if pending is None:
            raise LoginRefused("no such log-in was begun by this browser")
        login = system.provider.finish_login(dict(request.query_params), pending)
        key = system.store.open_session(login.subject, login.claims, login.access_token, login.id_token)
        response = RedirectResponse(pending.back, 303)
        system.set_cookie(response, system.session_cookie, key)
        return response

    @app.post("/logout")
    def logout(request: Request, form_token: Annotated[str, Form()] = "") -> Response:
        session = system.get_session(request)
        check_form_token(session, form_token)
        system.store.close_session(request.cookies[system.session_cookie])
        response = RedirectResponse(system.provider.logout_address(session.id_token, secrets.token_urlsafe(16)), 303)
        response.delete_cookie(system.session_cookie, path="/")
        return response

    @app.get("/logged-out")
    def logged_out(request: Request) -> Response:
        return system.draw(request, "logged_out.html")


def add_pages(app: FastAPI, system: DocumentSystem) -> None:
    """The pages of the document system itself."""

    @app.get("/")
    def home(request: Request) -> Response:
        if system.find_session(request) is None:
            return system.draw(request, "welcome.html")
        return system.draw(request, "home.html", page=build_home(system.get_claims(request)))

    @app.get("/units")
    def look_up(request: Request, code: str = "") -> Response:
        asked = code.strip()[:60]
        origins = system.units.find_origins(asked) if asked else []
        return system.draw(request, "units.html", page=LookupPage(asked, tuple(origins)))

    @app.get("/documents")
    def documents(request: Request, code: str = "") -> Response:
        claims = system.get_claims(request)
        listed = list_inherited(system.heirs.find_many(system.store.list_unit_codes()), list_chairs(claims))
        shelves = [
            Shelf(each, tuple(system.store.list_documents(each.code)))
            for each in listed
            if each.open and (not code or each.code == code)
        ]
        closed = [each for each in listed if not each.open]
        return system.draw(request, "documents.html", page=build_documents(claims, shelves, closed, code))

    @app.get("/verify")
    def verify_form(request: Request) -> Response:
        system.get_session(request)
        return system.draw(request, "verify.html", page=VerdictPage())

    @app.post("/verify")
    def verify(
        request: Request, form_token: Annotated[str, Form()] = "", file: Annotated[UploadFile | None, File()] = None
    ) -> Response:
        check_form_token(system.get_session(request), form_token)
        content = file.file.read(LARGEST_FILE + 1) if file else b""
        fault = complaint_about_file(content)
        if fault:
            return system.draw(request, "verify.html", 400, page=VerdictPage(fault=fault))
        name = Path(file.filename or "").name if file else ""
        report = system.verification.verify(name or "document.pdf", content)
        return system.draw(request, "verify.html", page=build_verdict(report, name))

    @app.get("/health/live")
    def live() -> Response:
        return PlainTextResponse("ok")


def add_guards(app: FastAPI, system: DocumentSystem) -> None:
    """Headers on every answer, and errors as pages that name the way on."""
    policy = "; ".join(
        (
            "default-src 'none'", "style-src 'self'", "font-src 'self'", "img-src 'self'", "base-uri 'none'",
            "frame-ancestors 'none'", f"form-action 'self' {system.settings.issuer}",
        )
    )  # fmt: skip
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[..., Response]) -> Response:
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_FILE + 100_000:
            response: Response = draw_error(request, RequestRefused("too large"))
        else:
            response = await call_next(request)  # type: ignore[misc]  # Starlette's own type of the next step is private.
        fresh = headers if not request.url.path.startswith("/static/") else headers | {"Cache-Control": "max-age=86400"}
        for name, value in fresh.items():
            response.headers.setdefault(name, value)
        return response

    def draw_error(request: Request, error: DocumentSystemError) -> Response:
        number = uuid.uuid4().hex[:12]
        log.warning("%s %s: %s: %s", number, request.url.path, type(error).__name__, error)
        page = {"code": type(error).__name__, "heading": error.heading, "sentence": error.sentence, "number": number}
        return system.draw(request, "error.html", error.status, page=page)

    @app.exception_handler(LoginNeeded)
    def log_in_first(request: Request, error: LoginNeeded) -> Response:
        if request.method == "GET":
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?{urlencode({'back': back})}", 303)
        return draw_error(request, error)

    @app.exception_handler(DocumentSystemError)
    def show_error(request: Request, error: DocumentSystemError) -> Response:
        return draw_error(request, error)

    @app.exception_handler(HTTPException)
    def show_missing(request: Request, error: HTTPException) -> Response:
        page = {
            "code": str(error.status_code),
            "heading": "Không có trang này",
            "sentence": "Xin trở về trang đầu.",
            "number": "",
        }
        return system.draw(request, "error.html", error.status_code, page=page)


def check_form_token(session: Session, given: str) -> None:
    """Refuse a form that this session did not give out."""
    if not secrets.compare_digest(session.form_token.encode(), given.encode()):
        raise RequestRefused("form token does not match")


def complaint_about_file(content: bytes) -> str:
    """What a person should do differently about the file, or nothing."""
    if not content:
        return "Xin chọn một tệp PDF."
    if len(content) > LARGEST_FILE:
        return "Tệp lớn hơn 20 MB. Xin chọn tệp nhỏ hơn."
    return ""


def local_address(back: str) -> str:
    """The address if it lies on this site, otherwise the first page: nobody is sent elsewhere after a log-in."""
    fine = back.startswith("/") and not back.startswith(("//", "/\\")) and all(letter.isprintable() for letter in back)
    return back if fine else "/"
