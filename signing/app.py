"""The addresses of this room: its pages, the log-in, `/pki/…`, and the verification of documents."""

from functools import lru_cache

import httpx
from fastapi import APIRouter

from foundation.runtime import Runtime
from foundation.web import machine_route, page_route
from signing.authority.publication import build_publication_router
from signing.login.logouts import LogoutCalls
from signing.login.pages import Door
from signing.login.provider import Provider, ProviderFinder
from signing.login.secret import read_secret
from signing.pages.certificates import CertificatePages
from signing.pages.dossiers import DossierPages
from signing.pages.uploads import upload_route
from signing.settings import SigningSection
from signing.verification.pages import build_verification_router

TIMEOUT_SECONDS = 10


def build_router(runtime: Runtime, http: httpx.Client | None = None) -> APIRouter:
    """Every route of the room. `http` reaches the sign-on service; tests give one that ends in their own application."""
    router = APIRouter(include_in_schema=False)
    find_provider = provider_finder(runtime, http)
    door = Door(runtime, find_provider)
    dossiers, certificates = DossierPages(runtime, door), CertificatePages(runtime, door)
    both, read, send = ["GET", "POST"], ["GET"], ["POST"]
    router.add_route("/signing/login", page_route(door.begin), methods=read)
    router.add_route("/signing/login/done", page_route(door.finish), methods=read)
    router.add_route("/signing/logout", page_route(door.leave), methods=send)
    router.add_route("/signing/logout/called", machine_route(LogoutCalls(runtime, find_provider).take), methods=send)
    router.add_route("/signing/", page_route(door.guard(dossiers.overview)), methods=read)
    router.add_route("/signing/dossiers/{dossier}", page_route(door.guard(dossiers.show)), methods=read)
    router.add_route(
        "/signing/dossiers/{dossier}/approve", page_route(door.guard_fresh(dossiers.approve)), methods=both
    )
    router.add_route("/signing/dossiers/{dossier}/refuse", page_route(door.guard_fresh(dossiers.refuse)), methods=both)
    router.add_route("/signing/requests/{request}/choice", page_route(door.guard_fresh(dossiers.choose)), methods=both)
    router.add_route("/signing/requests/{request}/key", upload_route(certificates.bring_key), methods=both)
    router.add_route("/signing/requests/{request}/csr", certificates.take_csr, methods=send)
    router.add_route(
        "/signing/requests", machine_route(lambda request, _form: certificates.list_open(request)), methods=read
    )
    router.add_route("/signing/certificate", page_route(door.guard(certificates.own)), methods=read)
    router.add_route("/signing/certificate/ask", page_route(door.guard(certificates.ask)), methods=send)
    router.add_route("/signing/certificates/{sha256}", page_route(door.guard(certificates.show)), methods=read)
    router.add_route("/signing/certificates/{sha256}/file", page_route(door.guard(certificates.download)), methods=read)
    router.add_route("/signing/certificates/{sha256}/lost", page_route(door.guard(certificates.lost)), methods=both)
    router.include_router(build_publication_router(runtime))
    router.include_router(build_verification_router(runtime))
    return router


def provider_finder(runtime: Runtime, http: httpx.Client | None) -> ProviderFinder:
    """Finds the sign-on service when it is first needed: its secret is there only after `init`."""
    settings = runtime.settings
    section = settings[SigningSection]

    @lru_cache(maxsize=1)
    def find() -> Provider:
        client = http or httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
        return Provider(settings.issuer, section.provider, section.client, read_secret(settings.keys), client)

    return find
