"""The verification pages in a real browser, on a desktop and on a phone, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from foundation.runtime import open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from signing.settings import VerificationSection
from signing.verification.pages import build_verification_router
from signing.verification.sandbox import Sandbox
from tests.services.browser import find_violations, press, resize_to_phone
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.signing.verification.conftest import VECTORS

pytestmark = pytest.mark.browser


@pytest.fixture
def database_engine() -> str:
    """One database: how a page looks does not depend on it, and the long stories in tests/flows see both."""
    return "sqlite"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, shared_sandbox: Sandbox) -> Iterator[str]:
    """The pages of an installation that trusts the vectors' root and knows nobody."""
    folder, port = tmp_path_factory.mktemp("pages"), free_port()
    settings = build_settings(
        {
            "database": f"sqlite:///{folder / 'register.sqlite'}",
            "data": str(folder / "data"),
            "issuer": f"http://127.0.0.1:{port}",
            "verification": {"trust": [str(VECTORS / "pki" / "root.pem")]},
        },
        [VerificationSection],
    )
    runtime = open_runtime(settings)
    with serve(build_app(runtime, [build_verification_router(runtime, shared_sandbox)]), port):
        yield settings.issuer
    runtime.close()


def check(browser: Chrome, address: str, document: Path) -> None:
    browser.get(f"{address}/signing/verify")
    browser.find_element(By.ID, "file").send_keys(str(document))
    press(browser, By.CSS_SELECTOR, "button.main")


@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("name", "verdict"), [("leader-then-seal", "valid"), ("annotated", "invalid"), ("b", "undetermined")]
)
def test_a_report_is_read_by_everybody(browser: Chrome, address: str, name: str, verdict: str, on_phone: bool) -> None:
    if on_phone:
        resize_to_phone(browser)
    check(browser, address, VECTORS / "documents" / f"{name}.pdf")
    assert browser.find_element(By.TAG_NAME, "main").get_attribute("data-verdict") == verdict
    assert find_violations(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_form_is_read_by_everybody(browser: Chrome, address: str, language: str) -> None:
    browser.get(f"{address}/signing/verify?ui_locales={language}")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    assert find_violations(browser) == []


def test_the_page_works_without_scripts(browser_without_script: Chrome, address: str) -> None:
    check(browser_without_script, address, VECTORS / "documents" / "lt.pdf")
    assert browser_without_script.find_element(By.TAG_NAME, "h1").text == "HỢP LỆ"
