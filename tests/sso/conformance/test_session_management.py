"""`oidcc-session-management-certification-test-plan`: the application's frame asks ours, in a real browser."""

import json
from dataclasses import replace

import pytest
from selenium.webdriver import Chrome

from foundation.database import Database
from foundation.runtime import open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.session_state import write_state
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.examined import Examined
from tests.sso.relying_party import AFTER_LOGOUT, RelyingParty

LISTEN = """
const [message, done] = arguments;
const heard = event => {
  if (["changed", "unchanged", "error"].includes(event.data)) { removeEventListener("message", heard); done(event.data); }
};
addEventListener("message", heard);
window.postMessage(message, "*");
"""


def test_oidcc_session_management_discovery_endpoint_verification(op: Examined) -> None:
    document = op.browser().get("/.well-known/openid-configuration").json()
    assert document["check_session_iframe"].startswith("https://")


def test_oidcc_session_management_rp_initiated_logout(op: Examined) -> None:
    """The value the browser keeps says the same as the answer, and is gone with the session."""
    party = RelyingParty.register(op, post_logout_redirect_uris=[AFTER_LOGOUT])
    answer = party.authorize()
    token = party.redeem(answer["code"]).json()["id_token"]
    kept = party.browser.cookies["__Host-session_state"]
    _hash, salt = answer["session_state"].split(".")
    assert answer["session_state"] == write_state(party.client_id, "https://localhost:8443", kept, salt)
    party.browser.get("/logout", params={"id_token_hint": token, "post_logout_redirect_uri": AFTER_LOGOUT})
    assert "__Host-session_state" not in party.browser.cookies


def test_the_frame_may_be_shown_anywhere_and_shows_nothing(op: Examined) -> None:
    page = op.browser().get("/session/check")
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    assert "<form" not in page.text


@pytest.mark.parametrize(
    "state, said",
    [("abc123", "unchanged"), ("other", "changed"), ("", "changed")],
    ids=["same", "another", "logged out"],
)
def test_the_script_does_the_same_sum(
    browser: Chrome, database_url: str, tmp_path_factory: pytest.TempPathFactory, state: str, said: str
) -> None:
    port = free_port()
    origin = f"http://localhost:{port}"
    settings = build_settings(
        {"database": database_url, "data": str(tmp_path_factory.mktemp("check")), "issuer": origin}, [SsoSection]
    )
    database = Database(database_url)
    runtime = replace(open_runtime(settings, MovableClock().clocks), database=database)
    with serve(build_app(runtime, [build_router(runtime)]), port):
        browser.get(f"{origin}/session/check")
        browser.execute_script("document.cookie = arguments[0]", f"session_state={state}")
        asked = f"van-ban {write_state('van-ban', origin, 'abc123')}"
        verdicts = [browser.execute_async_script(LISTEN, message) for message in (asked, "nonsense")]
    database.close()
    assert verdicts == [said, "error"], json.dumps(verdicts)
