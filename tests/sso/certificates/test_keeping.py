"""A certificate that came in by authorities of its own is looked at again by the same path; what was kept is believed in nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from sso.certificates.keeping import LONGEST_KEPT, read_between, write_between
from sso.certificates.presented import BETWEEN_AT_MOST, LONGEST
from sso.models import CertificateSession
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.certificates.authority import Authority
from tests.sso.certificates.conftest import KeyDoor, open_key_door, rfc9440
from tests.sso.certificates.test_entrance import is_refused, refusals
from tests.sso.certificates.test_second_look import is_open, look, reasons
from tests.sso.flow import Attempt, answer_of, redeem, refresh


@dataclass
class Led:
    """A browser that came in with a key device whose authority the settings do not have, and a token of that log-in."""

    key_door: KeyDoor
    browser: Inside
    refresh: str

    @property
    def authority(self) -> Authority:
        """Whose the device is."""
        return self.key_door.authority

    def kept(self) -> list[bytes | None]:
        """What sessions keep."""
        return kept_of(self.key_door)

    def tamper(self, content: bytes | None) -> None:
        """Somebody writes this into the database."""
        with self.key_door.door.runtime.database.write() as writes:
            writes.execute(sa.update(CertificateSession).values(authorities_between=content))

    def is_in(self) -> bool:
        """Whether the session and its refresh token go on; both or none."""
        told = refresh(self.browser, self.key_door.door.application, self.refresh)
        goes_on = told.status_code == 200
        self.refresh = told.json()["refresh_token"] if goes_on else self.refresh
        assert is_open(self.key_door, self.browser) is goes_on
        return goes_on


def kept_of(key_door: KeyDoor) -> list[bytes | None]:
    """What the sessions of a door keep."""
    with key_door.door.runtime.database.read() as reads:
        return list(reads.execute(sa.select(CertificateSession.authorities_between)).scalars())


@pytest.fixture
def led(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Led]:
    """Somebody is in; the browser showed the authority between, and one that has nothing to do with it."""
    with open_key_door(database_url, tmp_path, Authority(clock.now), clock, root_alone=True) as key_door:
        browser, attempt = key_door.browser(), Attempt(key_door.door.application, scope="openid offline_access")
        following = parse_qs(urlsplit(browser.get(attempt.address()).headers["location"]).query)["next"][0]
        chain = f"{rfc9440(Authority(clock.now).issuing)}, {rfc9440(key_door.authority.issuing)}"
        back = key_door.show(rfc9440(key_door.device), browser, following, chain)
        tokens = redeem(browser, attempt, answer_of(browser.get(back.headers["location"]))["code"]).json()
        yield Led(key_door, browser, tokens["refresh_token"])


def test_a_session_keeps_what_the_path_needs_and_nothing_else(led: Led) -> None:
    assert led.kept() == [led.authority.issuing.public_bytes(Encoding.PEM)]
    assert is_refused(led.key_door.show(rfc9440(led.key_door.device))), "without the chain"
    assert refusals(led.key_door) == ["chain"]


def test_nothing_is_kept_of_what_the_settings_have(key_door: KeyDoor) -> None:
    chain = f"{rfc9440(key_door.authority.issuing)}, {rfc9440(key_door.authority.root)}"
    assert not is_refused(key_door.show(rfc9440(key_door.device), chain=chain))
    assert kept_of(key_door) == [None]


def revoke_device(led: Led) -> None:
    """The authority's list names the person's certificate."""
    led.authority.keep(led.key_door.lists, led.key_door.device)


def revoke_authority(led: Led) -> None:
    """The root's list names the authority that came along."""
    (led.key_door.lists / "root.crl").write_bytes(led.authority.list_of(led.authority.issuing, root=True))


@pytest.mark.parametrize("revoke", [revoke_device, revoke_authority])
def test_a_list_that_comes_later_ends_what_it_opened(
    led: Led, clock: MovableClock, revoke: Callable[[Led], None]
) -> None:
    look(led.key_door, clock)
    assert led.is_in(), "the lists of that moment name nobody"
    revoke(led)
    look(led.key_door, clock)
    assert not led.is_in()
    assert [why for why, _sha256 in reasons(led.key_door)] == ["certificate on a list"]


