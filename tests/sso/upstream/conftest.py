"""Two administrations: ours, and another whose provider people may come in by, served on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa

from foundation.audit import AuditRow
from foundation.clocks import read_wall
from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.settings import SsoSection
from sso.upstream.links import add_link
from sso.upstream.settings import UpstreamSection
from tests.services.clock import MovableClock
from tests.services.databases import Databases
from tests.services.inside import Inside
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.conftest import Door, build_door
from tests.sso.flow import follow, form_of
from tests.sso.people import PASSWORD, Official, official

NAME = "tinh-ban"
OUR_ISSUER = "http://127.0.0.1:8000"


@dataclass
class Elsewhere:
    """The other administration: its issuer, the secret it gave us, and somebody who has an account there."""

    issuer: str
    secret: str
    runtime: Runtime
    hoa: Official
    browser: httpx.Client
    """A browser that really goes there, and stays logged in."""


@pytest.fixture(scope="module")
def elsewhere(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """A second Hợp Nhất on a port of this machine, for all tests of a file; it only reads and logs in."""
    folder, port = tmp_path_factory.mktemp("elsewhere"), free_port()
    issuer = f"http://127.0.0.1:{port}"
    with databases.make("sqlite", folder) as url:
        runtime = open_runtime(build_settings({"database": url, "data": str(folder / "data"), "issuer": issuer}))
        new = NewClient(
            name="Hợp Nhất của tỉnh bạn",
            client_id="tinh-nay",
            redirect_uris=(f"{OUR_ISSUER}/login/upstream/{NAME}/answer",),
            post_logout_redirect_uris=(f"{OUR_ISSUER}/logout",),
            scopes=("openid",),
        )
        with runtime.database.write() as writes:
            _client, secret = add_client(writes, new, "test", runtime.clocks.wall())
        assert secret is not None
        with serve(build_app(runtime, [build_router(runtime)]), port):
            headers = {"Accept-Language": "en", "Accept": "text/html"}
            with httpx.Client(base_url=issuer, headers=headers) as browser:
                yield Elsewhere(issuer, secret, runtime, official(runtime, login="hoa.o.tinh.ban"), browser)
        runtime.close()


@dataclass
class Ours:
    """Our door, with the other administration's provider in its settings."""

    door: Door
    elsewhere: Elsewhere
    clock: MovableClock
    hoa: Official

    def go_there(self, sent: httpx.Response, login: str = "hoa.o.tinh.ban") -> str:
        """What a person does at the other provider; the address it sends the browser back to, without our origin."""
        assert sent.status_code == 303, sent.text
        assert sent.headers["location"].startswith(f"{self.elsewhere.issuer}/authorize?"), sent.headers["location"]
        there = self.elsewhere.browser
        location = there.get(sent.headers["location"]).headers["location"]
        if location.startswith("/login"):
            page = there.get(location)
            posted = there.post("/login", data={**form_of(page), "login": login, "password": PASSWORD})
            location = follow(there, posted).headers["location"]
        assert location.startswith(OUR_ISSUER), location
        return location.removeprefix(OUR_ISSUER)

    def linked(self) -> None:
        """The link, as if it had been made before."""
        with self.door.runtime.database.write() as writes:
            subject = str(self.elsewhere.hoa.person_id)
            add_link(writes, self.hoa.account_id, self.elsewhere.issuer, subject, self.clock.now)

    def log_in(self, browser: Inside, following: str = "/me") -> httpx.Response:
        """In by the other provider; our answer."""
        sent = browser.get(f"/login/upstream/{NAME}", params={"next": following})
        return browser.get(self.go_there(sent))

    def link(self, browser: Inside) -> httpx.Response:
        """Our own log-in, then the link; our answer."""
        page = browser.get("/login", params={"next": "/me/upstream"})
        posted = browser.post("/login", data={**form_of(page), "login": self.hoa.login, "password": PASSWORD})
        assert posted.headers["location"] == "/me/upstream"
        return browser.get(self.go_there(self.ask_for_link(browser)))

    def ask_for_link(self, browser: Inside) -> httpx.Response:
        """The button on the page of links."""
        return browser.post("/me/upstream", data={**form_of(browser.get("/me/upstream")), "link": NAME})

    def audit(self, event: str) -> list[dict[str, Any]]:
        """The details of what the audit has of an event."""
        with self.door.runtime.database.read() as reads:
            wanted = sa.select(AuditRow.detail).where(AuditRow.event == event).order_by(AuditRow.id)
            return [dict(detail) for detail in reads.execute(wanted).scalars()]


def write_file(folder: Path, issuer: str, secret: str) -> Path:
    """The file that names the other provider."""
    (folder / "secret").write_text(secret + "\n")
    file = folder / "upstream.toml"
    file.write_text(
        f'[[provider]]\nname = "{NAME}"\ntitle = "Tỉnh bạn"\nissuer = "{issuer}"\n'
        f'client_id = "tinh-nay"\nsecret_file = "{folder / "secret"}"\n'
    )
    return file


@pytest.fixture
def ours(database_url: str, tmp_path: Path, elsewhere: Elsewhere) -> Iterator[Ours]:
    """Our door, on both databases."""
    clock = MovableClock(read_wall())
    written = {
        "database": database_url,
        "data": str(tmp_path / "data"),
        "sso": {"laboratory_hosts": ["127.0.0.1"]},
        "upstream": {"file": str(write_file(tmp_path, elsewhere.issuer, elsewhere.secret))},
    }
    database = Database(database_url)
    runtime = open_runtime(build_settings(written, [SsoSection, UpstreamSection]), clock.clocks)
    runtime.close()
    door = build_door(replace(runtime, database=database))
    yield Ours(door, elsewhere, clock, official(door.runtime))
    database.close()


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
