"""Debian's Chromium, driven by Selenium, with nothing in it that calls home; and axe-core's judgement of a page."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

AXE = Path(__file__).parent / "axe-core" / "axe.min.js"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--force-color-profile=srgb",
    "--window-size=1280,900",
)
PHONE = (360, 740)


@dataclass(frozen=True)
class Violation:
    """One finding of axe-core: its rule, how bad it is, and the elements it points at."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]

    @classmethod
    def read(cls, finding: dict[str, Any]) -> Self:
        """From axe-core's own result."""
        elements = tuple(node["html"] for node in finding["nodes"])
        return cls(finding["id"], finding["impact"] or "", finding["help"], elements)


def open_browser(profile: Path, *, script: bool = True, language: str = "vi") -> webdriver.Chrome:
    """A browser with a fresh profile. Raises RuntimeError when Chromium or its driver is missing."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        raise RuntimeError(
            "Chromium or its driver is missing, and pages nobody looked at are not done: run `make install`."
        )
    options = Options()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--lang={language}"):
        options.add_argument(flag)
    settings: dict[str, object] = {"intl.accept_languages": language}
    if not script:
        settings["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", settings)
    return webdriver.Chrome(options=options, service=Service(driver))


def resize_to_phone(browser: webdriver.Chrome) -> None:
    """A small phone's screen, as the page sees it (a headless window has a least width, device metrics have none)."""
    width, height = PHONE
    metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def resize_to_desktop(browser: webdriver.Chrome) -> None:
    """Back to the window's own size."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def press(browser: webdriver.Chrome, by: str, value: str) -> None:
    """Click what leads to another page, and wait until that page is there. Raises TimeoutException after 20 seconds.

    A driver that is asked in between may still see the old page, or none.
    """

    def is_next(browser: webdriver.Chrome) -> bool:
        return bool(browser.find_element(By.TAG_NAME, "html") != before)

    before = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(by, value).click()
    WebDriverWait(browser, 20, 0.05, (NoSuchElementException, StaleElementReferenceException)).until(is_next)


def find_violations(browser: webdriver.Chrome) -> list[Violation]:
    """What axe-core (WCAG 2.2 A and AA, best practices) finds on the page that is open; best: an empty list.

    The page is judged once its style sheets are in. The script enters through the driver, so the page's own content security policy
    stays in force for everything else.
    """
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    result = browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "const there = document.readyState === 'complete'"
        " ? Promise.resolve() : new Promise(loaded => addEventListener('load', loaded));"
        "there.then(() => axe.run(document, {resultTypes: ['violations']})).then(done, error => done({error: String(error)}));"
    )
    if "error" in result:
        raise RuntimeError(f"axe-core failed: {result['error']}")
    return [Violation.read(finding) for finding in result["violations"]]
