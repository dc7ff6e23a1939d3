"""The story of a log-in, in a real browser: a letter, a phone, an application, the morning after the merger, and good-bye."""

import base64
import hashlib
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from directory.models import Post
from foundation.changes import small_change
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from tests.services.browser import find_violations, press, resize_to_phone
from tests.services.databases import Databases
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.people import add_unit, official

pytestmark = [pytest.mark.flow, pytest.mark.browser]

NEW_PASSWORD = "mưa rơi trên mái tôn"


@dataclass
class Desk:
    """The provider and an application that logs people in, both on real ports."""

    runtime: Runtime
    issuer: str
    home: str
    secret: str
    answers: list[dict[str, str]] = field(default_factory=list)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def address(self, **more: str) -> str:
        """Where the application sends the browser."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": "van-ban",
            "redirect_uri": f"{self.home}/callback",
            "scope": "openid profile unit",
            "state": "s",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.issuer}/authorize?{urlencode({**asked, **more})}"

    def claims(self) -> dict[str, Any]:
        """What the application learns with the last code."""
        form = {
            "grant_type": "authorization_code",
            "code": self.answers[-1]["code"],
            "redirect_uri": f"{self.home}/callback",
            "code_verifier": self.verifier,
        }
        tokens = httpx.post(f"{self.issuer}/token", data=form, auth=("van-ban", self.secret)).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        return dict(httpx.get(f"{self.issuer}/userinfo", headers=bearer).json())


def build_application(answers: list[dict[str, str]]) -> FastAPI:
    """An application of two pages that remembers how it was answered."""
    app = FastAPI()

    @app.get("/callback")
    def callback(code: str = "", state: str = "", iss: str = "") -> HTMLResponse:
        answers.append({"code": code, "state": state, "iss": iss})
        return HTMLResponse(
            '<!doctype html><html lang="vi"><title>Văn bản</title><main id="application">Xin chào</main></html>'
        )

    @app.get("/goodbye")
    def goodbye(state: str = "") -> HTMLResponse:
        return HTMLResponse(f'<!doctype html><html lang="vi"><title>x</title><main id="goodbye">{state}</main></html>')

    return app


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Both, on both databases, on the real clock."""
    issuer, home = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    wanted = {
        "database": database_url,
        "data": str(tmp_path / "data"),
        "issuer": issuer,
        "title": "UBND tỉnh Vĩnh Long",
    }
    runtime = open_runtime(build_settings(wanted))
    new = NewClient(
        name="Quản lý văn bản",
        client_id="van-ban",
        redirect_uris=(f"{home}/callback",),
        post_logout_redirect_uris=(f"{home}/goodbye",),
        home_uri=f"{home}/",
    )
    with runtime.database.write() as writes:
        _client, secret = add_client(writes, new, "test", runtime.clocks.wall())
    assert secret is not None
    desk = Desk(runtime, issuer, home, secret)
    ports = [int(address.rpartition(":")[2]) for address in (issuer, home)]
    with serve(build_app(runtime, [build_router(runtime)]), ports[0]), serve(build_application(desk.answers), ports[1]):
        yield desk
    runtime.close()


def fill(browser: Chrome, **values: str) -> None:
    """Type into the fields and press the button that goes on."""
    for name, text in values.items():
        box = browser.find_element(By.ID, name)
        box.clear()
        box.send_keys(text)
    press(browser, By.CSS_SELECTOR, "form button.main")


def move_to_new_unit(runtime: Runtime, person_id: uuid.UUID, unit_id: uuid.UUID) -> None:
    """The merger, as this person sees it: the old post ended a moment ago, the new one began."""
    day = runtime.clocks.wall() - timedelta(seconds=1)
    with runtime.database.write() as writes:
        change = small_change(writes, "test.merger", "test", day)
        new_unit = add_unit(writes, change, "Phường An Hội", "H61.101", since=day)
        old = writes.execute(sa.select(Post).where(Post.person_id == person_id)).scalar_one()
        old.withdrawn_by = change.id
        for unit, begins, ends in ((unit_id, old.valid_from, day), (new_unit, day, None)):
            writes.add(
                Post(
                    post_id=old.post_id if unit == unit_id else uuid.uuid4(),
                    person_id=person_id,
                    unit_id=unit,
                    title=old.title,
                    valid_from=begins,
                    valid_to=ends,
                    change_id=change.id,
                )
            )


