"""A certificate that is revoked ends what it opened, by the worker's job and before that at the next look."""

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

from foundation.audit import AuditRow
from foundation.outbox import drain
from sso.certificates.ending import HANDLERS
from sso.models import CertificateSession
from sso.settings import SsoSection
from sso.sweeping import sweep
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.certificates.conftest import KeyDoor, rfc9440
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, answer_of, ask_token, redeem, refresh, userinfo


@dataclass
class Inhabited:
    """A browser that came in with the key device, and the tokens an application has of that log-in."""

    key_door: KeyDoor
    browser: Inside
    access: str
    refresh: str

    @property
    def sha256(self) -> str:
        """What the register calls the certificate."""
        return hashlib.sha256(self.key_door.device.public_bytes(Encoding.DER)).hexdigest()

    def is_active(self) -> bool:
        """What introspection says of the access token."""
        application = self.key_door.door.application
        return bool(ask_token(self.browser, application, {"token": self.access}, "/introspect").json()["active"])


@pytest.fixture
def inhabited(key_door: KeyDoor) -> Inhabited:
    """Somebody is in, with offline access for an application."""
    browser = key_door.browser()
    attempt = Attempt(key_door.door.application, scope="openid offline_access")
    sent = browser.get(attempt.address())
    following = parse_qs(urlsplit(sent.headers["location"]).query)["next"][0]
    back = key_door.show(rfc9440(key_door.device), browser, following)
    tokens = redeem(browser, attempt, answer_of(browser.get(back.headers["location"]))["code"]).json()
    return Inhabited(key_door, browser, tokens["access_token"], tokens["refresh_token"])


def test_what_a_revoked_certificate_opened_ends(inhabited: Inhabited) -> None:
    key_door = inhabited.key_door
    other = key_door.browser()
    assert try_login(other, key_door.hoa.login) == 303
    assert inhabited.is_active()
    key_door.revoke_in_register(inhabited.sha256)
    assert drain(key_door.door.runtime, HANDLERS) == 1
    assert inhabited.browser.get("/me").status_code == 303
    assert not inhabited.is_active()
    assert userinfo(inhabited.browser, inhabited.access).status_code == 401
    assert refresh(inhabited.browser, key_door.door.application, inhabited.refresh).json()["error"] == "invalid_grant"
    assert other.get("/me").status_code == 200, "a session of the same person by password goes on"
    with key_door.door.runtime.database.read() as reads:
        told = reads.execute(sa.select(AuditRow.detail).where(AuditRow.event == "sso.session.closed")).scalar_one()
    assert (told["why"], told["certificate"]) == ("certificate revoked", inhabited.sha256)


def test_nobody_waits_for_the_worker(inhabited: Inhabited) -> None:
    key_door = inhabited.key_door
    key_door.revoke_in_register(inhabited.sha256)
    assert inhabited.browser.get("/me").status_code == 303
    assert refresh(inhabited.browser, key_door.door.application, inhabited.refresh).json()["error"] == "invalid_grant"
    assert not inhabited.is_active(), "the family ended with that"


def test_another_certificate_that_is_revoked_ends_nothing(inhabited: Inhabited) -> None:
    key_door = inhabited.key_door
    another = key_door.authority.person()
    key_door.give(another)
    key_door.revoke_in_register(hashlib.sha256(another.public_bytes(Encoding.DER)).hexdigest())
    assert drain(key_door.door.runtime, HANDLERS) == 1
    assert inhabited.browser.get("/me").status_code == 200
    assert inhabited.is_active()


def test_what_opened_a_session_is_forgotten_with_its_last_token(inhabited: Inhabited, clock: MovableClock) -> None:
    database = inhabited.key_door.door.runtime.database
    count = sa.select(sa.func.count()).select_from(CertificateSession)
    for days, left in ((20, 1), (40, 0)):
        clock.advance(days=days)
        sweep(database, clock.now, SsoSection())
        with database.read() as reads:
            assert reads.execute(count).scalar_one() == left
