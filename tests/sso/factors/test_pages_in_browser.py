"""The pages of the factors as people see them: axe-core finds nothing, nothing is wider than a phone, an app is set up by hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from passlib.totp import TOTP
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from foundation.clocks import Clocks
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from tests.services.browser import find_violations, press, resize_to_desktop, resize_to_phone
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.people import PASSWORD, official

pytestmark = [pytest.mark.browser]


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
