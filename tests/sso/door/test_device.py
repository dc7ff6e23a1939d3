"""The pages of the device grant and of a log-out in frames, in a real browser: on a phone, read aloud, without script."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import DEVICE_GRANT, NewClient
from tests.services.browser import find_violations, press, resize_to_phone
from tests.services.databases import Databases
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.people import PASSWORD, official

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Desk:
    """The provider on a real port, with a device's client."""

    runtime: Runtime
    issuer: str

    def ask(self) -> dict[str, str]:
        """Codes for a device."""
        form = {"client_id": "may-quet", "scope": "openid profile"}
        return dict(httpx.post(f"{self.issuer}/device_authorization", data=form).json())

    def poll(self, code: str) -> httpx.Response:
        """The device asks."""
        form = {"client_id": "may-quet", "grant_type": DEVICE_GRANT, "device_code": code}
        return httpx.post(f"{self.issuer}/token", data=form)


@pytest.fixture
def desk(tmp_path: Path, databases: Databases) -> Iterator[Desk]:
    """See the class; on SQLite, the pages know of no database."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    with databases.make("sqlite", tmp_path) as url:
        database = Database(url)
        runtime = open_runtime(build_settings({"database": url, "data": str(tmp_path / "data"), "issuer": issuer}))
        official(runtime)
        new = NewClient(name="Máy quét", client_id="may-quet", kind="public", grant_types=(DEVICE_GRANT,))
        with runtime.database.write() as writes:
            add_client(writes, new, "test", runtime.clocks.wall())
        with serve(build_app(runtime, [build_router(runtime)]), port):
            yield Desk(runtime, issuer)
        runtime.close()
        database.close()


def allow(browser: Chrome, desk: Desk, codes: dict[str, str]) -> None:
    """Log in on the way, type nothing, look, allow; every page is fit for everybody."""
    browser.get(codes["verification_uri_complete"])
    browser.find_element(By.NAME, "login").send_keys("hoa.lt")
    browser.find_element(By.NAME, "password").send_keys(PASSWORD)
    press(browser, By.CSS_SELECTOR, "button.main")
    assert browser.find_element(By.NAME, "user_code").get_attribute("value") == codes["user_code"]


def test_a_person_allows_a_device_on_their_phone(browser: Chrome, desk: Desk) -> None:
    resize_to_phone(browser)
    codes = desk.ask()
    allow(browser, desk, codes)
    assert find_violations(browser) == []
    press(browser, By.CSS_SELECTOR, "main button.main")
    assert codes["user_code"] in browser.find_element(By.TAG_NAME, "main").text
    assert find_violations(browser) == []
    press(browser, By.ID, "accept")
    assert browser.find_element(By.ID, "device-done").is_displayed()
    assert find_violations(browser) == []
    assert "access_token" in desk.poll(codes["device_code"]).json()


def test_the_same_without_script(browser_without_script: Chrome, desk: Desk) -> None:
    codes = desk.ask()
    allow(browser_without_script, desk, codes)
    press(browser_without_script, By.CSS_SELECTOR, "main button.main")
    press(browser_without_script, By.ID, "refuse")
    assert desk.poll(codes["device_code"]).json()["error"] == "access_denied"
