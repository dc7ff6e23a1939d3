"""Fetched lists: only addresses of proven authorities are followed, and only what an authority signed is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from sso.certificates.errors import CertificateRevoked, ChainRefused, RevocationUnknown
from sso.certificates.judgement import Judge
from sso.certificates.lists import Lists
from sso.certificates.responders import Responders
from sso.certificates.settings import ClientCertificateSection
from sso.fetching import Fetcher
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.sso.certificates.authority import Authority, name
from tests.sso.certificates.conftest import HEADER
from tests.sso.certificates.publishing import publish_answers


@dataclass
class Publisher:
    """An authority that publishes its lists on this machine; `content` stands in for what it would say."""

    authority: Authority
    folder: Path
    address: str = ""
    content: bytes | None = None
    revoked: tuple[x509.Certificate, ...] = ()
    revoked_authorities: tuple[x509.Certificate, ...] = ()
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> bytes:
        """What lies at a path."""
        self.asked.append(path)
        if self.content is not None:
            return self.content
        if path == "/root.crl":
            return self.authority.list_of(*self.revoked_authorities, root=True)
        return self.authority.list_of(*self.revoked)

    def between(self) -> x509.Certificate:
        """The issuing authority again, saying where the root's list is."""
        ca = self.authority
        return ca.certify(
            ca.issuing.subject, ca.root.subject, ca.key.public_key(), ca.root_key, authority=True, point=f"{self.address}/root.crl"
        )  # fmt: skip

    def judge(self) -> Judge:
        """A judge who knows the root alone and fetches every list."""
        (self.folder / "root.pem").write_bytes(self.authority.root.public_bytes(Encoding.PEM))
        section = ClientCertificateSection(header=HEADER, authorities=(self.folder / "root.pem",), ocsp="off")
        fetcher = Fetcher(SsoSection(laboratory_hosts=("127.0.0.1",)))
        return Judge(section, Lists(section, fetcher, None), Responders(section, fetcher), None)

    def device(self) -> x509.Certificate:
        """A certificate that says where its list is."""
        return self.authority.person(point=f"{self.address}/issuing.crl")


@pytest.fixture
def publisher(clock: MovableClock, tmp_path: Path) -> Iterator[Publisher]:
    """See the class; plain http, as authorities publish."""
    served = Publisher(Authority(clock.now), tmp_path)
    with publish_answers(served.answer) as address:
        served.address = address
        yield served


def test_lists_are_fetched_from_where_proven_certificates_point_and_kept(publisher: Publisher) -> None:
    judge, device, between = publisher.judge(), publisher.device(), publisher.between()
    judge.check(device, publisher.authority.now, (between,))
    judge.check(device, publisher.authority.now, (between,))
    assert sorted(publisher.asked) == ["/issuing.crl", "/root.crl"]
    publisher.revoked = (device,)
    with pytest.raises(CertificateRevoked):
        publisher.judge().check(device, publisher.authority.now, (between,))


@pytest.mark.parametrize("forged", ["a stranger's", "nonsense"])
def test_a_forged_list_is_not_kept(publisher: Publisher, clock: MovableClock, forged: str) -> None:
    """One answer somebody slipped into plain http must not keep all key devices out until the list is asked for again."""
    judge, device, between = publisher.judge(), publisher.device(), publisher.between()
    publisher.content = Authority(clock.now).list_of() if forged == "a stranger's" else b"<html>"
    with pytest.raises(RevocationUnknown):
        judge.check(device, clock.now, (between,))
    publisher.content = None
    judge.check(device, clock.now, (between,))
    publisher.content = b"<html>"
    judge.check(device, clock.now, (between,))


def test_no_address_of_a_self_made_authority_is_followed(publisher: Publisher, clock: MovableClock) -> None:
    """Not by the authority's name alone, nor by its name and its (public) key where somebody's key device "issued" it."""
    ca, judge, device, trap = publisher.authority, publisher.judge(), publisher.device(), f"{publisher.address}/trap"
    own_key = ec.generate_private_key(ec.SECP256R1())
    own = ca.certify(name("Trần Nam"), ca.issuing.subject, own_key.public_key(), ca.key)
    by_name = ca.certify(ca.issuing.subject, ca.root.subject, own_key.public_key(), own_key, authority=True, point=trap)
    by_key = ca.certify(ca.issuing.subject, own.subject, ca.key.public_key(), own_key, authority=True, point=trap)
    for shown in ((by_name,), (by_key, own), (by_key,), ()):
        with pytest.raises(ChainRefused):
            judge.check(device, clock.now, shown)
    assert publisher.asked == []
    kept = judge.check(device, clock.now, (by_key, by_name, own, between := publisher.between()))
    assert sorted(publisher.asked) == ["/issuing.crl", "/root.crl"]
    assert kept == [between]


@pytest.mark.parametrize("whose", ["the person's", "the authority's"])
def test_a_second_look_fetches_the_lists_of_the_same_path(publisher: Publisher, whose: str) -> None:
    """The worker has another judge, who never saw the authority between."""
    now, device, between = publisher.authority.now, publisher.device(), publisher.between()
    kept = publisher.judge().check(device, now, (between,))
    publisher.judge().check_again(device, now, kept)
    with pytest.raises(ChainRefused):
        publisher.judge().check_again(device, now)
    publisher.revoked = (device,) if whose == "the person's" else ()
    publisher.revoked_authorities = () if whose == "the person's" else (between,)
    with pytest.raises(CertificateRevoked):
        publisher.judge().check_again(device, now, kept)


def test_of_two_paths_the_one_that_was_found_good_is_looked_at_again(publisher: Publisher) -> None:
    """The authority was certified twice and one of that is revoked; the browser shows the revoked one first."""
    now, device, former, between = publisher.authority.now, publisher.device(), publisher.between(), publisher.between()
    publisher.revoked_authorities = (former,)
    kept = publisher.judge().check(device, now, (former, between))
    assert kept == [between]
    publisher.judge().check_again(device, now, kept)


@pytest.mark.parametrize("what", ["of authorities only", "a stranger's", "none"])
def test_a_list_that_is_no_word_about_a_person_is_none_at_a_second_look_either(
    clock: MovableClock, tmp_path: Path, what: str
) -> None:
    authority = Authority(clock.now)
    lists = tmp_path / "lists"
    authority.keep(lists)
    (tmp_path / "authority.pem").write_bytes(authority.pem())
    device, issuing = authority.person(), lists / "issuing.crl"
    section = ClientCertificateSection(
        header=HEADER, authorities=(tmp_path / "authority.pem",), lists=(lists,), ocsp="beside", fetch_lists=False
    )
    fetcher = Fetcher(SsoSection())
    judge = Judge(section, Lists(section, fetcher, None), Responders(section, fetcher), None)
    judge.check_again(device, clock.now)
    if what == "of authorities only":
        issuing.write_bytes(authority.list_of(of_authorities=True))
    elif what == "a stranger's":
        issuing.write_bytes(Authority(clock.now).list_of())
    else:
        issuing.unlink()
    for check in (judge.check, judge.check_again):
        with pytest.raises(RevocationUnknown):
            check(device, clock.now)
