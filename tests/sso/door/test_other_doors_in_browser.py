"""The pages of the other ways in as people see them: axe-core finds nothing, in both languages, on a desk, on a phone in the dark."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from foundation.runtime import open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.certificates.settings import ClientCertificateSection
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.registration.outside import Picture
from sso.registration.register import keep_picture
from sso.settings import SsoSection
from sso.upstream.settings import UpstreamSection
from tests.services.browser import find_violations, press, resize_to_desktop, resize_to_phone
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.flow import Application, Attempt
from tests.sso.people import PASSWORD, official

pytestmark = [pytest.mark.browser]
FILE = (
    '[[provider]]\nname = "{name}"\ntitle = "{title}"\nissuer = "{issuer}"\nclient_id = "x"\nsecret_file = "{secret}"\n'
)
CALLBACK = "https://sotay.example.vn/callback"
SCOPES = ("openid", "profile", "email", "unit")
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PAGES = {
    "login": "/login",
    "login-refused": "/login?certificate=refused&upstream=refused",
    "choose": "/choose",
    "upstream": "/me/upstream?refused=yes",
    "me": "/me",
    "password": "/password",
    "again": "/login",
}


@pytest.fixture
def database_engine() -> str:
    """One database: how a page looks does not depend on it."""
    return "sqlite"


@dataclass(frozen=True)
class House:
    """The provider on a real port; it is its own neighbour, so that its documents can be had."""

    issuer: str


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    """One person in it, every other way in switched on."""
    issuer = f"http://localhost:{free_port()}"
    (tmp_path / "secret").write_text("x")
    file = FILE.format(name="tinh-ban", title="UBND tỉnh Đồng Tháp", issuer=issuer, secret=tmp_path / "secret")
    (tmp_path / "upstream.toml").write_text(file)
    written = {
        "database": database_url,
        "data": str(tmp_path / "data"),
        "issuer": issuer,
        "title": "UBND tỉnh Vĩnh Long",
        "sso": {"laboratory_hosts": ["localhost"]},
        "client_certificate": {"header": "Client-Cert", "own_authority": True},
        "upstream": {"file": str(tmp_path / "upstream.toml")},
    }
    runtime = open_runtime(build_settings(written, [SsoSection, ClientCertificateSection, UpstreamSection]))
    official(runtime)
    stranger = NewClient(name="Sổ tay", client_id="so-tay", redirect_uris=(CALLBACK,), scopes=SCOPES, own=False)
    with runtime.database.write() as writes:
        add_client(writes, stranger, "test", runtime.clocks.wall())
        keep_picture(writes, "so-tay", Picture(DOT, "image/png"))
    with serve(build_app(runtime, [build_router(runtime)]), int(issuer.rpartition(":")[2])):
        yield House(issuer)
    runtime.close()


def look(browser: Chrome, folder: Path, name: str) -> None:
    """Judge the page that is open: wide and light; on a phone, in the dark and with letters half as large again."""
    resize_to_desktop(browser)
    assert find_violations(browser) == [], f"{name}, wide"
    browser.save_screenshot(str(folder / f"{name}-wide.png"))
    resize_to_phone(browser)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    browser.execute_script("document.documentElement.style.fontSize = '150%'")
    assert find_violations(browser) == [], f"{name}, phone"
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth"), name
    browser.save_screenshot(str(folder / f"{name}-phone.png"))
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    resize_to_desktop(browser)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing_on_the_other_ways_in(house: House, browser: Chrome, tmp_path: Path, language: str) -> None:
    browser.get(f"{house.issuer}/language?to={language}&back=/login")
    for name in ("login", "login-refused"):
        browser.get(house.issuer + PAGES[name])
        look(browser, tmp_path, f"{name}-{language}")
    browser.find_element(By.ID, "login").send_keys("hoa.lt")
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    press(browser, By.CSS_SELECTOR, "button.main")
    for name in ("choose", "upstream", "me", "password", "again"):
        browser.get(house.issuer + PAGES[name])
        assert browser.current_url == house.issuer + PAGES[name]
        assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
        look(browser, tmp_path, f"{name}-{language}")
    browser.get(house.issuer + Attempt(Application("so-tay", None, CALLBACK)).address())
    assert browser.find_element(By.ID, "accept").is_displayed()
    assert browser.execute_script("return document.querySelector('img[src$=\"/so-tay/logo\"]').naturalWidth") == 1
    look(browser, tmp_path, f"consent-{language}")
    browser.get(f"{house.issuer}/device")
    assert browser.find_element(By.ID, "user_code").is_displayed()
    look(browser, tmp_path, f"device-{language}")
