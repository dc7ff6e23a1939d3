"""The pages in Chromium: nothing for axe-core to find, on a desk and on a phone, in both languages; and all of it without script."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

import signing.app
import sso.app
from foundation.database import Database
from foundation.handling import drain
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from provisioning.own_clients import keep_own_clients
from signing.jobs import HANDLERS
from tests.services.browser import find_violations, press, resize_to_desktop, resize_to_phone
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.signing.world import PASSWORD, Merged, Token, World

pytestmark = pytest.mark.browser


@pytest.fixture
def database_engine() -> str:
    """One database: how a page looks does not depend on it, and the long stories in tests/flows see both."""
    return "sqlite"


@dataclass
class Desk:
    """The served rooms on the real clock, with a dossier that waits."""

    runtime: Runtime
    origin: str
    merged: Merged
    dossier: int

    def log_in(self, browser: Chrome, place: str, login: str) -> None:
        """Open a page as somebody."""
        browser.get(self.origin + place)
        if browser.find_elements(By.ID, "login"):
            browser.find_element(By.ID, "login").send_keys(login)
            browser.find_element(By.ID, "password").send_keys(PASSWORD)
            press_main(browser)


def press_main(browser: Chrome) -> None:
    """The main button of the page."""
    press(browser, By.CSS_SELECTOR, "main button.main, main a.main")


@pytest.fixture
def desk(database_url: str, database: Database, tmp_path: Path) -> Iterator[Desk]:
    origin = f"http://127.0.0.1:{free_port()}"
    settings = build_settings({"database": database_url, "data": str(tmp_path / "data"), "issuer": origin})
    runtime = replace(open_runtime(settings), database=database)
    with runtime.database.write() as writes:
        keep_own_clients(runtime, writes, runtime.clocks.wall())
    merged = Merged(World(runtime))
    with httpx.Client(trust_env=False) as http:
        app = build_app(runtime, [sso.app.build_router(runtime), signing.app.build_router(runtime, http)])
        with serve(app, int(origin.rpartition(":")[2])):
            yield Desk(runtime, origin, merged, merged.propose())


def test_axe_finds_nothing(desk: Desk, browser: Chrome) -> None:
    request = desk.merged.request_of(desk.dossier, desk.merged.official)
    desk.log_in(browser, "/signing/", "hoa.lt")
    dossier = f"/signing/dossiers/{desk.dossier}"
    places = ["/signing/", dossier, f"{dossier}/approve", f"{dossier}/refuse", f"/signing/requests/{request}/choice"]
    assert examine(desk, browser, places) == []
    browser.get(f"{desk.origin}{dossier}/approve")
    press_main(browser)
    drain(desk.runtime, HANDLERS)
    browser.delete_all_cookies()
    desk.log_in(browser, "/signing/certificate", "an.nv")
    old = f"/signing/certificates/{desk.merged.old.sha256}"
    places = ["/signing/certificate", f"/signing/requests/{request}/key", old, f"{old}/lost"]
    assert examine(desk, browser, places) == []


def examine(desk: Desk, browser: Chrome, places: list[str]) -> list[str]:
    """What axe-core finds on these pages, on a phone in Vietnamese and on a desk in English; and pages wider than the phone."""
    found = []
    for language, resize in (("vi", resize_to_phone), ("en", resize_to_desktop)):
        resize(browser)
        for place in places:
            browser.get(f"{desk.origin}/language?to={language}&back={place}")
            assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
            assert place in browser.current_url
            found += [
                f"{language} {place}: {violation.rule} {violation.elements}" for violation in find_violations(browser)
            ]
            if browser.execute_script("return document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{language} {place}: wider than the screen")
    return found


def test_the_whole_way_needs_no_script(desk: Desk, browser_without_script: Chrome, tmp_path: Path) -> None:
    browser = browser_without_script
    desk.log_in(browser, "/signing/", "hoa.lt")
    press(browser, By.CSS_SELECTOR, f'a[href="/signing/dossiers/{desk.dossier}"]')
    press_main(browser)
    assert re.search(r"/signing/dossiers/\d+/approve", browser.current_url)
    press_main(browser)
    drain(desk.runtime, HANDLERS)
    browser.delete_all_cookies()
    desk.log_in(browser, "/signing/certificate", "an.nv")
    press_main(browser)
    csr = tmp_path / "an.csr"
    csr.write_bytes(Token().make_csr())
    browser.find_element(By.ID, "file").send_keys(str(csr))
    press_main(browser)
    assert "Nguyễn Văn An" in browser.find_element(By.TAG_NAME, "h1").text
    assert "/signing/certificates/" in browser.current_url
