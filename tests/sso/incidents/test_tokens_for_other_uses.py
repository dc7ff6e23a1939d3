"""Attacks with tokens of ours that were made for something else, and with log-ins that are over (RFC 8725 §3.11)."""

import uuid
from datetime import timedelta

import httpx
import pytest

from foundation.database import Database
from foundation.settings import Settings
from sso.client_keeping import add_client
from sso.client_registration import DEVICE_GRANT, NewClient
from sso.clients import get_client
from sso.logouts import build_logout_token
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import build_door, settle
from tests.sso.door.test_login import try_login
from tests.sso.examined import Examined
from tests.sso.flow import form_of
from tests.sso.people import official
from tests.sso.relying_party import RelyingParty, read_answer


def make_other(op: Examined, party: RelyingParty, kind: str) -> str:
    """A token that we signed for this application and its person, of another kind than an ID token."""
    tokens = party.log_in()
    if kind == "userinfo":
        return party.browser.get("/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).text
    with op.runtime.database.read() as reads:
        client = get_client(reads, party.client_id)
    claims = party.read_id_token(tokens["id_token"])
    return build_logout_token(op.runtime, client, claims["sub"], claims.get("sid", str(uuid.uuid4())))


@pytest.mark.parametrize("kind", ["userinfo", "log-out token"])
def test_no_other_token_of_ours_is_a_hint(op: Examined, kind: str) -> None:
    """A log-out token names its session, so it logged the person out without a question and told who they are."""
    party = RelyingParty.register(op, userinfo_signed_response_alg="RS256")
    other = make_other(op, party, kind)
    assert party.header_of(other)["alg"] == "RS256"
    page = party.browser.get("/logout", params={"id_token_hint": other})
    assert (page.status_code, 'data-code="logout_refused"' in page.text) == (400, True)
    answer = read_answer(party.send(party.parameters(id_token_hint=other, prompt="none")))
    assert answer["error"] == "invalid_request"


def allow_device(settings: Settings, database: Database, clock: MovableClock) -> tuple[Inside, str]:
    """A device that somebody allowed and that did not ask since; with the client's browser and the code it holds."""
    door = build_door(settle(settings, database, clock, device_seconds=1800, session_idle_seconds=300))
    official(door.runtime)
    new = NewClient(name="máy quét", client_id="may-quet", kind="public", grant_types=(DEVICE_GRANT,))
    with door.runtime.database.write() as writes:
        add_client(writes, new, "test", clock.now)
    browser = door.browser()
    codes = browser.post("/device_authorization", data={"client_id": "may-quet", "scope": "openid"}).json()
    assert try_login(browser, "hoa.lt") == 303
    clock.advance(minutes=4)
    decided = {**form_of(browser.get("/device")), "user_code": codes["user_code"], "answer": "accept"}
    assert 'id="device-done"' in browser.post("/device", data=decided).text
    return door.browser(), codes["device_code"]


def poll(browser: Inside, code: str) -> httpx.Response:
    """The device asks."""
    return browser.post("/token", data={"grant_type": DEVICE_GRANT, "device_code": code, "client_id": "may-quet"})


@pytest.mark.parametrize(("later", "status"), [(timedelta(minutes=4), 200), (timedelta(minutes=5), 400)])
def test_a_log_in_that_is_idle_opens_nothing_for_a_device(
    settings: Settings, database: Database, clock: MovableClock, later: timedelta, status: int
) -> None:
    """KC CVE-2026-8922's kin: a policy for browsers counts on every grant."""
    browser, code = allow_device(settings, database, clock)
    clock.advance(later.total_seconds())
    assert poll(browser, code).status_code == status
