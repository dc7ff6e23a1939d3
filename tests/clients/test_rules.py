"""The thirteen rules that real clients taught: docs/applications.md names the test that keeps each; here stand those no room's own
tests keep already.
"""

import ast
import re
from dataclasses import replace

import pytest

from foundation.database import Database
from foundation.handling import work_once
from foundation.runtime import open_runtime
from foundation.settings import Settings, SettingsRefused, build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import change_client
from sso.logouts import HANDLERS
from sso.settings import SsoSection
from tests.house.source import HOUSE
from tests.services.clock import MovableClock
from tests.services.inside import Inside
from tests.sso.conftest import Door, door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, answer_of, ask_token, form_of, get_code, redeem
from tests.sso.people import PASSWORD, official
from tests.sso.test_logouts import Listener, listener, log_out, logged_in

__all__ = ["door", "listener"]
PAGE = (HOUSE / "docs" / "applications.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \|.*$", PAGE, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`(tests/[^`]+\.py)(?:::([a-z0-9_]+))?`", PAGE)))


def test_the_page_has_all_thirteen() -> None:
    assert [str(number) for number in range(1, 14)] == ROWS
    assert len(NAMED) > 13


@pytest.mark.parametrize(
    "row", [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)], ids=lambda row: row[2:4]
)
def test_every_rule_names_a_test(row: str) -> None:
    assert "`tests/" in row


@pytest.mark.parametrize("file, name", NAMED, ids=str)
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    tree = ast.parse((HOUSE / file).read_text(encoding="utf-8"))
    tests = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert tests
    assert not name or name in tests


def test_an_issuer_with_a_slash_at_its_end_is_refused() -> None:
    """Rule 2: metadata, `iss` and answers hold the one string of the settings."""
    with pytest.raises(SettingsRefused):
        build_settings({"issuer": "https://id.vinhlong.gov.vn/"})


def test_the_query_of_a_log_out_address_is_kept(door: Door, listener: Listener) -> None:
    """Rule 8: `…?logout=backchannel` is how Apache knows what is posted."""
    official(door.runtime)
    with door.runtime.database.write() as writes:
        changes = {"backchannel_logout_uri": f"{listener.address}?logout=backchannel&x=1"}
        change_client(writes, "van-ban", changes, "test", door.runtime.clocks.wall())
    browser, _identity = logged_in(door)
    log_out(browser)
    work_once(door.runtime, HANDLERS)
    assert listener.paths == ["/called?logout=backchannel&x=1"]


def test_silent_renewal_is_a_redirect_that_a_frame_may_follow(door: Door) -> None:
    """Rule 10: with a session and without; an answer, never a page, and nothing that keeps it from a frame."""
    official(door.runtime)
    browser = door.browser()
    address = Attempt(door.application).address(prompt="none")
    silent = browser.get(address)
    assert answer_of(silent)["error"] == "login_required"
    assert "x-frame-options" not in silent.headers
    try_login(browser, "hoa.lt")
    answered = browser.get(address)
    assert "code" in answer_of(answered)
    assert "x-frame-options" not in answered.headers


@pytest.mark.parametrize(("told", "site"), [(True, "none"), (False, "lax")])
def test_a_session_is_told_to_frames_of_other_sites_where_the_settings_say_so(
    settings: Settings, database: Database, clock: MovableClock, told: bool, site: str
) -> None:
    """Rule 10: SameSite decides, and only under https."""
    https = "https://id.vinhlong.gov.vn"
    written = {"database": settings.database, "data": str(settings.data), "issuer": https}
    section = {"sso": {"frames_of_other_sites": told}}
    runtime = replace(
        open_runtime(build_settings({**written, **section}, [SsoSection]), clock.clocks), database=database
    )
    official(runtime)
    browser = Inside.of(build_app(runtime, [build_router(runtime)]), https)
    page = browser.get("/login?next=%2Fme")
    answer = browser.post("/login", data={**form_of(page), "login": "hoa.lt", "password": PASSWORD})
    (session,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-session=")]
    assert f"samesite={site}" in session.lower()
    assert "secure" in session.lower()


def test_dovecots_empty_parameters_are_none(door: Door) -> None:
    """Rule 11: the very body that was captured: `token=…&client_id=&client_secret=` with Basic from the address."""
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    token = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD)).json()["access_token"]
    form = {"token": token, "client_id": "", "client_secret": ""}
    told = ask_token(browser, door.application, form, "/introspect").json()
    assert (told["active"], told["username"]) == (True, "hoa.lt")


def test_the_device_page_has_its_input_and_button_in_one_form(door: Door) -> None:
    """Rule 13: programs fill it in."""
    official(door.runtime)
    browser = door.browser()
    try_login(browser, "hoa.lt")
    page = browser.get("/device").text
    form = page[page.index('<form method="post" action="/device">') :].partition("</form>")[0]
    assert 'name="user_code"' in form
    assert 'type="submit"' in form
