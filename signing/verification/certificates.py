"""Is a certificate worth trusting at a moment: a path to an anchor, and nobody on it revoked (RFC 5280 §6; ETSI EN 319 102-1 §5.2.6)?

pyhanko-certvalidator walks the path. It is given everything it may know and fetches nothing. A missing or stale list is "could not
find out". A certificate that is itself an anchor is trusted directly: then no list is asked, only its own validity period.
"""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from asn1crypto import crl as crls
from asn1crypto import ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    DisallowWeakAlgorithmsPolicy,
)

from foundation.clocks import VIETNAM
from foundation.i18n import Message
from signing.verification.cases import Case
from signing.verification.findings import Reason, Unproven
from signing.verification.inscriptions import clean

T = TypeVar("T")
ALGORITHMS = DisallowWeakAlgorithmsPolicy(weak_hash_algos=frozenset({"md2", "md5", "sha1"}))
OTHER_TRADES = frozenset({"server_auth", "time_stamping", "ocsp_signing", "code_signing"})
"""Extended usages that alone do not make a signer of documents."""
EXPIRED_CERTIFICATES_ON_LIST = "2.5.29.60"
"""The list extension by which an authority promises to keep expired certificates on its list (X.509 §9.5.2.8)."""


@dataclass
class Knowledge:
    """Everything a judgement may know about certificates (asn1crypto objects); grows by what signatures bring along."""

    anchors: tuple[Any, ...] = ()
    certificates: list[Any] = field(default_factory=list)
    crls: list[Any] = field(default_factory=list)
    ocsps: list[Any] = field(default_factory=list)
    unrevoked: set[tuple[bytes, datetime, int]] = field(default_factory=set)
    """Paths that were walked whole, revocation and all; so that the next step need not walk them again."""

    def mark(self, certificate: Any, moment: datetime) -> tuple[bytes, datetime, int]:
        """What a walk depends on: the certificate, the moment and how much was known."""
        return certificate.sha256, moment, len(self.certificates) + len(self.crls) + len(self.ocsps)

    def is_anchor(self, certificate: Any) -> bool:
        """Whether a certificate was itself given as trust."""
        return any(anchor.sha256 == certificate.sha256 for anchor in self.anchors)

    def add(self, certificates: Sequence[Any] = (), lists: Sequence[Any] = (), answers: Sequence[Any] = ()) -> None:
        """Learn what a signature or the document brings along; nothing of it is trusted for that."""
        self.certificates += load_certificates([certificate.dump() for certificate in certificates])
        self.crls += lists
        self.ocsps += answers


def build_knowledge(case: Case) -> Knowledge:
    """What is known about certificates before the document is opened."""
    return Knowledge(
        anchors=tuple(load_certificates(case.trust)),
        certificates=load_certificates(case.certificates),
        crls=load_lists(case.crls),
        ocsps=load_answers(case.ocsps),
    )


def load_certificates(encoded: Sequence[bytes]) -> list[Any]:
    """Certificates from DER; what cannot be read is left out, for it can only be missed."""
    return [loaded for der in encoded if (loaded := load_certificate(der)) is not None]


@lru_cache(maxsize=512)
def load_certificate(der: bytes) -> Any | None:
    """One certificate, None where the bytes are none; kept, for authorities come again with every document."""
    certificate = load(x509.Certificate, der)
    return certificate if certificate is not None and is_readable(certificate) else None


@lru_cache(maxsize=64)
def load_list(der: bytes) -> Any | None:
    """One revocation list, None where the bytes are none."""
    return load(crls.CertificateList, der)


def load_lists(encoded: Sequence[bytes]) -> list[Any]:
    """Revocation lists from DER; what cannot be read is left out."""
    return [loaded for der in encoded if (loaded := load_list(der)) is not None]


def load_answers(encoded: Sequence[bytes]) -> list[Any]:
    """OCSP answers from DER; what cannot be read, or is no answer, is left out."""
    answers = [loaded for der in encoded if (loaded := load(ocsp.OCSPResponse, der)) is not None]
    return [answer for answer in answers if is_successful(answer)]


def is_successful(answer: Any) -> bool:
    """Whether an OCSP answer says anything at all."""
    try:
        return bool(answer["response_status"].native == "successful")
    except (ValueError, TypeError, LookupError):
        return False


def load(kind: Any, der: bytes) -> Any | None:
    """One ASN.1 value, None where the bytes are not one."""
    try:
        return kind.load(der, strict=True)
    except (ValueError, TypeError):
        return None


