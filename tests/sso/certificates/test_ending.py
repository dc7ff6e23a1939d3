"""A certificate that is revoked ends what it opened, by the worker's job and before that at the next look."""

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import Encoding

import sso.factors.passkey_entrance as entrance
from foundation.audit import AuditRow
from foundation.handling import drain
from sso.certificates.ending import HANDLERS
from sso.factors.models import Passkey
from sso.models import CertificateSession
from sso.settings import SsoSection
from sso.sweeping import sweep
from sso.upstream.links import add_link, list_links
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.certificates.conftest import KeyDoor, rfc9440
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_review import use_key_alone
from tests.sso.factors.test_second_factor import answer, code_at, set_up
from tests.sso.flow import Attempt, answer_of, ask_token, form_of, redeem, refresh, userinfo
from tests.sso.incidents.test_meanwhile import add_key


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


def test_a_factor_more_does_not_hide_what_opened_a_session(inhabited: Inhabited, clock: MovableClock) -> None:
    """The thief lays an app by: the level is another, and the session, the tokens before and after it are the certificate's still."""
    key_door, attempt = inhabited.key_door, Attempt(inhabited.key_door.door.application, scope="openid offline_access")
    set_up(inhabited.browser, clock)
    assert inhabited.browser.get("/me").status_code == 200
    later = redeem(inhabited.browser, attempt, answer_of(inhabited.browser.get(attempt.address()))["code"]).json()
    key_door.revoke_in_register(inhabited.sha256)
    assert inhabited.browser.get("/me").status_code == 303
    for token in (inhabited.refresh, later["refresh_token"]):
        assert refresh(inhabited.browser, key_door.door.application, token).json()["error"] == "invalid_grant"


def test_what_the_thief_of_a_device_laid_by_opens_nothing(
    inhabited: Inhabited, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passkey, an app, a link, and what they opened elsewhere; the owner comes in with the password and says which are theirs."""
    monkeypatch.setattr(entrance, "check_proof", lambda *_given: None)
    door, hoa = inhabited.key_door.door, inhabited.key_door.hoa
    secret, _codes = set_up(inhabited.browser, clock)
    key_id = add_key(door, hoa.account_id, clock.now)
    with door.runtime.database.write() as writes:
        add_link(writes, hoa.account_id, "https://elsewhere.example", "thief", clock.now)
    elsewhere = use_key_alone(door)
    assert elsewhere.status_code == 303
    thief = door.browser()
    thief.cookies.update(elsewhere.cookies)
    assert thief.get("/me").status_code == 200
    inhabited.key_door.revoke_in_register(inhabited.sha256)
    assert drain(door.runtime, HANDLERS) == 1
    assert thief.get("/me").status_code == 303
    assert use_key_alone(door).status_code == 403
    clock.advance(minutes=1)
    owner = door.browser()
    assert try_login(owner, hoa.login) == 303
    assert answer(owner, code_at(secret, clock)).headers["location"].startswith("/me/review?")
    strange = {**form_of(owner.get("/me/review")), "strange": str(key_id)}
    assert owner.post("/me/review", data=strange).status_code == 303
    with door.runtime.database.read() as reads:
        assert reads.get(Passkey, key_id) is None
        assert not list_links(reads, hoa.account_id)
    assert owner.get("/me").status_code == 200


def test_a_certificate_that_opened_nothing_leaves_the_passkeys_alone(
    key_door: KeyDoor, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "check_proof", lambda *_given: None)
    add_key(key_door.door, key_door.hoa.account_id, clock.now)
    key_door.revoke_in_register(hashlib.sha256(key_door.device.public_bytes(Encoding.DER)).hexdigest())
    assert drain(key_door.door.runtime, HANDLERS) == 1
    assert use_key_alone(key_door.door).status_code == 303
