"""The provider on a real port with one official, for programs nobody here wrote."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from authlib.integrations.httpx_client import OAuth2Client

from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.client_keeping import add_client
from sso.client_registration import NewClient
from sso.client_snippets import SECRET, write_snippet
from sso.clients import get_client
from sso.keys import ensure_keys
from tests.clients.person import Person
from tests.services.ports import free_port
from tests.services.serving import serve
from tests.sso.people import Official, official

OAUTH2_PROXY = shutil.which(os.environ.get("OAUTH2_PROXY", "oauth2-proxy"))
collect_ignore = [] if OAUTH2_PROXY else ["try_oauth2_proxy.py"]
VERIFIER = "v" * 48
SCOPES = ("openid", "profile", "email", "unit", "offline_access")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud which program of `make clients` was not there to be tried."""
    if OAUTH2_PROXY is None and "try_*.py" in terminalreporter.config.getini("python_files"):
        said = (
            "NOT TRIED: oauth2-proxy, which is not on this machine: install it, or name it in OAUTH2_PROXY=/path/to/it"
        )
        terminalreporter.write_line(said, red=True)


@dataclass
class Standing:
    """The provider, served, and its one official."""

    runtime: Runtime
    issuer: str
    hoa: Official
    secrets: dict[str, str | None] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    def register(self, client_id: str, redirect_uri: str | None = None, **more: Any) -> str | None:
        """Register an application. Gives its secret."""
        uris = (redirect_uri,) if redirect_uri else ()
        new = NewClient(name=client_id, client_id=client_id, **{"redirect_uris": uris, "scopes": SCOPES, **more})
        with self.runtime.database.write() as writes:
            now = self.runtime.clocks.wall()
            _client, secret = add_client(writes, new, "test", now)
            ensure_keys(writes, self.runtime.sealer, "test", now, (new.id_token_alg,))
        self.secrets[client_id] = secret
        return secret

    def snippet(self, program: str, client_id: str) -> str:
        """What `hopnhat client show --snippet` prints, with the secret put in its place as the operator does."""
        with self.runtime.database.read() as reads:
            text = write_snippet(program, get_client(reads, client_id), self.issuer)
        return text.replace(SECRET, str(self.secrets[client_id]))

    def token(self, client_id: str, redirect_uri: str, scope: str = "openid profile") -> str:
        """An access token that the official gave an application."""
        with OAuth2Client(
            client_id, self.secrets[client_id], redirect_uri=redirect_uri, scope=scope, code_challenge_method="S256"
        ) as client:
            address, state = client.create_authorization_url(f"{self.issuer}/authorize", code_verifier=VERIFIER)
            back = self.person().follow(address, redirect_uri)
            given = client.fetch_token(
                f"{self.issuer}/token", authorization_response=back, state=state, code_verifier=VERIFIER
            )
            return str(given["access_token"])

    def person(self) -> Person:
        """A fresh browser of the official; closed with the test."""
        self.people.append(Person(self.issuer))
        return self.people[-1]


@pytest.fixture
def standing(database_url: str, tmp_path: Path) -> Iterator[Standing]:
    """See the class: on both databases, on the real clock."""
    issuer = f"http://127.0.0.1:{free_port()}"
    wanted = {"database": database_url, "data": str(tmp_path / "data"), "issuer": issuer}
    runtime = open_runtime(build_settings(wanted))
    hoa = official(runtime, address="hoa.lt@vinhlong.gov.vn")
    service: AbstractContextManager[None] = serve(
        build_app(runtime, [build_router(runtime)]), int(issuer.rpartition(":")[2])
    )
    with service:
        here = Standing(runtime, issuer, hoa)
        yield here
        for person in here.people:
            person.http.close()
    runtime.close()
