"""One CMS signature: is it well formed, whose is it, and do its two mathematical promises hold (RFC 5652 §5; ETSI EN 319 122-1)?

Nothing here trusts anybody: whether the signer's certificate is worth anything is decided in `certificates`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, tsp
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.general import CMSExtractionError, check_ess_certid, extract_certificate_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import get_signing_cert_attr, validate_sig_integrity
from pyhanko.sign.validation.utils import DEFAULT_ALGORITHM_USAGE_POLICY
from pyhanko_certvalidator.errors import AlgorithmNotSupported
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from foundation.i18n import Message
from signing.verification.certificates import load_certificate
from signing.verification.findings import Reason, Refuted, Unproven
from signing.verification.inscriptions import clean

SMALLEST_CURVE = 256
"""Bits of the smallest elliptic curve accepted (Circular 15/2025/TT-BKHCN: ECDSA from 256 on)."""
EDWARDS_BITS = {"ed25519": 256, "ed448": 448}
"""Keys whose size asn1crypto cannot tell."""
ONCE = ("content_type", "message_digest")
"""Signed attributes that must stand exactly once (RFC 5652 §11.1, §11.2)."""
AT_MOST_ONCE = ("signing_time", "signing_certificate", "signing_certificate_v2", "cms_algorithm_protection")


@dataclass(frozen=True)
class SignedMessage:
    """A CMS SignedData whose form was checked: one signer, its attributes once each."""

    data: Any
    signer: Any
    kind: str
    """Content type that is signed: `data`, or `tst_info` for a timestamp."""

    @property
    def digest_algorithm(self) -> str:
        """Name of the digest over the content, in lower case."""
        return str(self.signer["digest_algorithm"]["algorithm"].native).lower()

    @property
    def signature(self) -> bytes:
        """The signature value; a timestamp is made over it. Never a name of the signature: it can be rewritten by anybody."""
        return bytes(self.signer["signature"].native)

    @property
    def digest(self) -> bytes:
        """The digest of the content, as the signer signed it."""
        return bytes(find_attribute(self.signer["signed_attrs"], "message_digest")[0].native)

    @property
    def has_signing_certificate(self) -> bool:
        """Whether a signed attribute names the signer's certificate, as every AdES signature must."""
        return get_signing_cert_attr(self.signer["signed_attrs"]) is not None

    @property
    def claimed_time(self) -> datetime | None:
        """The time the signer says it was; not proof of anything."""
        values = find_attribute(self.signer["signed_attrs"], "signing_time")
        return values[0].native if values else None


def check_signed_data(encoded: bytes, kind: str = "data", enveloped: bool = False) -> SignedMessage:
    """The SignedData in DER or BER bytes, with its form checked. Zero bytes after it are padding, anything else is refused.

    Raises Refuted(FORMAT_FAILURE).
    """
    try:
        message = cms.ContentInfo.load(encoded)
        if message["content_type"].native != "signed_data":
            raise refuse(Message("What stands in the place of the signature is not signed data."))
        if encoded[len(message.dump()) :].strip(b"\x00"):
            raise refuse(Message("Foreign bytes follow the signature inside its own field."))
        return check_form(message["content"], kind, enveloped)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise refuse(Message("The signature's data cannot be read.")) from error


def check_form(data: Any, kind: str, enveloped: bool) -> SignedMessage:
    """One signer, the content type it must sign, and well-formed signed attributes. Raises Refuted(FORMAT_FAILURE)."""
    if len(data["signer_infos"]) != 1:
        raise refuse(
            Message("The signature must have exactly one signer; it has {count}.", {"count": len(data["signer_infos"])})
        )
    signer = data["signer_infos"][0]
    content = data["encap_content_info"]
    if content["content_type"].native != kind:
        raise refuse(
            Message(
                "The signature is made over content of the kind “{kind}”.",
                {"kind": clean(content["content_type"].native)},
            )
        )
    if not enveloped and content["content"] is not core.VOID and content["content"].native is not None:
        raise refuse(Message("The signature carries content of its own, although it should sign the document."))
    check_attributes(signer["signed_attrs"], kind)
    return SignedMessage(data, signer, kind)


def check_attributes(attributes: Any, kind: str) -> None:
    """Signed attributes present, content type and digest once and single-valued, the content type the signed one.

    A signature without signed attributes is refused: its content could be passed off as attributes
    (draft-ietf-lamps-cms-euf-cma-signeddata). Raises Refuted(FORMAT_FAILURE).
    """
    if attributes is core.VOID or not len(attributes):
        raise refuse(Message("The signature has no signed attributes."))
    for name in ONCE + AT_MOST_ONCE:
        found = [attribute for attribute in attributes if attribute["type"].native == name]
        if len(found) > 1 or any(len(attribute["values"]) != 1 for attribute in found) or (name in ONCE and not found):
            raise refuse(Message("The signed attribute “{name}” must stand exactly once.", {"name": name}))
    if find_attribute(attributes, "content_type")[0].native != kind:
        raise refuse(Message("The signed content type is not that of the content."))


def find_attribute(attributes: Any, name: str) -> list[Any]:
    """The values of an attribute, [] when it is absent."""
    if attributes is core.VOID:
        return []
    return [value for attribute in attributes if attribute["type"].native == name for value in attribute["values"]]


