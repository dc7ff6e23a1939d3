"""What is believed of a log-out token, and that a log-out at the sign-on service ends the session here."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import RSAKey

import sso.logouts
from foundation.handling import drain
from foundation.shell import Actor
from provisioning.account_states import move_account
from signing.errors import LogoutTokenRefused
from signing.login.logouts import EVENT, check_logout_token, read_logout_token
from signing.models import SigningSession, SignOnLogout
from sso.keys import KeyRing
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.signing.login.test_provider import ISSUER, NOW, PERSON, Service
from tests.signing.site import Site, visit
from tests.signing.world import Merged
from tests.sso.flow import form_of

HEADER = {"alg": "RS256", "typ": "logout+jwt"}
NOW_SECONDS = int(NOW.timestamp())
CALLED = "/signing/logout/called"


def claims(**changed: Any) -> dict[str, Any]:
    """A good log-out token's claims; None leaves one out."""
    good = {
        "iss": ISSUER, "aud": "signing", "iat": NOW_SECONDS, "exp": NOW_SECONDS + 120, "jti": "one", "sub": str(PERSON),
        "sid": "s1", "events": {EVENT: {}}, **changed,
    }  # fmt: skip
    return {name: value for name, value in good.items() if value is not None}


GOOD = [
    pytest.param({}, id="as it should be"),
    pytest.param({"aud": ["signing", "other"]}, id="one of several audiences"),
    pytest.param({"sub": None}, id="a session and nobody"),
    pytest.param({"sid": None}, id="a person and every session"),
]
BAD = [
    pytest.param({"iss": "https://other.example.vn"}, id="another issuer"),
    pytest.param({"aud": "van-ban"}, id="for another application"),
    pytest.param({"aud": None}, id="for nobody"),
    pytest.param({"iat": None}, id="made at no time"),
    pytest.param({"iat": True}, id="made at a time that is no number"),
    pytest.param({"iat": NOW_SECONDS - 301}, id="made long ago"),
    pytest.param({"iat": NOW_SECONDS + 61}, id="made in the future"),
    pytest.param({"exp": None}, id="without an end"),
    pytest.param({"exp": NOW_SECONDS - 61}, id="over"),
    pytest.param({"events": None}, id="no event"),
    pytest.param({"events": [EVENT]}, id="events that are a list"),
    pytest.param({"events": {"http://schemas.openid.net/event/other": {}}}, id="another event"),
    pytest.param({"events": {EVENT: True}}, id="an event that is no object"),
    pytest.param({"nonce": "n"}, id="with a nonce"),
    pytest.param({"nonce": ""}, id="with an empty nonce"),
    pytest.param({"jti": None}, id="without an id"),
    pytest.param({"jti": ""}, id="with an empty id"),
    pytest.param({"sid": None, "sub": None}, id="about nobody"),
    pytest.param({"sid": 7}, id="a session that is no text"),
    pytest.param({"sid": ""}, id="an empty session"),
    pytest.param({"sub": "hoa.lt"}, id="a subject that is no person's id"),
]


@pytest.mark.parametrize("changed", GOOD)
def test_a_logout_token_is_believed(changed: dict[str, Any]) -> None:
    told = check_logout_token(HEADER, claims(**changed), ISSUER, "signing", NOW)
    assert (told.sid, told.person_id) == (claims(**changed).get("sid"), PERSON if "sub" in claims(**changed) else None)


@pytest.mark.parametrize("changed", BAD)
def test_a_logout_token_is_not_believed(changed: dict[str, Any]) -> None:
    with pytest.raises(LogoutTokenRefused):
        check_logout_token(HEADER, claims(**changed), ISSUER, "signing", NOW)


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt"])
def test_no_other_token_passes_for_a_logout_token(typ: str | None) -> None:
    header = {"alg": "RS256", "typ": typ} if typ else {"alg": "RS256"}
    with pytest.raises(LogoutTokenRefused):
        check_logout_token(header, claims(), ISSUER, "signing", NOW)


def sign(key: RSAKey, given: dict[str, Any]) -> str:
    """A log-out token of this key."""
    return jwt.encode({**HEADER, "kid": key.kid}, given, key, algorithms=["RS256"])


def test_a_forged_logout_token_is_refused_and_does_not_make_us_fetch_keys_again_and_again() -> None:
    service, forged = Service(), RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
    provider = service.provider()
    assert read_logout_token(provider, sign(service.keys[0], claims()), NOW).sid == "s1"
    for _ in range(5):
        with pytest.raises(LogoutTokenRefused):
            read_logout_token(provider, sign(forged, claims()), NOW)
    assert sum(request.url.path == "/jwks" for request in service.asked) == 2


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "eyJhbGciOiJub25lIn0.e30.", "a" * 9000, "\x00", "ữ.ữ.ữ"])
def test_what_is_no_token_is_refused_in_the_words_of_the_standard(site: Site, token: str) -> None:
    answer = site.browser().post(CALLED, data={"logout_token": token})
    assert answer.status_code == 400
    assert "error" in answer.json()


