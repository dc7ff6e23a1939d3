"""The certificate a request carries: read from one header, and only where a trusted proxy is who speaks to us.

Two forms: RFC 9440 §2.1 (a structured field's byte sequence, `:base64 of DER:`), and nginx's $ssl_client_escaped_cert (PEM,
percent-encoded). The peer of the connection counts, never an address that a header tells; and its address is not enough, unless the
settings say so (`foundation.callers`).
"""

import base64
import binascii
from typing import Final
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request

from foundation.callers import Standing
from sso.certificates.errors import CertificateStrange, HeaderUntrusted, NothingPresented, ProxyUnproven
from sso.certificates.settings import ClientCertificateSection

LONGEST: Final = 24 * 1024
"""A certificate of a person has 2 KB; percent-encoded PEM is twice that."""
BETWEEN_AT_MOST: Final = 5
PEM_BEGIN: Final = "-----BEGIN CERTIFICATE-----"


def read_presented(request: Request, section: ClientCertificateSection) -> bytes:
    """The certificate as DER. Raises HeaderUntrusted, ProxyUnproven, NothingPresented, CertificateStrange."""
    values = request.headers.getlist(section.header)
    if values:
        check_proxy(request.state.proxy, section)
    if len(values) > 1:
        raise CertificateStrange()
    value = values[0].strip() if values else ""
    if not value:
        raise NothingPresented()
    return decode(value)


def check_proxy(standing: Standing, section: ClientCertificateSection) -> None:
    """Let pass what the proxy says about certificates. Raises HeaderUntrusted, ProxyUnproven."""
    if standing is Standing.STRANGER:
        raise HeaderUntrusted()
    if standing is Standing.ADDRESSED and not section.proxy_by_address:
        raise ProxyUnproven()


def read_chain(request: Request, section: ClientCertificateSection) -> tuple[x509.Certificate, ...]:
    """The authorities between, as the browser showed them (RFC 9440 §2.3); none where no header is set. Nothing is believed of them.

    Raises HeaderUntrusted, ProxyUnproven, CertificateStrange.
    """
    values = request.headers.getlist(section.chain_header) if section.chain_header else []
    if not values:
        return ()
    check_proxy(request.state.proxy, section)
    members = (
        [member.strip() for value in values for member in value.split(",")] if sum(map(len, values)) <= LONGEST else []
    )
    if not members or len(members) > BETWEEN_AT_MOST or not all(member.startswith(":") for member in members):
        raise CertificateStrange(why="the chain")
    return tuple(x509.load_der_x509_certificate(decode(member)) for member in members)


def decode(value: str) -> bytes:
    """The one certificate that a header's value holds, as DER. Raises CertificateStrange."""
    if len(value) > LONGEST:
        raise CertificateStrange()
    try:
        if value.startswith(":") and value.endswith(":") and len(value) > 2:
            certificate = x509.load_der_x509_certificate(base64.b64decode(value[1:-1], validate=True))
        else:
            text = unquote(value, errors="strict").strip()
            if not text.startswith(PEM_BEGIN) or text.count(PEM_BEGIN) != 1:
                raise CertificateStrange()
            certificate = x509.load_pem_x509_certificate(text.encode("ascii"))
        return certificate.public_bytes(Encoding.DER)
    except (ValueError, binascii.Error, UnicodeError, x509.InvalidVersion) as error:
        raise CertificateStrange() from error
