"""Attacks by applications that registered themselves: what they have us fetch, what they learn, what they leave behind."""

import pytest
import sqlalchemy as sa

from foundation.database import Database
from foundation.settings import Settings
from sso.consent import record_consent
from sso.errors import RedirectRefused
from sso.fetching import Fetcher
from sso.models import Client
from sso.redirects import check_registrable
from sso.registration.initial_tokens import issue_initial_token
from sso.settings import SsoSection
from sso.sweeping import sweep
from tests.services.clock import MovableClock
from tests.sso.conftest import Door, build_door, settle
from tests.sso.examined import Examined
from tests.sso.people import official
from tests.sso.relying_party import RelyingParty

WISHED = {
    "redirect_uris": ["https://a.example/cb"],
    "logo_uri": "https://a.example/logo.png",
    "jwks_uri": "https://a.example/keys",
    "sector_identifier_uri": "https://a.example/sector",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the provider looked at."""
    seen: list[str] = []
    real = Fetcher.check

    def check(self: Fetcher, url: str) -> object:
        seen.append(url)
        return real(self, url)

    monkeypatch.setattr(Fetcher, "check", check)
    return seen


@pytest.mark.parametrize("token", ["made-up", "spent"])
def test_keycloak_cve_2026_1180_nothing_is_fetched_for_who_may_not_register(
    settings: Settings, database: Database, clock: MovableClock, asked: list[str], token: str
) -> None:
    door = build_door(settle(settings, database, clock, registration="token", fetch_hosts=["a.example"]))
    if token == "spent":
        with door.runtime.database.write() as writes:
            token = issue_initial_token(writes, "", 1, "test", clock.now, clock.now.replace(year=clock.now.year + 1))
        plain = {"redirect_uris": ["https://a.example/cb"]}
        header = {"Authorization": f"Bearer {token}"}
        assert door.browser().post("/register", json=plain, headers=header).status_code == 201
    answer = door.browser().post("/register", json=WISHED, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert asked == []


def test_nothing_is_fetched_beyond_the_registrations_of_an_hour(
    settings: Settings, database: Database, clock: MovableClock, asked: list[str]
) -> None:
    door = build_door(
        settle(settings, database, clock, registration="open", registrations_per_hour=1, fetch_hosts=["a.example"])
    )
    assert door.browser().post("/register", json={"redirect_uris": ["https://a.example/cb"]}).status_code == 201
    assert door.browser().post("/register", json=WISHED).status_code == 401
    assert asked == []


@pytest.mark.parametrize("subject_type", ["public", "pairwise"])
def test_introspection_tells_a_stranger_no_log_in_that_nobody_allowed(op: Examined, subject_type: str) -> None:
    """Consent to `openid` alone gave away the log-in, and who a pairwise subject is."""
    party = RelyingParty.register(op, subject_type=subject_type)
    code = party.authorize(scope="openid")["code"]
    own = (party.client_id, party.metadata["client_secret"])
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": party.metadata["redirect_uris"][0]}
    token = party.browser.post("/token", data=form, auth=own).json()["access_token"]
    told = party.browser.post("/introspect", data={"token": token}, auth=own).json()
    assert told["active"] is True
    assert "username" not in told
    assert "an.nguyen" not in str(told)


def test_a_consent_given_while_its_application_went_stops_no_sweep(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    """Another process knew the application for a second more; its row could never leave, and nothing else would be swept any more."""
    door = build_door(settle(settings, database, clock, registration="open"))
    hoa = official(door.runtime)
    registered = door.browser().post("/register", json={"redirect_uris": ["https://a.example/cb"]}).json()
    path = registered["registration_client_uri"].removeprefix("http://127.0.0.1:8000")
    header = {"Authorization": f"Bearer {registered['registration_access_token']}"}
    assert door.browser().delete(path, headers=header).status_code == 204
    with door.runtime.database.write() as writes:
        record_consent(writes, hoa.person_id, registered["client_id"], "openid", clock.now)
    clock.advance(days=3)
    sweep(door.runtime.database, clock.now, SsoSection())
    assert known(door, registered["client_id"])


@pytest.mark.parametrize("host", ["a.example;sandbox", "a.example,b.example", "a.example'none'", "a.example:1;x"])
@pytest.mark.parametrize("member", ["redirect_uris", "post_logout_redirect_uris", "frontchannel_logout_uri"])
def test_hydra_go_2026_4861_no_host_writes_into_the_policy_of_our_pages(op: Examined, host: str, member: str) -> None:
    """`;sandbox` in a frame's host would have kept the last page from telling other applications of the log-out."""
    address = f"https://{host}/cb"
    body: dict[str, object] = {
        "redirect_uris": [address if member == "frontchannel_logout_uri" else "https://a.example/cb"]
    }
    body[member] = address if member == "frontchannel_logout_uri" else [address]
    assert op.browser().post("/register", json=body).status_code == 400
    with pytest.raises(RedirectRefused):
        check_registrable(address, native=False)


def known(door: Door, client_id: str) -> bool:
    """Whether the row of an application still stands."""
    with door.runtime.database.read() as reads:
        return reads.execute(sa.select(Client.client_id).where(Client.client_id == client_id)).first() is not None