@pytest.fixture
def delivered(site: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The worker's own calls reach the application of the test."""

    def open_inside() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=site.app), follow_redirects=False)

    monkeypatch.setattr(sso.logouts, "open_http", open_inside)
    return lambda: drain(site.runtime, sso.logouts.HANDLERS)


def log_out_at_the_service(browser: Inside) -> None:
    """The person logs out on the sign-on service's own page, and never comes back to the signing pages."""
    page = browser.get("/logout")
    browser.post("/logout", data={**form_of(page), "answer": "log-out"})


def sessions(site: Site) -> int:
    with site.runtime.database.read() as reads:
        return int(reads.execute(sa.select(sa.func.count()).select_from(SigningSession)).scalar_one())


def is_inside(browser: Inside) -> bool:
    return browser.get("/signing/").status_code == 200


def test_a_log_out_at_the_sign_on_service_ends_the_signing_rooms_session(
    site: Site, merged: Merged, delivered: Callable[[], int]
) -> None:
    browser, other = site.browser(), site.browser()
    visit(browser, "/signing/", "hoa.lt")
    visit(other, "/signing/", "hoa.lt")
    log_out_at_the_service(browser)
    assert delivered() == 1
    assert not is_inside(browser)
    assert is_inside(other), "the session of another browser goes on"
    assert sessions(site) == 1


def test_a_suspended_person_is_told_to_the_applications(
    site: Site, merged: Merged, delivered: Callable[[], int]
) -> None:
    browser = site.browser()
    visit(browser, "/signing/", "hoa.lt")
    with site.runtime.database.write() as writes:
        actor = Actor("break-glass:test", None, "test", "test")
        move_account(writes, actor, merged.head, "suspend", "lost", site.runtime.clocks.wall())
    assert delivered() == 1
    assert not is_inside(browser)


def make_token(site: Site, **changed: Any) -> str:
    """A log-out token as the sign-on service makes it."""
    now = site.runtime.clocks.wall()
    keys = KeyRing(site.runtime)
    keys.prepare(now)
    moment = int(now.timestamp())
    given = claims(iss=site.runtime.settings.issuer, iat=moment, exp=moment + 120, **changed)
    return keys.sign(given, "RS256", now, "logout+jwt")


def test_a_logout_token_is_taken_once(site: Site) -> None:
    token = make_token(site)
    assert site.browser().post(CALLED, data={"logout_token": token}).status_code == 200
    again = site.browser().post(CALLED, data={"logout_token": token})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


def test_a_session_id_with_another_persons_name_ends_nothing(site: Site, merged: Merged) -> None:
    browser = site.browser()
    visit(browser, "/signing/", "hoa.lt")
    token = make_token(site, sid="another", sub=str(merged.head))
    assert site.browser().post(CALLED, data={"logout_token": token}).status_code == 200
    assert is_inside(browser)


def test_a_person_without_a_session_id_ends_every_session_of_theirs(site: Site, merged: Merged) -> None:
    browsers = [site.browser(), site.browser()]
    for browser in browsers:
        visit(browser, "/signing/", "hoa.lt")
    token = make_token(site, sid=None, sub=str(merged.head))
    assert site.browser().post(CALLED, data={"logout_token": token}).status_code == 200
    assert not any(is_inside(browser) for browser in browsers)


def test_a_log_out_that_overtakes_the_log_in_still_ends_it(site: Site, merged: Merged) -> None:
    """The code was redeemed, the log-out is told, and only then the session is opened here: it must not live."""
    browser = site.browser()
    visit(browser, "/signing/", "hoa.lt")
    with site.runtime.database.read() as reads:
        row = reads.execute(sa.select(SigningSession)).scalar_one()
        kept = {column.name: getattr(row, column.name) for column in SigningSession.__table__.columns}
    token = make_token(site, sid=kept["sid"], sub=str(kept["person_id"]))
    assert site.browser().post(CALLED, data={"logout_token": token}).status_code == 200
    with site.runtime.database.write() as writes:
        writes.add(SigningSession(**kept))
    assert not is_inside(browser)


def test_kept_log_outs_leave_after_a_day(site: Site, clock: MovableClock) -> None:
    site.browser().post(CALLED, data={"logout_token": make_token(site)})
    clock.advance(hours=26)
    site.browser().post(CALLED, data={"logout_token": make_token(site, jti="two")})
    with site.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(SignOnLogout)).scalar_one() == 1
