"""Pages: text of strangers is only text, wherever it comes from; no script but ours; no picture that is a program."""

import json

import httpx
import pytest

from sso.registration.outside import recognise
from tests.sso.door.test_login import try_login
from tests.sso.flow import Application, Attempt, form_of
from tests.sso.incidents.conftest import BACK, Attacked

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def is_harmless(page: httpx.Response) -> bool:
    """Whether nothing of a stranger became markup, and the policy lets none run."""
    policy = page.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "script-src" in policy or "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "object-src 'none'" in policy or "default-src 'none'" in policy
    return "<script>alert" not in page.text and "<img src=x" not in page.text


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("login_hint", id="openbao CVE-2026-33758"),
        pytest.param("state", id="keycloak CVE-2023-6134"),
        pytest.param("ui_locales", id="zitadel CVE-2026-29191"),
        pytest.param("error_description", id="hydra GO-2026-4861"),
        pytest.param("error_hint", id="hydra GO-2026-4861 hint"),
    ],
)
def test_text_of_a_request_is_never_markup(attacked: Attacked, application: Application, name: str) -> None:
    sent = attacked.browser().get(Attempt(application).address(**{name: SCRIPT}))
    for address in (
        sent.headers["location"],
        f"/login?{name}=" + "%3Cscript%3Ealert(1)%3C/script%3E",
        "/logout?state=" + SCRIPT,
    ):
        assert is_harmless(attacked.browser().get(address))


def test_keycloak_cve_2023_6134_a_form_that_posts_itself_carries_text_alone(
    attacked: Attacked, application: Application
) -> None:
    page = attacked.browser().get(Attempt(application, state=SCRIPT).address(response_mode="form_post", prompt="none"))
    assert "form" in page.text
    assert is_harmless(page)
    assert form_of(page)["error"] == "login_required"


def test_keycloak_cve_2026_37980_and_kanidm_1_10_names_of_people_and_applications_are_only_text(
    attacked: Attacked,
) -> None:
    stranger = attacked.application(name=SCRIPT, own=False)
    who = attacked.someone(name=SCRIPT, unit=SCRIPT)
    browser = attacked.browser()
    sent = browser.get(Attempt(stranger).address())
    assert is_harmless(browser.get(sent.headers["location"]))
    assert try_login(browser, who.login) == 303
    asked = browser.get(Attempt(stranger).address()).headers["location"]
    assert asked.startswith("/consent?")
    assert is_harmless(browser.get(asked))
    assert is_harmless(browser.get("/me"))


@pytest.mark.parametrize(
    "uri", ["JaVaScRiPt:alert(1)", "javascript://a.example/%0aalert(1)", "data:text/html,x", "vbscript:x"]
)
@pytest.mark.parametrize(
    "member", ["redirect_uris", "policy_uri", "tos_uri", "client_uri", "logo_uri", "initiate_login_uri"]
)
def test_keycloak_cve_2026_9086_no_address_of_an_application_is_a_script(
    attacked: Attacked, member: str, uri: str
) -> None:
    """In any case variant; authentik CVE-2024-21637, CVE-2026-42849."""
    body: dict[str, object] = {"redirect_uris": [BACK], "application_type": "native"}
    body[member] = [uri] if member == "redirect_uris" else uri
    assert attacked.browser().post("/register", content=json.dumps(body)).status_code == 400


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<html>",
        b"RIFF<svg/>",
    ],
)
def test_canaille_0_3_7_a_renamed_picture_with_a_program_in_it_is_no_picture(content: bytes) -> None:
    assert recognise(content) is None
