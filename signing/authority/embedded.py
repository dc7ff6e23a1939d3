"""The authority inside the house: issues from its own key, in the transaction of the deed.

A request gets one certificate and a key gets one certificate; both are constraints, not looks beforehand.
"""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA256

from directory.certificates import KnownCertificate
from foundation.database import Reads, Writes
from foundation.i18n import Message
from foundation.runtime import Runtime
from signing.authority.addresses import Addresses
from signing.authority.door import ApprovedRequest
from signing.authority.drafts import check_draft, draft_certificate, make_serial
from signing.authority.keys import AuthorityKeys, as_der, open_keys
from signing.authority.signing_requests import fingerprint_of_key
from signing.errors import KeyKnown, NotOffered, WrongState
from signing.models import AuthorityCertificate, CertifiedKey
from signing.settings import SigningSection
from signing.vocabulary import Reason


class EmbeddedAuthority:
    """Fulfils `door.Authority` with keys of this installation."""

    def __init__(self, keys: AuthorityKeys, addresses: Addresses, validity: timedelta) -> None:
        self.keys = keys
        self.addresses = addresses
        self.validity = validity

    def issue(self, writes: Writes, request: ApprovedRequest, now: datetime) -> bytes:
        """The certificate, DER; recorded here in the same transaction. Raises LintFailed, NameTooLong, KeyKnown, WrongState."""
        builder = draft_certificate(request, self.keys.issuing, self.addresses, make_serial(), now, self.validity)
        check_draft(builder, request, self.keys.issuing, self.addresses)
        certificate = builder.sign(self.keys.issuing_key, SHA256())
        der = as_der(certificate)
        sha256 = hashlib.sha256(der).hexdigest()
        row = AuthorityCertificate(
            serial=f"{certificate.serial_number:x}",
            request_id=request.request_id,
            sha256=sha256,
            der=der,
            issued_at=now,
            not_after=certificate.not_valid_after_utc,
        )
        try:
            writes.add(row)
            writes.flush()
        except sa.exc.IntegrityError as error:
            raise WrongState(state="done") from error
        remember_key(writes, request.csr.key_sha256, sha256)
        return der

    def knows(self, certificate: KnownCertificate) -> bool:
        """Whether it bears our issuing name; whether it is really ours, `revoke` finds in our own book."""
        return certificate.issuer == self.keys.issuing.subject.rfc4514_string()

    def revoke(self, writes: Writes, certificate: KnownCertificate, reason: Reason, now: datetime) -> None:
        """Put it on the next list; what is revoked stays as it is. Raises NotOffered for another authority's certificate."""
        row = writes.get(AuthorityCertificate, certificate.serial)
        if row is None or row.sha256 != certificate.sha256:
            raise NotOffered(why=Message("the certificate was issued by another authority, which must revoke it."))
        if row.revoked_at is None:
            row.revoked_at, row.reason = now.replace(microsecond=0), reason
            writes.flush()

    def chain(self) -> tuple[bytes, ...]:
        """The issuing certificate and the root, DER."""
        return as_der(self.keys.issuing), as_der(self.keys.root)

    def is_own_key(self, key_sha256: str) -> bool:
        """Whether a key is one of the authority's."""
        own = (self.keys.root_key.public_key(), self.keys.issuing_key.public_key())
        return key_sha256 in {fingerprint_of_key(key) for key in own}


def open_authority(runtime: Runtime) -> EmbeddedAuthority:
    """The authority of this installation; its keys are made on first use."""
    section = runtime.settings[SigningSection]
    addresses = Addresses(runtime.settings.issuer)
    keys = open_keys(runtime.settings.keys, section.authority, addresses, runtime.clocks.wall())
    return EmbeddedAuthority(keys, addresses, timedelta(days=section.validity_days))


def remember_key(writes: Writes, key_sha256: str, certificate_sha256: str) -> None:
    """Note that a certificate carries this key. Raises KeyKnown when another one does already."""
    try:
        writes.add(CertifiedKey(key_sha256=key_sha256, certificate_sha256=certificate_sha256))
        writes.flush()
    except sa.exc.IntegrityError as error:
        raise KeyKnown from error


def is_certified(reads: Reads, key_sha256: str) -> bool:
    """Whether a known certificate carries this key."""
    return reads.get(CertifiedKey, key_sha256) is not None
