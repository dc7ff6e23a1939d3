"""Disabled means disabled, on every path, within the request: suspended accounts and removed applications."""

from collections.abc import Callable

import httpx
import pytest
import sqlalchemy as sa

from directory.models import Account
from sso import clients
from sso.client_keeping import remove_client
from sso.client_registration import DEVICE_GRANT, GRANT_TYPES
from tests.sso.door.test_login import try_login
from tests.sso.flow import Application, Attempt, answer_of, ask_token, form_of, get_code, redeem, refresh, userinfo
from tests.sso.incidents.conftest import Attacked
from tests.sso.people import PASSWORD, Official

Way = Callable[[Attacked, Application, Official], Callable[[], bool]]


def set_state(attacked: Attacked, who: Official, state: str) -> None:
    """The account's state."""
    with attacked.runtime.database.write() as writes:
        writes.execute(sa.update(Account).where(Account.id == who.account_id).values(state=state))


def opens(answer: httpx.Response) -> bool:
    """Whether a request was granted."""
    return answer.status_code == 200


def by_refresh(attacked: Attacked, application: Application, who: Official) -> Callable[[], bool]:
    token = attacked.tokens(application, who)["refresh_token"]
    return lambda: opens(refresh(attacked.browser(), application, token))


def by_userinfo(attacked: Attacked, application: Application, who: Official) -> Callable[[], bool]:
    token = attacked.tokens(application, who)["access_token"]
    return lambda: opens(userinfo(attacked.browser(), token))


def by_introspection(attacked: Attacked, application: Application, who: Official) -> Callable[[], bool]:
    token = attacked.tokens(application, who)["access_token"]
    asker = attacked.application()
    return lambda: bool(ask_token(attacked.browser(), asker, {"token": token}, "/introspect").json()["active"])


def by_code(attacked: Attacked, application: Application, who: Official) -> Callable[[], bool]:
    attempt = Attempt(application)
    code = get_code(attacked.browser(), attempt, who.login, PASSWORD)
    return lambda: opens(redeem(attacked.browser(), attempt, code))


def by_session(attacked: Attacked, application: Application, who: Official) -> Callable[[], bool]:
    browser = attacked.browser()
    assert try_login(browser, who.login) == 303

    def ask() -> bool:
        answer = browser.get(Attempt(application).address(prompt="none"))
        return answer.status_code == 303 and "code" in answer_of(answer)

    return ask


def by_password(attacked: Attacked, _application: Application, who: Official) -> Callable[[], bool]:
    return lambda: try_login(attacked.browser(), who.login) == 303


def by_device(attacked: Attacked, application: Application, who: Official) -> Callable[[], bool]:
    browser = attacked.browser()
    codes = ask_token(attacked.browser(), application, {"scope": "openid"}, "/device_authorization").json()
    assert try_login(browser, who.login) == 303
    form = {**form_of(browser.get("/device")), "user_code": codes["user_code"], "answer": "accept"}
    assert browser.post("/device", data=form).status_code == 200
    asked = {"grant_type": DEVICE_GRANT, "device_code": codes["device_code"]}
    return lambda: opens(ask_token(attacked.browser(), application, asked))


def by_client_credentials(attacked: Attacked, application: Application, _who: Official) -> Callable[[], bool]:
    return lambda: opens(ask_token(attacked.browser(), application, {"grant_type": "client_credentials"}))


def by_programs_token(attacked: Attacked, application: Application, _who: Official) -> Callable[[], bool]:
    token = ask_token(attacked.browser(), application, {"grant_type": "client_credentials"}).json()["access_token"]
    asker = attacked.application()
    return lambda: bool(ask_token(attacked.browser(), asker, {"token": token}, "/introspect").json()["active"])


PEOPLE = [
    pytest.param(by_refresh, id="keycloak CVE-2025-14559 refresh"),
    pytest.param(by_userinfo, id="keycloak CVE-2026-1609 userinfo"),
    pytest.param(by_introspection, id="authentik CVE-2025-29928 introspection"),
    pytest.param(by_code, id="keycloak CVE-2026-2603 code"),
    pytest.param(by_session, id="authentik CVE-2025-64521 open session"),
    pytest.param(by_password, id="zitadel CVE-2024-47000 log-in"),
    pytest.param(by_device, id="authentik CVE-2025-53942 device"),
]
PROGRAMS = [
    *PEOPLE[:3],
    pytest.param(by_client_credentials, id="keycloak CVE-2026-2733 own credentials"),
    pytest.param(by_programs_token, id="keycloak CVE-2026-9705 own token"),
    pytest.param(by_session, id="keycloak CVE-2026-3009 open session"),
    pytest.param(by_device, id="keycloak CVE-2026-1486 device"),
]


@pytest.mark.parametrize("state", ["suspended", "closed"])
@pytest.mark.parametrize("way", PEOPLE)
def test_who_is_suspended_comes_in_by_no_way(attacked: Attacked, way: Way, state: str) -> None:
    application, who = attacked.application(grant_types=GRANT_TYPES), attacked.someone()
    ask = way(attacked, application, who)
    set_state(attacked, who, state)
    assert not ask()
    set_state(attacked, who, "active")
    assert ask() or way in (by_code, by_device), "so it was the state; what was spent is spent"


@pytest.mark.parametrize("way", PROGRAMS)
def test_an_application_that_was_removed_gets_nothing(
    attacked: Attacked, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the second for which each process remembers an application."""
    application, who = attacked.application(grant_types=GRANT_TYPES), attacked.someone()
    ask = way(attacked, application, who)
    with attacked.runtime.database.write() as writes:
        remove_client(writes, application.client_id, "test", attacked.clock.now)
    monkeypatch.setattr(clients, "KEPT_SECONDS", 0.0)
    assert not ask()


def test_keycloak_cve_2026_3009_the_registration_token_of_a_removed_application_opens_nothing(
    attacked: Attacked,
) -> None:
    browser = attacked.browser()
    made = browser.post("/register", json={"redirect_uris": ["https://a.example/cb"]}).json()
    header = {"Authorization": f"Bearer {made['registration_access_token']}"}
    path = made["registration_client_uri"].removeprefix("https://dangnhap.example.vn")
    assert browser.get(path, headers=header).status_code == 200
    with attacked.runtime.database.write() as writes:
        remove_client(writes, made["client_id"], "test", attacked.clock.now)
    for method in ("GET", "PUT", "DELETE"):
        assert browser.request(method, path, headers=header, json={}).status_code == 401
