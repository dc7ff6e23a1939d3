"""The provider under examination, as the certification preset sets it, on both databases; one test person; the suite's own server."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import FastAPI

from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from foundation.web import build_app
from sso.app import build_router
from sso.own_claims import keep_own_claims
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.services.databases import ENGINES, Databases
from tests.services.inside import Inside
from tests.services.outside import Outside, open_outside
from tests.sso.people import Official, official

ISSUER = "https://sso.example.vn"
PRESET = {
    "registration": "open",
    "registration_pkce": False,
    "implicit_flow": True,
    "registrations_per_hour": 10_000,
    "laboratory_hosts": ["localhost"],
}


@dataclass(frozen=True)
class Examined:
    """The provider, its clock, its one person, and the suite's own server; `response_mode`: what its applications ask for in each
    request, if anything.
    """

    app: FastAPI
    runtime: Runtime
    clock: MovableClock
    person: Official
    outside: Outside
    response_mode: str | None = None

    def browser(self, language: str = "en") -> Inside:
        """A fresh browser."""
        return Inside.of(self.app, origin=ISSUER, language=language)


@pytest.fixture(scope="module", params=ENGINES)
def op(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examined]:
    """The provider of one file of modules."""
    with examine(databases, str(request.param), tmp_path_factory.mktemp("examined")) as examined:
        yield examined


@contextmanager
def examine(databases: Databases, engine: str, folder: Path) -> Iterator[Examined]:
    """A provider under examination, on a database of its own."""
    with ExitStack() as stack:
        url = stack.enter_context(databases.make(engine, folder))
        outside = stack.enter_context(open_outside(folder))
        trust = stack.enter_context(pytest.MonkeyPatch.context())
        trust.setitem(os.environ, "SSL_CERT_FILE", str(outside.authority))
        clock = MovableClock()
        settings = build_settings(
            {"database": url, "data": str(folder / "data"), "issuer": ISSUER, "sso": PRESET}, [SsoSection]
        )
        database = Database(url)
        stack.callback(database.close)
        runtime = replace(open_runtime(settings, clock.clocks), database=database)
        yield Examined(build_app(runtime, [build_router(runtime)]), runtime, clock, add_person(runtime), outside)


def add_person(runtime: Runtime) -> Official:
    """Somebody of whom every standard claim can be told."""
    person = official(
        runtime,
        "Nguyễn Thị Bình An",
        "an.nguyen",
        address="an.nguyen@example.vn",
        phone="+84 270 1234567",
        birth_date=date(1980, 2, 3),
        seat="1 Hoàng Thái Hiếu, Long Châu",
    )
    own = {
        "nickname": "An",
        "profile": "https://example.vn/an",
        "picture": "https://example.vn/an.png",
        "website": "https://example.vn/",
        "gender": "female",
    }
    with runtime.database.write() as writes:
        keep_own_claims(writes, person.person_id, own, runtime.clocks.wall())
    return person
