"""Tokens: for their audience, their application and their scopes; no grant widens what was granted."""

import pytest

from sso.particulars import Particulars
from tests.sso.flow import Application, Attempt, answer_of, ask_token, get_code, redeem, refresh, userinfo
from tests.sso.incidents.conftest import Attacked
from tests.sso.people import PASSWORD

MAIL = "https://mail.example.vn/"


@pytest.fixture(scope="module")
def mail(attacked: Attacked) -> Application:
    """An application that guards a resource."""
    return attacked.application(particulars=Particulars(resources=(MAIL,)))


def introspect(attacked: Attacked, asker: Application, token: str) -> bool:
    """Whether the asker is told that it is good."""
    return bool(ask_token(attacked.browser(), asker, {"token": token}, "/introspect").json()["active"])


def test_keycloak_cve_2026_37979_a_token_is_told_about_to_whom_it_concerns_only(
    attacked: Attacked, mail: Application
) -> None:
    """And opens userinfo only where it is meant for the provider."""
    client = attacked.application()
    attempt, who = Attempt(client), attacked.someone()
    code = get_code(attacked.browser(), attempt, who.login, PASSWORD, resource=MAIL)
    token = redeem(attacked.browser(), attempt, code).json()["access_token"]
    assert introspect(attacked, mail, token)
    assert not introspect(attacked, attacked.application(), token)
    assert userinfo(attacked.browser(), token).status_code == 401


def test_authentik_cve_2024_47077_a_stranger_learns_nothing_about_tokens_of_others(
    attacked: Attacked, application: Application
) -> None:
    token = attacked.tokens(application, attacked.someone())["access_token"]
    assert not introspect(attacked, attacked.application(own=False), token)


@pytest.mark.parametrize(
    "scope", ["openid profile email unit", "openid act", "openid verify", "openid units.heirs", "openid offline_access"]
)
def test_authentik_cve_2024_52287_no_grant_gives_a_scope_that_was_not_granted(attacked: Attacked, scope: str) -> None:
    """By a refresh, by the device grant, by a program's own credentials (KC CVE-2026-9704, CVE-2026-9792, CVE-2026-9795)."""
    narrow = attacked.application(
        scopes=("openid", "profile"),
        grant_types=(
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code",
        ),
    )
    tokens = attacked.tokens(narrow, attacked.someone(), scope="openid")
    wider = refresh(attacked.browser(), narrow, tokens["refresh_token"], scope=scope)
    assert wider.status_code == 400 or wider.json()["scope"] == "openid"
    asked = attacked.browser().get(Attempt(narrow, scope=scope).address())
    assert asked.status_code == 303
    own = ask_token(attacked.browser(), narrow, {"grant_type": "client_credentials", "scope": scope})
    assert own.status_code == 400 or not set(own.json()["scope"].split()) & {"openid", "profile", "act", "verify"}
    device = ask_token(attacked.browser(), narrow, {"scope": scope}, "/device_authorization")
    assert device.status_code in (200, 400)


def test_keycloak_cve_2026_8922_what_binds_the_log_in_binds_every_token(
    attacked: Attacked, application: Application
) -> None:
    """A refresh keeps level and time of the log-in; a longer session than the policy's is had by no grant."""
    tokens = attacked.tokens(application, attacked.someone(), scope="openid")
    attacked.clock.advance(seconds=attacked_life(attacked))
    assert refresh(attacked.browser(), application, tokens["refresh_token"]).status_code == 400


def attacked_life(attacked: Attacked) -> int:
    """How long a session lasts at most, and with it what has no offline access."""
    return 10 * 3600


@pytest.mark.parametrize(
    "grant",
    [
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:openid:params:grant-type:ciba",
    ],
)
def test_dex_ghsa_7qjx_gp9h_65qj_a_grant_nobody_opened_gives_nothing(
    attacked: Attacked, application: Application, grant: str
) -> None:
    token = attacked.tokens(application, attacked.someone())["access_token"]
    form = {
        "grant_type": grant,
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    answer = ask_token(attacked.browser(), application, {**form, "username": "x", "password": "y", "assertion": token})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_keycloak_cve_2026_7571_what_an_application_may_is_never_read_from_the_browser(
    attacked: Attacked, application: Application
) -> None:
    """A request that claims another name, kind or level for its application changes nothing."""
    lies = {"client_name": "Bộ Nội vụ", "own": "true", "acr": "urn:hopnhat:passkey", "amr": "mfa", "sub": "x"}
    answer = attacked.browser().get(Attempt(attacked.application(own=False, name="Kẻ lạ")).address(**lies))
    page = attacked.browser().get(answer.headers["location"])
    assert "Bộ Nội vụ" not in page.text.partition("<main")[2].partition('name="next"')[0]
    silent = attacked.browser().get(Attempt(application).address(prompt="none", **lies))
    assert answer_of(silent)["error"] == "login_required"


def test_no_address_carries_a_token(attacked: Attacked, application: Application) -> None:
    """RFC 9700 §4.3.2."""
    token = attacked.tokens(application, attacked.someone())["access_token"]
    assert attacked.browser().get("/userinfo", params={"access_token": token}).status_code == 401
