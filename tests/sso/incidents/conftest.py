"""One provider for the attacks that other providers fell to: open to strangers, behind https; each attack brings its own people.

Which incident is tried where: docs/security.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

import pytest
from fastapi import FastAPI

from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.databases import Databases
from tests.services.inside import Inside
from tests.sso.flow import Application, Attempt, get_code, redeem
from tests.sso.people import PASSWORD, Official, official

ISSUER = "https://dangnhap.example.vn"
BACK = "https://vanban.example.vn/callback"
HOME = "https://vanban.example.vn/"
POLICY = {"registration": "open", "registrations_per_hour": 10_000, "fetch_hosts": ["*"]}


@dataclass(frozen=True)
class Attacked:
    """The provider under attack."""

    app: FastAPI
    runtime: Runtime
    clock: MovableClock
    numbers: Iterator[int] = field(default_factory=count)

    def browser(self, caller: str = "203.0.113.5", origin: str = ISSUER) -> Inside:
        """A fresh browser."""
        return Inside.of(self.app, origin=origin, caller=(caller, 40000))

    def someone(self, **traits: object) -> Official:
        """Somebody nobody else has to do with."""
        number = next(self.numbers)
        given = {"login": f"hoa{number}.lt", "code": f"H61.{number}", "unit": f"Xã {number}", **traits}
        return official(self.runtime, **given)  # type: ignore[arg-type]  # traits are the factory's own

    def application(self, **fields: object) -> Application:
        """An application of the administration; a confidential one that logs people in unless said otherwise."""
        given = {"redirect_uris": (BACK,), "post_logout_redirect_uris": (HOME,), **fields}
        new = NewClient(name=str(given.pop("name", "Văn bản")), client_id=f"app{next(self.numbers)}", **given)  # type: ignore[arg-type]  # fields are the registration's own
        with self.runtime.database.write() as writes:
            client, secret = add_client(writes, new, "test", self.clock.now)
        return Application(client.client_id, secret, client.redirect_uris[0] if client.redirect_uris else "")

    def tokens(
        self, application: Application, who: Official, browser: Inside | None = None, **asked: str
    ) -> dict[str, str]:
        """What the application has after somebody logged in."""
        browser = browser or self.browser()
        attempt = Attempt(application, **asked)
        code = get_code(browser, attempt, who.login, PASSWORD)
        answer = redeem(self.browser(), attempt, code)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture(scope="package")
def attacked(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The provider, on SQLite; what differs between the databases (races, locks) is tried on both elsewhere in this folder."""
    folder, clock = tmp_path_factory.mktemp("attacked"), MovableClock()
    with databases.make("sqlite", folder) as url:
        written = {"database": url, "data": str(folder / "data"), "issuer": ISSUER, "sso": POLICY}
        database = Database(url)
        runtime = replace(open_runtime(build_settings(written, [SsoSection]), clock.clocks), database=database)
        yield Attacked(build_app(runtime, [build_router(runtime)]), runtime, clock)
        database.close()


@pytest.fixture(scope="package")
def application(attacked: Attacked) -> Application:
    """The administration's own confidential application."""
    return attacked.application()
