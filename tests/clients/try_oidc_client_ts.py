"""oidc-client-ts in a real browser: a page without a server of its own logs in, renews by token and by frame, and revokes."""

import json
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.responses import FileResponse
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.clients.conftest import Standing
from tests.clients.programs import HERE, KEPT
from tests.services.browser import press
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.people import PASSWORD

LIBRARY = KEPT / "node" / "node_modules" / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"


def build_page() -> FastAPI:
    """The application: one page at each of its addresses."""
    app = FastAPI()

    @app.get("/library.js")
    def library() -> FileResponse:
        return FileResponse(LIBRARY)

    @app.get("/page.js")
    def script() -> FileResponse:
        return FileResponse(HERE / "node" / "page.js")

    @app.get("/{place:path}")
    def page(place: str) -> FileResponse:
        return FileResponse(HERE / "node" / "page.html", headers={"X-Place": place})

    return app


def test_a_page_logs_in_renews_in_a_frame_and_revokes(standing: Standing, browser: Chrome) -> None:
    """Rules 5, 9 and 10: a public application, CORS on what it calls and on errors, prompt=none by redirect in a frame."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    addresses = (f"{home}/callback", f"{home}/silent")
    standing.register("page", kind="public", redirect_uris=addresses, scopes=("openid", "profile", "unit"))
    with serve(build_page(), port):
        browser.get(f"{home}/?told={quote(json.dumps({'issuer': standing.issuer}))}")
        wait = WebDriverWait(browser, 20)
        wait.until(lambda driver: driver.find_elements(By.NAME, "login"))
        browser.find_element(By.NAME, "login").send_keys("hoa.lt")
        browser.find_element(By.NAME, "password").send_keys(PASSWORD)
        press(browser, By.CSS_SELECTOR, "button.main")
        wait.until(lambda driver: driver.find_element(By.ID, "state").text.startswith("{"))
        told = json.loads(browser.find_element(By.ID, "state").text)
    wanted = {"sub": str(standing.hoa.person_id), "unit": "H61.12", "dead": 401, "renewed": True, "framed": True}
    assert told == wanted