def test_a_session_from_before_goes_on_until_the_register_knows(led: Led, clock: MovableClock) -> None:
    led.tamper(None)
    revoke_device(led)
    look(led.key_door, clock)
    assert led.is_in()
    led.key_door.revoke_in_register(led.key_door.device.fingerprint(hashes.SHA256()).hex())
    assert led.browser.get("/me").status_code == 303


def test_each_path_it_came_in_by_is_looked_at(led: Led, clock: MovableClock) -> None:
    """One of its sessions is from before, one from after: the list ends both."""
    led.tamper(None)
    later = led.key_door.browser()
    assert not is_refused(led.key_door.show(rfc9440(led.key_door.device), later, chain=rfc9440(led.authority.issuing)))
    assert len(led.kept()) == 2
    revoke_device(led)
    look(led.key_door, clock)
    assert not led.is_in()
    assert not is_open(led.key_door, later)


# --- somebody writes into the database -----------------------------------------------------------------------------


def of_a_stranger(led: Led) -> bytes:
    """An authority of the same names, made by somebody else."""
    return Authority(led.authority.now).issuing.public_bytes(Encoding.PEM)


def by_the_same_key(led: Led) -> bytes:
    """The real authority's name and key, certified by a stranger."""
    real, stranger = led.authority, Authority(led.authority.now)
    made = stranger.certify(
        real.issuing.subject, real.root.subject, real.key.public_key(), stranger.root_key, authority=True
    )
    return made.public_bytes(Encoding.PEM)


def with_a_root(led: Led) -> bytes:
    """A stranger's whole chain, its root too."""
    return Authority(led.authority.now).pem()


TAMPERED: dict[str, Callable[[Led], bytes]] = {
    "nonsense": lambda _led: b"nonsense",
    "empty": lambda _led: b"",
    "cut": lambda led: led.authority.issuing.public_bytes(Encoding.PEM)[:200],
    "der": lambda led: led.authority.issuing.public_bytes(Encoding.DER),
    "a stranger's": of_a_stranger,
    "by the same key": by_the_same_key,
    "a root": with_a_root,
    "too many": lambda led: led.authority.issuing.public_bytes(Encoding.PEM) * (BETWEEN_AT_MOST + 1),
    "too long": lambda led: b"#" * LONGEST_KEPT + led.authority.issuing.public_bytes(Encoding.PEM),
}


def test_a_chain_that_was_tampered_with_opens_nothing_and_ends_nobody(led: Led, clock: MovableClock) -> None:
    """Every kind in turn: the path is proven anew, and without one nothing can be found out."""
    door = led.key_door
    revoke_device(led)
    for tampered in TAMPERED.values():
        led.tamper(tampered(led))
        look(door, clock)
        assert is_open(door, led.browser), "as where nothing was kept"
        assert is_refused(door.show(rfc9440(door.device)))
    assert set(refusals(door)) == {"chain"}
    assert reasons(door) == []
    led.tamper(led.authority.issuing.public_bytes(Encoding.PEM))
    look(door, clock)
    assert not is_open(door, led.browser), "and the real one is looked at again"


def test_strangers_chain_and_list_end_nobody(led: Led, clock: MovableClock) -> None:
    """Who writes both the chain and a list of the same name, signed by the chain's key, revokes nobody's certificate."""
    stranger = Authority(clock.now)
    (led.key_door.lists / "issuing.crl").write_bytes(stranger.list_of(led.key_door.device))
    for beside in (b"", led.authority.issuing.public_bytes(Encoding.PEM)):
        led.tamper(stranger.pem() + beside)
        look(led.key_door, clock)
        assert led.is_in()


# --- what is kept --------------------------------------------------------------------------------------------------


def test_what_the_header_may_hold_can_be_kept(clock: MovableClock) -> None:
    authority, weight = Authority(clock.now), "http://lists.example.vn/" + "x" * 3150
    longest = [
        authority.certify(
            authority.issuing.subject, authority.root.subject, authority.key.public_key(), authority.root_key,
            authority=True, point=weight,
        )
        for _number in range(BETWEEN_AT_MOST)
    ]  # fmt: skip
    header = ", ".join(rfc9440(one) for one in longest)
    kept = write_between(longest)
    assert LONGEST - 2000 < len(header) <= LONGEST
    assert kept is not None
    assert len(kept) <= LONGEST_KEPT
    assert read_between(kept) == tuple(longest)
    assert (write_between([]), read_between(None)) == (None, ())