def check_signer(message: SignedMessage) -> tuple[Any, list[Any]]:
    """The signer's certificate and the others sent along (asn1crypto), bound by the signed attribute where it stands.

    ETSI EN 319 102-1 §5.2.3. Raises Unproven(NO_SIGNING_CERTIFICATE_FOUND).
    """
    missing = Reason.NO_SIGNING_CERTIFICATE_FOUND
    try:
        certificates = extract_certificate_info(message.data)
        signer: Any = certificates.signer_cert
        binding = get_signing_cert_attr(message.signer["signed_attrs"])
        bound = binding is None or check_ess_certid(signer, binding["certs"][0])
        if (signer := load_certificate(signer.dump())) is None:
            raise Unproven(missing, Message("The signer's certificate cannot be read."))
    except (CMSExtractionError, SignatureValidationError) as error:
        raise Unproven(missing, Message("The signer's certificate is not in the signature.")) from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Unproven(missing, Message("The signer's certificate cannot be read.")) from error
    if not bound:
        raise Unproven(missing, Message("The certificate sent along is not the one the signer named."))
    return signer, list(certificates.other_certs)


def check_algorithms(message: SignedMessage, certificate: Any, moment: datetime) -> None:
    """Refuse digests, algorithms and keys that are too weak at `moment` or do not go together (Circular 15/2025: RSA 2048, ECDSA 256).

    Raises Unproven(CRYPTO_CONSTRAINTS_FAILURE).
    """
    policy = DEFAULT_ALGORITHM_USAGE_POLICY
    key, digest = certificate.public_key, message.signer["digest_algorithm"]
    bits = EDWARDS_BITS.get(key.algorithm) or key.bit_size
    weak = (
        not policy.signature_algorithm_allowed(message.signer["signature_algorithm"], moment=moment, public_key=key)
        or not policy.digest_algorithm_allowed(digest, moment=moment)
        or not policy.digest_combination_allowed(message.signer["signature_algorithm"], digest, moment=moment)
        or (key.algorithm == "ec" and bits < SMALLEST_CURVE)
    )
    if weak:
        raise Unproven(
            Reason.CRYPTO_CONSTRAINTS_FAILURE,
            Message(
                "The signature uses algorithms or a key that are too weak or do not go together: {digest}, {algorithm} of {bits} bits.",
                {"digest": clean(digest["algorithm"].native), "algorithm": clean(key.algorithm), "bits": bits},
            ),
        )


def check_mathematics(message: SignedMessage, certificate: Any, digest: bytes) -> tuple[bool, bool]:
    """Whether the digest in the signed attributes is that of the content, and whether the signer's key signed the attributes.

    The attributes are taken as they were sent, not sorted anew. Raises Refuted(FORMAT_FAILURE) where the form contradicts itself
    and Unproven(GENERIC) for an algorithm we cannot compute.
    """
    try:
        intact, valid = validate_sig_integrity(
            message.signer, certificate, expected_content_type=message.kind, actual_digest=digest
        )
    except SignatureValidationError as error:
        raise refuse(
            Message("The signature contradicts itself: {why}", {"why": clean(error.failure_message)})
        ) from error
    except (NotImplementedError, AlgorithmNotSupported) as error:
        raise Unproven(Reason.GENERIC, Message("The signature's algorithm is not known here.")) from error
    return intact, valid


def digest_of(algorithm: str, *parts: bytes | memoryview) -> bytes:
    """The digest of bytes in several parts. Raises Unproven(GENERIC) for an unknown algorithm."""
    try:
        hasher = hashes.Hash(get_pyca_cryptography_hash(algorithm))
    except (AttributeError, ValueError) as error:
        raise Unproven(
            Reason.GENERIC, Message("The digest “{name}” is not known here.", {"name": clean(algorithm)})
        ) from error
    for part in parts:
        hasher.update(bytes(part) if isinstance(part, memoryview) else part)
    return hasher.finalize()


def find_tokens(message: SignedMessage, signed: bool = False) -> Iterator[Any]:
    """The timestamp tokens (CMS SignedData) over the signature value, or over the content when `signed`."""
    name, attributes = (
        ("content_time_stamp", message.signer["signed_attrs"])
        if signed
        else ("signature_time_stamp_token", message.signer["unsigned_attrs"])
    )
    for value in find_attribute(attributes, name):
        yield value["content"]


def find_archived(message: SignedMessage) -> tuple[list[Any], list[Any]]:
    """Revocation lists and OCSP answers that the signature brings along in CMS field crls and in Adobe's attribute."""
    lists: list[Any] = [entry.chosen for entry in message.data["crls"] or () if entry.name == "crl"]
    answers: list[Any] = []
    for value in find_attribute(message.signer["signed_attrs"], "adobe_revocation_info_archival"):
        lists += list(value["crl"] or ())
        answers += list(value["ocsp"] or ())
    return lists, answers


def read_token(token: Any) -> Any:
    """The TSTInfo inside a timestamp token (RFC 3161 §2.4.2). Raises Refuted(FORMAT_FAILURE)."""
    try:
        content = token["encap_content_info"]["content"].parsed
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise refuse(Message("The timestamp cannot be read.")) from error
    if not isinstance(content, tsp.TSTInfo):
        raise refuse(Message("What stands in the place of the timestamp is none."))
    return content


def refuse(detail: Message) -> Refuted:
    """A refusal for a wrong form."""
    return Refuted(Reason.FORMAT_FAILURE, detail)