def is_readable(certificate: Any) -> bool:
    """Whether the parts of a certificate that judgements read can be read at all; asn1crypto reads late."""
    try:
        parts = (
            certificate.subject.native,
            certificate.issuer.native,
            certificate.public_key.algorithm,
            certificate.not_valid_before <= certificate.not_valid_after,
            certificate.critical_extensions,
            certificate.key_usage_value and certificate.key_usage_value.native,
            certificate.extended_key_usage_value and certificate.extended_key_usage_value.native,
        )
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
        return False
    return bool(parts)


def finish(steps: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits: without fetchers certvalidator has nothing to wait for, so no event loop is needed."""
    try:
        steps.send(None)
    except StopIteration as result:
        value: T = result.value
        return value
    steps.close()
    raise RuntimeError("a judgement waited for the outside")


def check_path(certificate: Any, knowledge: Knowledge, moment: datetime) -> Message:
    """A path from the certificate to an anchor that holds at `moment`, revocation left aside.

    Raises Unproven: NO_CERTIFICATE_CHAIN_FOUND, OUT_OF_BOUNDS_NO_POE, CRYPTO_CONSTRAINTS_FAILURE or CERTIFICATE_CHAIN_GENERAL_FAILURE.
    """
    name = show_name(certificate)
    if knowledge.is_anchor(certificate):
        check_period(certificate, moment)
        return Message("The certificate of {name} is itself trusted.", {"name": name})
    try:
        path = walk_path(certificate, knowledge, moment)
    except (PathBuildingError, InvalidCertificateError) as error:
        # certvalidator says InvalidCertificateError here for a self-signed certificate that is not an anchor.
        raise Unproven(
            Reason.NO_CERTIFICATE_CHAIN_FOUND,
            Message(
                "No path leads from {name} to an authority you trust; the certificate was issued by {issuer}. "
                "Name that authority's root certificate as trust.",
                {"name": name, "issuer": show_name(certificate, issuer=True)},
            ),
        ) from error
    except ValidationError as error:
        raise explain_path(certificate, error, moment) from error
    return Message("{name}, trusted through {anchor}.", {"name": name, "anchor": show_anchor(path)})


def walk_path(certificate: Any, knowledge: Knowledge, moment: datetime) -> Any:
    """The path to an anchor. Revocation is asked on the way, and only if that objects is the path walked without.

    Raises what certvalidator raises.
    """
    try:
        path = finish(build_validator(certificate, knowledge, moment, REQUIRE_REVINFO).async_validate_path())
    except ValidationError:
        return finish(build_validator(certificate, knowledge, moment, NO_REVOCATION).async_validate_path())
    knowledge.unrevoked.add(knowledge.mark(certificate, moment))
    return path


def check_period(certificate: Any, moment: datetime) -> None:
    """Refuse a certificate outside its validity period at `moment`. Raises Unproven(OUT_OF_BOUNDS_NO_POE)."""
    if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
        raise out_of_bounds(certificate)


def out_of_bounds(certificate: Any) -> Unproven:
    """Objection: at the moment of judgement the certificate was not valid, and no earlier moment is proven."""
    return Unproven(
        Reason.OUT_OF_BOUNDS_NO_POE,
        Message(
            "The certificate of {name} is valid from {start} to {end} only, and nothing proves that the signature was made then.",
            {
                "name": show_name(certificate),
                "start": show_time(certificate.not_valid_before),
                "end": show_time(certificate.not_valid_after),
            },
        ),
    )


def explain_path(certificate: Any, error: ValidationError, moment: datetime) -> Unproven:
    """What certvalidator objected to, in our words."""
    if isinstance(error, (ExpiredError, NotYetValidError)):
        if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
            return out_of_bounds(certificate)
        return Unproven(
            Reason.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            Message("An authority on the path of {name} was not valid at that time.", {"name": show_name(certificate)}),
        )
    if isinstance(error, DisallowedAlgorithmError):
        return Unproven(
            Reason.CRYPTO_CONSTRAINTS_FAILURE,
            Message(
                "A certificate on the path of {name} is signed with an algorithm that is too weak.",
                {"name": show_name(certificate)},
            ),
        )
    return Unproven(
        Reason.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        Message(
            "The path of {name} does not hold: {why}", {"name": show_name(certificate), "why": clean(error.failure_msg)}
        ),
    )


def check_revocation(certificate: Any, knowledge: Knowledge, moment: datetime) -> Message:
    """Nobody on the path was revoked at `moment`, told by lists or answers that were fresh then or made later.

    Raises Unproven: REVOKED_NO_POE or REVOKED_CA_NO_POE (see `Revocation`), TRY_LATER where a list is missing or stale.
    """
    if knowledge.is_anchor(certificate):
        return Message("The certificate is trusted directly; no revocation is asked.")
    if knowledge.mark(certificate, moment) in knowledge.unrevoked:
        return Message("Not revoked at that time.")
    try:
        finish(build_validator(certificate, knowledge, moment, REQUIRE_REVINFO).async_validate_path())
    except RevokedError as error:
        raise Revocation(certificate, error) from error
    except InsufficientRevinfoError as error:
        raise Unproven(
            Reason.TRY_LATER,
            Message(
                "Whether {name} was revoked could not be found out: a fresh revocation list of {issuer} is missing.",
                {"name": show_name(certificate), "issuer": show_name(certificate, issuer=True)},
            ),
        ) from error
    except ValidationError as error:
        raise explain_path(certificate, error, moment) from error
    return Message("Not revoked at that time.")


class Revocation(Unproven):
    """A certificate on the path was revoked before the moment of judgement; that alone does not tell when the signature was made."""

    def __init__(self, certificate: Any, error: RevokedError) -> None:
        self.revoked_at: datetime = error.revocation_dt.astimezone(UTC)
        own = error.is_ee_cert and not error.is_side_validation
        super().__init__(
            Reason.REVOKED_NO_POE if own else Reason.REVOKED_CA_NO_POE,
            Message(
                "The certificate of {name} was revoked on {day}, and nothing proves that the signature was made before."
                if own
                else "An authority above {name} was revoked on {day}, and nothing proves that the signature was made before.",
                {"name": show_name(certificate), "day": show_time(self.revoked_at)},
            ),
        )


def build_validator(certificate: Any, knowledge: Knowledge, moment: datetime, rule: Any) -> CertificateValidator:
    """A validator that knows what we know and asks nobody. Lists made after `moment` count: they know more, not less."""
    context = ValidationContext(
        trust_roots=list(knowledge.anchors),
        other_certs=knowledge.certificates,
        moment=moment,
        allow_fetching=False,
        crls=[revocations for revocations in knowledge.crls if still_lists(revocations, certificate)],
        ocsps=knowledge.ocsps,
        revinfo_policy=CertRevTrustPolicy(rule, retroactive_revinfo=True),
        algorithm_usage_policy=ALGORITHMS,
    )
    return CertificateValidator(certificate, validation_context=context)


def still_lists(revocations: Any, certificate: Any) -> bool:
    """Whether a list may still name this certificate: one made after the certificate's end may have dropped it (RFC 5280 §3.3)."""
    body = revocations["tbs_cert_list"]
    if body["issuer"] != certificate.issuer or body["this_update"].native <= certificate.not_valid_after:
        return True
    return any(
        extension["extn_id"].dotted == EXPIRED_CERTIFICATES_ON_LIST for extension in body["crl_extensions"] or ()
    )


def check_usage(certificate: Any) -> Message:
    """Refuse a certificate that is not made for signing documents (RFC 5280 §4.2.1.3, §4.2.1.12).

    Key usage, where it stands, must allow digital signatures or content commitment; an extended usage must not be of other trades alone.
    Raises Unproven(CHAIN_CONSTRAINTS_FAILURE).
    """
    usage = certificate.key_usage_value.native if certificate.key_usage_value else None
    trades = set(certificate.extended_key_usage_value.native) if certificate.extended_key_usage_value else set()
    if (usage is not None and not usage & {"digital_signature", "non_repudiation"}) or (
        trades and trades <= OTHER_TRADES
    ):
        raise Unproven(
            Reason.CHAIN_CONSTRAINTS_FAILURE,
            Message("The certificate of {name} is not made for signing documents.", {"name": show_name(certificate)}),
        )
    return Message("The certificate is made for signing.")


def check_timestamping_usage(certificate: Any) -> None:
    """Refuse a timestamp authority whose extended usage is not timestamping alone, marked critical (RFC 3161 §2.3). Raises Unproven."""
    trades = certificate.extended_key_usage_value
    critical = "extended_key_usage" in certificate.critical_extensions
    if trades is None or trades.native != ["time_stamping"] or not critical:
        raise Unproven(
            Reason.CHAIN_CONSTRAINTS_FAILURE,
            Message("The certificate of {name} is not made for timestamps alone.", {"name": show_name(certificate)}),
        )


def show_name(certificate: Any, issuer: bool = False) -> str:
    """A certificate's subject (or issuer) as people know it: its common name, else the whole name."""
    name = certificate.issuer if issuer else certificate.subject
    common = name.native.get("common_name")
    return clean(common if isinstance(common, str) else name.human_friendly)


def show_anchor(path: Any) -> str:
    """The trusted end of a path."""
    return clean(
        path.trust_anchor.authority.name.native.get("common_name") or path.trust_anchor.authority.name.human_friendly
    )


def show_time(instant: datetime) -> str:
    """An instant in a sentence, in the country's time: 20/06/2025 09:00 (+07:00)."""
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M (+07:00)")