def test_from_the_letter_to_the_application_on_a_phone(desk: Desk, browser: Chrome) -> None:
    nam = official(desk.runtime, "Nguyễn Văn Nam", "nam.nv", state="issued", with_password=False, with_code=True)
    resize_to_phone(browser)

    # The letter's QR: one page, and signed in.
    browser.get(f"{desk.issuer}/activate?login=nam.nv")
    assert find_violations(browser) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    fill(browser, code="nope", new_password="ngắn", new_password_again="ngắn")
    assert find_violations(browser) == []
    assert browser.find_element(By.CSS_SELECTOR, "#summary a").get_attribute("href").endswith("#new_password")
    fill(browser, code=(nam.code or "").lower(), new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    assert browser.find_element(By.TAG_NAME, "h1").text == "Nguyễn Văn Nam"
    assert find_violations(browser) == []

    press(browser, By.CSS_SELECTOR, 'a[href="/password"]')
    assert find_violations(browser) == []
    fill(browser, password=NEW_PASSWORD, new_password=NEW_PASSWORD + " mới", new_password_again=NEW_PASSWORD + " mới")
    assert browser.find_element(By.ID, "changed").text
    assert find_violations(browser) == []

    # The application, without another question.
    browser.get(desk.address())
    assert browser.find_element(By.ID, "application").text
    before = desk.claims()
    assert (before["sub"], before["unit_name"]) == (str(nam.person_id), "Xã An Bình")

    # The morning after: the same session, the same sub, another unit.
    move_to_new_unit(desk.runtime, nam.person_id, nam.unit_id)
    browser.get(desk.address(prompt="none"))
    after = desk.claims()
    assert (after["sub"], after["unit_name"]) == (before["sub"], "Phường An Hội")
    assert [unit["name"] for unit in after["former_units"]] == ["Xã An Bình"]
    browser.get(f"{desk.issuer}/me")
    assert "UBND phường An Hội" in browser.find_element(By.ID, "news").text
    assert "UBND xã An Bình" in browser.find_element(By.ID, "news").text
    assert find_violations(browser) == []

    # Good-bye, asked first.
    browser.get(f"{desk.issuer}/logout?client_id=van-ban&state=x&post_logout_redirect_uri={desk.home}/goodbye")
    assert find_violations(browser) == []
    press(browser, By.ID, "confirm-logout")
    assert browser.find_element(By.ID, "goodbye").text == "x"

    # And back, with thumbs and a keyboard that adds marks.
    browser.get(desk.address())
    assert find_violations(browser) == []
    fill(browser, login="Nam.NV ", password="sai rồi")
    assert browser.find_element(By.ID, "summary").text
    assert find_violations(browser) == []
    fill(browser, login="nám.nv", password=NEW_PASSWORD + " mới")
    assert browser.find_element(By.ID, "application").text
    assert desk.claims()["sub"] == str(nam.person_id)


def test_every_step_works_without_script(desk: Desk, browser_without_script: Chrome) -> None:
    browser = browser_without_script
    nam = official(desk.runtime, "Nguyễn Văn Nam", "nam.nv", state="issued", with_password=False, with_code=True)
    browser.get(desk.address())
    assert not browser.find_element(By.CSS_SELECTOR, "button.reveal").is_displayed()
    press(browser, By.CSS_SELECTOR, 'a[href^="/activate"]')
    fill(browser, login="nam.nv", code=nam.code or "", new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD)
    assert browser.find_element(By.ID, "application").text
    browser.get(desk.address(response_mode="form_post", prompt="login"))
    fill(browser, login="nam.nv", password=NEW_PASSWORD)
    form = browser.find_element(By.ID, "answer")
    assert form.get_attribute("action") == f"{desk.home}/callback"
    browser.get(f"{desk.issuer}/logout")
    press(browser, By.ID, "confirm-logout")
    assert browser.find_element(By.ID, "logged-out").text


def test_the_keyboard_alone_is_enough(desk: Desk, browser: Chrome) -> None:
    official(desk.runtime)
    browser.get(f"{desk.issuer}/login")
    order = []
    for _step in range(7):
        browser.switch_to.active_element.send_keys("\t")
        focused = browser.switch_to.active_element
        order.append(focused.get_attribute("id") or focused.get_attribute("class") or focused.tag_name)
    assert order[:5] == ["skip", "login", "password", "reveal", "main"]


@pytest.mark.parametrize("path", ["/login", "/activate", "/recover", "/no/such/page", "/logout"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_finding(pages: Desk, browser: Chrome, path: str, language: str, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get(f"{pages.issuer}/language?{urlencode({'to': language, 'back': path})}")
    assert urlsplit(browser.current_url).path == path
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
    assert find_violations(browser) == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture(scope="module")
def pages(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The provider for looking at pages only: one for the file."""
    folder, port = tmp_path_factory.mktemp("pages"), free_port()
    with databases.make("sqlite", folder) as url:
        wanted = {"database": url, "data": str(folder / "data"), "issuer": f"http://127.0.0.1:{port}"}
        runtime = open_runtime(build_settings(wanted))
        with serve(build_app(runtime, [build_router(runtime)]), port):
            yield Desk(runtime, f"http://127.0.0.1:{port}", "", "")
        runtime.close()
