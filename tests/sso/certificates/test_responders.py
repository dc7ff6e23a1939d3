"""Responders (OCSP): asked where the certificate says, believed only as signed and in time, and what holds where they are away."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from starlette.requests import Request

from foundation.callers import Standing
from sso.certificates.errors import (
    CertificateRefused,
    CertificateRevoked,
    CertificateStrange,
    ChainRefused,
    RevocationUnknown,
)
from sso.certificates.judgement import Judge
from sso.certificates.lists import Lists
from sso.certificates.presented import read_chain
from sso.certificates.responders import Responders, build_question
from sso.certificates.settings import ClientCertificateSection
from sso.fetching import Fetcher, FetchRefused
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.sso.certificates.authority import Authority, name, usage
from tests.sso.certificates.conftest import HEADER, rfc9440
from tests.sso.certificates.publishing import publish_answers

GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


@dataclass
class Delegate:
    """A responder with a key of its own, which the authority gave a certificate (RFC 6960 §4.2.2.2)."""

    issuing: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def delegate(authority: Authority, *, purpose: x509.ObjectIdentifier, unchecked: bool) -> Delegate:
    """Such a responder; `unchecked`: its certificate says that no list is to be asked about it."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("OCSP"))
        .issuer_name(authority.issuing.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(authority.now - timedelta(days=1))
        .not_valid_after(authority.now + timedelta(days=30))
        .add_extension(usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    builder = builder.add_extension(x509.OCSPNoCheck(), critical=False) if unchecked else builder
    return Delegate(builder.sign(authority.key, hashes.SHA256()), key)


@dataclass
class Responder:
    """An authority's responder on this machine, and what it says."""

    authority: Authority
    address: str = ""
    says: ocsp.OCSPCertStatus = GOOD
    signs: Authority | Delegate | None = None
    made: timedelta = timedelta(minutes=-5)
    lasts: timedelta = timedelta(hours=1)
    content: bytes | None = None
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> bytes:
        """The response to a question in the path (RFC 6960 appendix A.1)."""
        self.asked.append(path)
        if self.content is not None:
            return self.content
        question = ocsp.load_der_ocsp_request(base64.b64decode(unquote(path.removeprefix("/ocsp/"))))
        by = self.signs or self.authority
        revoked = self.says is REVOKED
        now: datetime = self.authority.now
        return (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=question.issuer_name_hash, issuer_key_hash=question.issuer_key_hash,
                serial_number=question.serial_number, algorithm=hashes.SHA1(), cert_status=self.says,
                this_update=now + self.made, next_update=now + self.made + self.lasts,
                revocation_time=now + self.made if revoked else None, revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, by.issuing)
            .certificates([by.issuing])
            .sign(by.key, hashes.SHA256())
            .public_bytes(Encoding.DER)
        )  # fmt: skip


@pytest.fixture
def responder(clock: MovableClock) -> Iterator[Responder]:
    """A responder that answers over plain http, as those of authorities do."""
    served = Responder(Authority(clock.now))
    with publish_answers(served.answer) as address:
        served.address = f"{address}/ocsp"
        yield served


@dataclass
class Bench:
    """A judge with the lists and settings a test wants."""

    responder: Responder
    folder: Path

    def judge(self, *listed: x509.Certificate, policy: str = "beside", lists: str = "both") -> Judge:
        """`lists`: both, or the root's alone."""
        authority, places = self.responder.authority, self.folder / "lists"
        (self.folder / "authority.pem").write_bytes(authority.pem())
        authority.keep(places, *listed)
        if lists == "root":
            (places / "issuing.crl").unlink()
        written = {"header": HEADER, "authorities": [self.folder / "authority.pem"], "lists": [places], "ocsp": policy}
        section = ClientCertificateSection.model_validate(written | {"fetch_lists": False})
        fetcher = Fetcher(SsoSection(laboratory_hosts=("127.0.0.1",)))
        return Judge(section, Lists(section, fetcher, None), Responders(section, fetcher), None)

    def device(self) -> x509.Certificate:
        """A certificate that says where its responder is."""
        return self.responder.authority.person(responder=self.responder.address)

    def refusal(self, judge: Judge, certificate: x509.Certificate) -> type[CertificateRefused] | None:
        """Why it is refused, None where it is good."""
        try:
            judge.check(certificate, self.responder.authority.now)
        except CertificateRefused as error:
            return type(error)
        return None


@pytest.fixture
def bench(responder: Responder, tmp_path: Path) -> Bench:
    """See the class."""
    return Bench(responder, tmp_path)


def test_an_answer_stands_in_for_a_list_that_is_missing(bench: Bench) -> None:
    assert bench.refusal(bench.judge(lists="root"), bench.device()) is None
    assert len(bench.responder.asked) == 1
    assert bench.refusal(bench.judge(lists="root", policy="off"), bench.device()) is RevocationUnknown
    assert len(bench.responder.asked) == 1, "off is off"


def test_what_either_calls_revoked_is_revoked(bench: Bench) -> None:
    device = bench.device()
    assert bench.refusal(bench.judge(device), device) is CertificateRevoked, "on the list, good for the responder"
    bench.responder.says = REVOKED
    assert bench.refusal(bench.judge(), device) is CertificateRevoked, "on no list"


@pytest.mark.parametrize(("policy", "lists", "refused"), [
    ("beside", "both", None), ("beside", "root", RevocationUnknown), ("required", "both", RevocationUnknown),
])  # fmt: skip
@pytest.mark.parametrize("away", ["nonsense", "over", "busy", "huge"])
def test_a_responder_that_says_nothing(
    bench: Bench, away: str, policy: str, lists: str, refused: type[CertificateRefused] | None
) -> None:
    """Soft beside lists in force, closed without them or where it is required."""
    busy = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(Encoding.DER)
    bench.responder.content = {"nonsense": b"<html>", "busy": busy, "huge": b"0" * 100_000}.get(away)
    bench.responder.made = timedelta(days=-2) if away == "over" else bench.responder.made
    assert bench.refusal(bench.judge(policy=policy, lists=lists), bench.device()) is refused


def test_an_answer_that_somebody_else_signed_says_nothing(bench: Bench, clock: MovableClock) -> None:
    bench.responder.signs = Authority(clock.now)
    assert bench.refusal(bench.judge(lists="root"), bench.device()) is RevocationUnknown


def test_required_means_an_answer_about_this_very_certificate(bench: Bench) -> None:
    assert bench.refusal(bench.judge(policy="required"), bench.device()) is None
    assert bench.refusal(bench.judge(policy="required"), bench.responder.authority.person()) is RevocationUnknown


@pytest.mark.parametrize("which", ["a stranger's", "unknown", "about somebody else"])
def test_where_an_answer_is_required_one_that_is_not_believed_is_none(
    bench: Bench, clock: MovableClock, which: str
) -> None:
    """Whoever stands between us and the responder makes it up by no list, though one is in force."""
    device, answers = bench.device(), bench.responder
    if which == "a stranger's":
        answers.signs = Authority(clock.now)
    elif which == "unknown":
        answers.says = UNKNOWN
    else:
        other = build_question(answers.authority.person(), answers.authority.issuing)
        answers.content = answers.answer(f"/ocsp/{quote(base64.b64encode(other), safe='')}")
    assert bench.refusal(bench.judge(policy="required"), device) is RevocationUnknown
    assert bench.refusal(bench.judge(policy="beside"), device) is None, "there the list makes up for it"
    answers.signs, answers.says, answers.content = None, GOOD, None
    assert bench.refusal(bench.judge(policy="required"), device) is None


@pytest.mark.parametrize("unchecked", [True, False])
def test_an_authority_may_have_somebody_answer_for_it(bench: Bench, unchecked: bool) -> None:
    """Whoever it named for that, and no other holder of a certificate of its."""
    answers = bench.responder
    answers.signs = delegate(answers.authority, purpose=ExtendedKeyUsageOID.OCSP_SIGNING, unchecked=unchecked)
    assert bench.refusal(bench.judge(policy="required"), bench.device()) is None
    if not unchecked:
        judge = bench.judge(answers.signs.issuing, policy="required")
        assert bench.refusal(judge, bench.device()) is RevocationUnknown, "the responder's own certificate is revoked"
    answers.signs = delegate(answers.authority, purpose=ExtendedKeyUsageOID.CLIENT_AUTH, unchecked=unchecked)
    assert bench.refusal(bench.judge(policy="required"), bench.device()) is RevocationUnknown


def test_only_what_proves_itself_comes_by_plain_http_and_from_named_hosts_alone() -> None:
    fetcher = Fetcher(SsoSection(fetch_hosts=("ocsp.example.vn",)))
    for address, signed in (("http://ocsp.example.vn/x", False), ("http://other.example.vn/x", True)):
        with pytest.raises(FetchRefused):
            fetcher.check(address, signed=signed)


# --- the authorities between ---------------------------------------------------------------------------------------


def test_authorities_that_came_along_help_to_find_the_path_and_are_believed_in_nothing(bench: Bench) -> None:
    authority, device = bench.responder.authority, bench.device()
    judge = bench.judge()
    judge.authorities = [authority.root]
    now = authority.now
    with pytest.raises(ChainRefused):
        judge.check(device, now)
    judge.check(device, now, (authority.issuing,))
    stranger = Authority(now)
    with pytest.raises(ChainRefused):
        judge.check(stranger.person(), now, (stranger.issuing, stranger.root))


def test_who_is_looked_at_again_is_asked_about_only_where_no_list_speaks(bench: Bench) -> None:
    """Thousands are in at a time: a list in force answers for all of them."""
    now, device = bench.responder.authority.now, bench.device()
    bench.judge().check_again(device, now)
    assert bench.responder.asked == []
    with pytest.raises(CertificateRevoked):
        bench.judge(device).check_again(device, now)
    bench.judge(lists="root").check_again(device, now)
    assert len(bench.responder.asked) == 1
    bench.responder.says = REVOKED
    with pytest.raises(CertificateRevoked):
        bench.judge(lists="root").check_again(device, now)
    with pytest.raises(RevocationUnknown):
        bench.judge(lists="root", policy="off").check_again(device, now)


def test_a_second_look_by_the_kept_path_asks_where_no_list_speaks(bench: Bench) -> None:
    authority, device = bench.responder.authority, bench.device()
    judge, now = bench.judge(lists="root"), authority.now
    judge.authorities = [authority.root]
    kept = judge.check(device, now, (authority.issuing,))
    judge.check_again(device, now, kept)
    assert len(bench.responder.asked) == 2, "the responder's answer is signed by the authority that was kept"
    bench.responder.says = REVOKED
    with pytest.raises(CertificateRevoked):
        judge.check_again(device, now, kept)


def test_the_chains_header_is_read_from_the_proxy_alone(clock: MovableClock) -> None:
    authority = Authority(clock.now)
    section = ClientCertificateSection(header=HEADER, chain_header="Client-Cert-Chain", own_authority=True)

    def ask(standing: Standing, value: str) -> Request:
        headers = [(b"client-cert-chain", value.encode())] if value else []
        return Request({"type": "http", "headers": headers, "state": {"proxy": standing}})

    between = f"{rfc9440(authority.issuing)}, {rfc9440(authority.root)}"
    for standing, value, found in ((Standing.PROVEN, between, 2), (Standing.PROVEN, "", 0), (Standing.STRANGER, "", 0)):
        assert len(read_chain(ask(standing, value), section)) == found
    for standing in (Standing.STRANGER, Standing.ADDRESSED):
        with pytest.raises(CertificateRefused):
            read_chain(ask(standing, between), section)
    for value in ("nonsense", ", ".join([between] * 3)):
        with pytest.raises(CertificateStrange):
            read_chain(ask(Standing.PROVEN, value), section)
