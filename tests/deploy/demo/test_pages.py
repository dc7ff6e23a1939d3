"""The document system's pages in a real browser, from its own process: what people see, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.deploy.demo.conftest import DOCUMENTS
from tests.deploy.demo.standing import Standing, stand_document_system
from tests.services.browser import find_violations, press, resize_to_phone

pytestmark = pytest.mark.browser

PAGES = ("/", "/documents", "/units?code=H59.31.21", "/units?code=H99", "/verify", "/logged-out", "/nowhere")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = tmp_path_factory.mktemp("documents")
    books = folder / "documents.csv"
    books.write_text(DOCUMENTS, encoding="utf-8")
    with stand_document_system(folder / "data", books) as found:
        found.provider.merged = True
        yield found


@pytest.fixture
def signed_in(standing: Standing, browser: Chrome) -> Standing:
    browser.get(f"{standing.address}/")
    press(browser, By.ID, "log-in")
    return standing


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_any_page(signed_in: Standing, browser: Chrome, path: str, on_phone: bool) -> None:
    if on_phone:
        resize_to_phone(browser)
    browser.get(f"{signed_in.address}{path}")
    assert find_violations(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


def test_a_person_sees_the_new_unit_and_logs_out(signed_in: Standing, browser: Chrome) -> None:
    assert "Từ 01/07/2025 đơn vị của bạn là Phường Trà Vinh" in browser.find_element(By.ID, "new-unit").text
    press(browser, By.ID, "log-out")
    assert browser.find_element(By.TAG_NAME, "h1").text == "Bạn đã đăng xuất"


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_in_the_dark(signed_in: Standing, browser: Chrome, path: str) -> None:
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    browser.get(f"{signed_in.address}{path}")
    violations = find_violations(browser)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert violations == []


def test_a_signed_file_is_sent_in_and_judged(signed_in: Standing, browser: Chrome, tmp_path: Path) -> None:
    letter = tmp_path / "cong-van.pdf"
    letter.write_bytes(b"%PDF-1.7")
    browser.get(f"{signed_in.address}/verify")
    browser.find_element(By.ID, "file").send_keys(str(letter))
    press(browser, By.CSS_SELECTOR, "main button.main")
    assert browser.find_element(By.TAG_NAME, "h1").text == "Chữ ký hợp lệ"
    assert find_violations(browser) == []


def test_without_log_in_the_first_page_is_sound(standing: Standing, browser: Chrome) -> None:
    browser.get(f"{standing.address}/")
    assert find_violations(browser) == []
    assert browser.find_element(By.ID, "log-in").text == "Đăng nhập bằng tài khoản công vụ"
