"""What every test may ask for: a register on either database, a clock, a browser."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from selenium.webdriver import Chrome

from foundation.collecting import SELDOM
from foundation.database import Database
from foundation.runtime import Runtime, open_runtime
from foundation.settings import Settings, build_settings
from tests.services.browser import open_browser
from tests.services.clock import MovableClock
from tests.services.databases import ENGINES, Databases
from tests.services.memory import find_place
from tests.services.tally import StorageTally

hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Let the tally count, and keep the tests' files in memory (pytest asks for this variable when it makes its folder)."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(find_place()))
    config.pluginmanager.register(StorageTally(counts=not hasattr(config, "workerinput")), "storage-tally")


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector of cycles need not look through it after every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The maker of registers; starts PostgreSQL when a test first needs it."""
    with ExitStack() as stack:
        yield Databases(tmp_path_factory.mktemp("databases"), stack)


@pytest.fixture(params=ENGINES)
def database_engine(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other: every storage test is the same test on each."""
    return str(request.param)


@pytest.fixture
def database_url(databases: Databases, database_engine: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty register with today's schema; for commands in processes of their own."""
    with databases.make(database_engine, tmp_path) as url:
        yield url


@pytest.fixture
def bare_database_url(databases: Databases, database_engine: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table; for tests of migrations."""
    with databases.make_bare(database_engine, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty register with today's schema, on both databases."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> MovableClock:
    """Time that stands still until the test moves it."""
    return MovableClock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a fresh installation on this test's register; sections have their defaults."""
    return build_settings({"database": database_url, "data": str(tmp_path / "data")})


@pytest.fixture
def runtime(settings: Settings, database: Database, clock: MovableClock) -> Runtime:
    """The product on this test's register and clock, with keys of its own; what every edge takes."""
    return replace(open_runtime(settings, clock.clocks), database=database)


@pytest.fixture(autouse=True)
def kept_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider's keys are made once a session; tests that are about keys make their own."""
    if "sso.keys" in sys.modules:
        from tests.services.kept_keys import generate_once

        monkeypatch.setattr("sso.keys.generate", generate_once())


@pytest.fixture(scope="session")
def shared_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One Chromium for the session; tests take `browser`, which forgets everything in between."""
    browser = open_browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.quit()


@pytest.fixture
def browser(shared_browser: Chrome) -> Iterator[Chrome]:
    """Chromium in Vietnamese, a desktop's size, with no cookie of an earlier test."""
    yield shared_browser
    shared_browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    shared_browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    shared_browser.get("about:blank")


@pytest.fixture
def browser_without_script(tmp_path: Path) -> Iterator[Chrome]:
    """Chromium with JavaScript off, fresh for this test."""
    browser = open_browser(tmp_path / "chromium", script=False)
    yield browser
    browser.quit()
