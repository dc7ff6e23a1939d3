"""The pages of the factors as people see them: axe-core finds nothing, nothing is wider than a phone, an app is set up by hand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from passlib.totp import TOTP
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from foundation.clocks import Clocks
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.factors.models import Authenticator, FactorReview, Passkey
from sso.models import BrowserSession
from tests.services.browser import find_violations, press, resize_to_desktop, resize_to_phone
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.people import PASSWORD, official

pytestmark = [pytest.mark.browser]


@pytest.fixture
def database_engine() -> str:
    """One database: how a page looks does not depend on it, and the long stories in tests/flows see both."""
    return "sqlite"


@dataclass(frozen=True)
class House:
    """The provider on a real port."""

    runtime: Runtime
    issuer: str


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """One person in it, on the real clock."""
    issuer = f"http://localhost:{free_port()}"
    wanted = {
        "database": database_url,
        "data": str(tmp_path / "data"),
        "issuer": issuer,
        "title": "UBND tỉnh Vĩnh Long",
    }
    runtime = open_runtime(build_settings(wanted))
    official(runtime)
    with serve(build_app(runtime, [build_router(runtime)]), int(issuer.rpartition(":")[2])):
        yield House(runtime, issuer)
    runtime.close()


def look(browser: Chrome, folder: Path, name: str) -> None:
    """Judge the page that is open, wide and on a phone, light and dark; keep a picture of each."""
    for size, resize in (("wide", resize_to_desktop), ("phone", resize_to_phone)):
        resize(browser)
        for scheme in ("light", "dark"):
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            assert find_violations(browser) == [], f"{name}, {size}, {scheme}"
            assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"), name
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.save_screenshot(str(folder / f"{name}-{size}.png"))
    resize_to_desktop(browser)


def come_in(browser: Chrome, house: House, page: str = "/me") -> None:
    """Log in with the password."""
    browser.get(f"{house.issuer}/login?next={page}")
    browser.find_element(By.ID, "login").send_keys("hoa.lt")
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    press(browser, By.CSS_SELECTOR, "button.main")


def code_of(secret: str) -> str:
    """What the app shows now."""
    return str(TOTP(secret).generate(time=Clocks().wall()).token)


def test_a_clerk_sets_an_app_up_and_comes_in_with_it(house: House, browser: Chrome, tmp_path: Path) -> None:
    come_in(browser, house, "/me/authenticator")
    look(browser, tmp_path, "authenticator")
    secret = re.sub(r"\s", "", browser.find_element(By.ID, "secret").get_attribute("textContent") or "")
    browser.find_element(By.ID, "otp").send_keys("000000")
    press(browser, By.CSS_SELECTOR, "button.main")
    look(browser, tmp_path, "authenticator-wrong")
    browser.find_element(By.ID, "otp").send_keys(code_of(secret))
    press(browser, By.CSS_SELECTOR, "button.main")
    look(browser, tmp_path, "codes")
    code = browser.find_elements(By.CSS_SELECTOR, "#codes li")[0].text
    press(browser, By.ID, "go-on")
    browser.delete_all_cookies()
    come_in(browser, house)
    look(browser, tmp_path, "second-factor")
    browser.find_element(By.ID, "otp").send_keys(code.lower())
    press(browser, By.CSS_SELECTOR, "button.main")
    assert browser.current_url == f"{house.issuer}/me"
    # As after a reset: she is shown what she has, and keeps it.
    with house.runtime.database.write() as writes:
        account = writes.execute(sa.select(Authenticator.account_id)).scalar_one()
        writes.add(FactorReview(account_id=account, since=house.runtime.clocks.wall() - timedelta(hours=1)))
    browser.get(f"{house.issuer}/me")
    browser.find_element(By.CSS_SELECTOR, "#reviewing a").click()
    for language in ("en", "vi"):
        browser.get(f"{house.issuer}/language?to={language}&back=/me/review")
        look(browser, tmp_path, f"review-{language}")
    press(browser, By.CSS_SELECTOR, "button.main")
    assert browser.current_url == f"{house.issuer}/me"
    assert not browser.find_elements(By.ID, "reviewing")


@contextmanager
def key_store(browser: Chrome, *, verifies: bool = True) -> Iterator[str]:
    """A phone's key store in Chromium; gives its id."""
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    browser.execute_cdp_cmd("WebAuthn.enable", {})
    made = str(browser.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])
    try:
        yield made
    finally:
        browser.execute_cdp_cmd("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made})


@pytest.fixture
def store(browser: Chrome) -> Iterator[str]:
    """One that checks its owner."""
    with key_store(browser) as made:
        yield made


def answer_passkey(browser: Chrome, form: str) -> None:
    """Press the button and wait for the page that follows."""
    press(browser, By.CSS_SELECTOR, f"#{form} button")


def test_a_clerk_comes_in_with_a_passkey_alone_and_takes_it_away_again(
    house: House, browser: Chrome, store: str, tmp_path: Path
) -> None:
    come_in(browser, house, "/me/passkeys")
    browser.find_element(By.ID, "name").send_keys("điện thoại")
    answer_passkey(browser, "passkey-create")
    look(browser, tmp_path, "passkeys")
    assert browser.find_elements(By.TAG_NAME, "h2")[0].text == "điện thoại"
    browser.delete_all_cookies()
    browser.get(f"{house.issuer}/login")
    look(browser, tmp_path, "login")
    answer_passkey(browser, "passkey-get")
    assert browser.current_url == f"{house.issuer}/me"
    with house.runtime.database.read() as reads:
        session = reads.execute(sa.select(BrowserSession).order_by(BrowserSession.auth_time.desc())).scalars().first()
        assert session is not None
        assert (session.acr, session.amr) == ("urn:hopnhat:passkey", "hwk user mfa")
    browser.delete_all_cookies()
    come_in(browser, house)
    assert "/second-factor" in browser.current_url
    look(browser, tmp_path, "second-factor-passkey")
    answer_passkey(browser, "passkey-get")
    assert browser.current_url == f"{house.issuer}/me"
    (credential,) = browser.execute_cdp_cmd("WebAuthn.getCredentials", {"authenticatorId": store})["credentials"]
    with house.runtime.database.write() as writes:
        writes.execute(sa.update(Passkey).values(sign_count=credential["signCount"] + 5))
    browser.delete_all_cookies()
    browser.get(f"{house.issuer}/login")
    answer_passkey(browser, "passkey-get")
    assert "/login/passkey" in browser.current_url, "a counter that went back is a key that was copied"
    look(browser, tmp_path, "login-refused")
    with house.runtime.database.write() as writes:
        writes.execute(sa.update(Passkey).values(sign_count=0))
    browser.get(f"{house.issuer}/login")
    answer_passkey(browser, "passkey-get")
    browser.get(f"{house.issuer}/me/passkeys")
    press(browser, By.CSS_SELECTOR, "button[name=remove]")
    assert browser.find_elements(By.CSS_SELECTOR, "button[name=remove]") == []


def test_a_store_that_did_not_check_its_owner_gives_no_key(house: House, browser: Chrome) -> None:
    with key_store(browser, verifies=False):
        come_in(browser, house, "/me/passkeys")
        browser.find_element(By.CSS_SELECTOR, "#passkey-create button").click()
        WebDriverWait(browser, 20).until(lambda one: one.find_element(By.CSS_SELECTOR, "[data-note]").is_displayed())
    with house.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(Passkey)).scalar_one() == 0


def test_my_account_and_recovery_are_sound(house: House, browser: Chrome, tmp_path: Path) -> None:
    come_in(browser, house)
    for details in browser.find_elements(By.CSS_SELECTOR, "details > summary"):
        details.click()
    look(browser, tmp_path, "me")
    browser.get(f"{house.issuer}/recover")
    look(browser, tmp_path, "recover")
    browser.find_element(By.ID, "login").send_keys("hoa.lt")
    press(browser, By.ID, "by-code")
    look(browser, tmp_path, "recover-code")
    browser.get(f"{house.issuer}/recover?login=hoa.lt")
    press(browser, By.ID, "ask")
    look(browser, tmp_path, "recover-asked")
