"""What the authorities' responders say of certificates now (OCSP, RFC 6960), asked through the one guarded client.

Asked by GET (RFC 6960 appendix A.1), four responders a log-in at most, each for five seconds and 64 KB; nothing is kept, so an answer is
as old as its responder made it. Whether it is signed by whom it may be, and in time, is judged with the path (`judgement.py`).
"""

import base64
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from sso.certificates.settings import ClientCertificateSection
from sso.fetching import Fetcher, FetchFailed, FetchRefused

BYTES: Final = 64 * 1024
AT_MOST: Final = 4
MEDIA_TYPE: Final = "application/ocsp-response"
log = logging.getLogger("hopnhat.certificates")


class Responders:
    """Asks responders; one for a process."""

    def __init__(self, section: ClientCertificateSection, fetcher: Fetcher) -> None:
        self.section = section
        self.fetcher = fetcher

    def ask(self, path: Sequence[x509.Certificate], known: Sequence[x509.Certificate], now: datetime) -> list[bytes]:
        """The answers for the certificates of a path, DER; those that are away, unreadable or over are missing. Waits for the network.

        `known`: where their issuers are found.
        """
        if self.section.ocsp == "off":
            return []
        found = []
        for certificate in path[:AT_MOST]:
            issuer = next((one for one in known if is_issued_by(certificate, one)), None)
            address = find_responder(certificate)
            if issuer is not None and address is not None:
                answer = self.fetch(address, build_question(certificate, issuer), now)
                found += [answer] if answer is not None else []
        return found

    def fetch(self, address: str, question: bytes, now: datetime) -> bytes | None:
        """One answer, None where there is none that is in time."""
        asked = f"{address.rstrip('/')}/{quote(base64.b64encode(question).decode(), safe='')}"
        try:
            content = self.fetcher.get(asked, MEDIA_TYPE, BYTES, signed=True).content
            answer = ocsp.load_der_ocsp_response(content)
        except (FetchRefused, FetchFailed, ValueError) as error:
            log.warning("the responder %s said nothing: %s", address, error)
            return None
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            log.warning("the responder %s said: %s", address, answer.response_status.name)
            return None
        until = answer.next_update_utc
        return content if until is None or now < until else None


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the certificate names this issuer and its key signed it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001  # Whatever a strange key or signature raises: it is not the issuer.
        return False
    return True


def find_responder(certificate: x509.Certificate) -> str | None:
    """Where a certificate says its responder is (RFC 5280 §4.2.2.1)."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    names = (one.access_location for one in access if one.access_method == AuthorityInformationAccessOID.OCSP)
    return next((name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)), None)


def build_question(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """The question, DER. SHA-1 only names the certificate here: it is the one digest every responder knows (RFC 5019 §2.1.1)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303  # see above
    return builder.build().public_bytes(Encoding.DER)
