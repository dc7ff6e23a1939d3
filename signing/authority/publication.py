"""`/pki/…`: the authority's certificates, lists and status answers, public and cacheable; what every certificate points to."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import NotFound
from foundation.forms import read_body
from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority, open_authority
from signing.authority.keys import as_der
from signing.authority.lists import current_list, root_list
from signing.authority.status import MOST_BYTES, answer_status

CERTIFICATE = "application/pkix-cert"
LIST = "application/pkix-crl"
CHAIN = "application/pem-certificate-chain"
STATUS = "application/ocsp-response"


def build_publication_router(runtime: Runtime) -> APIRouter:
    """The routes under `/pki`."""
    router = APIRouter(include_in_schema=False)
    files: dict[str, tuple[str, Callable[[EmbeddedAuthority, datetime], bytes]]] = {
        "root.cer": (CERTIFICATE, lambda authority, _now: as_der(authority.keys.root)),
        "issuing.cer": (CERTIFICATE, lambda authority, _now: as_der(authority.keys.issuing)),
        "chain.pem": (CHAIN, lambda authority, _now: as_pem(*authority.chain())),
        "root.crl": (LIST, lambda authority, now: root_list(authority.keys, now)),
        "issuing.crl": (LIST, lambda authority, _now: current_list(runtime, authority)),
    }

    def serve(request: Request) -> Response:
        found = files.get(request.path_params["name"])
        if found is None:
            raise NotFound
        kind, read = found
        content = read(open_authority(runtime), runtime.clocks.wall())
        seconds = 60 if kind == LIST else 3600
        return Response(content, media_type=kind, headers={"Cache-Control": f"public, max-age={seconds}"})

    def tell(content: bytes) -> Response:
        authority = open_authority(runtime)
        with runtime.database.read() as reads:
            return Response(answer_status(reads, authority.keys, content, runtime.clocks.wall()), media_type=STATUS)

    async def serve_status(request: Request) -> Response:
        """RFC 6960 appendix A.1: POST of the request, or GET with it as base64 in the path."""
        if request.method == "POST":
            content = await read_body(request, MOST_BYTES)
        else:
            content = read_path(request.path_params["request"])
        return await run_in_threadpool(tell, content)

    router.add_route("/pki/ocsp", serve_status, methods=["POST"])
    router.add_route("/pki/ocsp/{request:path}", serve_status, methods=["GET"])
    router.add_route("/pki/{name}", serve, methods=["GET"])
    return router


def read_path(text: str) -> bytes:
    """The request of a GET's path; what is no base64 is answered as malformed by its emptiness."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def as_pem(*certificates: bytes) -> bytes:
    """Certificates as PEM, one after the other."""
    return b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in certificates)
