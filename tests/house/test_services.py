"""The services the tests start: each is real, private and closed to the world."""

import socket

import pytest
import sqlalchemy as sa
from pytest_socket import SocketConnectBlockedError
from selenium.webdriver import Chrome

from foundation.database import Base, Database
from foundation.runtime import Runtime
from tests.services.browser import find_violations
from tests.services.clock import MovableClock


def test_a_register_has_every_table_and_no_row(database: Database) -> None:
    with database.read() as reads:
        for table in Base.metadata.sorted_tables:
            assert reads.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table.name


def test_what_one_test_writes_the_next_does_not_see(database: Database, database_engine: str) -> None:
    assert database.sqlite == (database_engine == "sqlite")
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE left_behind (n integer)")


@pytest.mark.parametrize("again", [1, 2])
def test_a_register_is_made_anew_each_time(database: Database, again: int) -> None:
    assert not sa.inspect(database.engine).has_table("left_behind")
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE left_behind (n integer)")


def test_the_network_is_closed() -> None:
    # 192.0.2.0/24 is nobody's (RFC 5737).
    blocked = pytest.raises(SocketConnectBlockedError)
    with socket.socket() as door, pytest.warns(UserWarning, match="tried to use socket"), blocked:
        door.connect(("192.0.2.1", 443))


def test_the_clock_stands_until_it_is_moved(clock: MovableClock) -> None:
    before = clock.clocks.wall()
    assert clock.clocks.wall() == before
    assert clock.advance(hours=1) == clock.clocks.wall() > before


def test_the_product_runs_on_the_tests_register_and_clock(runtime: Runtime, clock: MovableClock) -> None:
    assert runtime.clocks.wall() == clock.now
    assert runtime.seal_audit() == 0
    assert (runtime.settings.keys.stat().st_mode & 0o077) == 0


PAGE = "data:text/html;charset=utf-8,<!doctype html><html lang=vi><title>Trang</title><main><h1>Trang</h1>{}</main>"


@pytest.mark.browser
def test_axe_finds_nothing_on_a_sound_page(browser: Chrome) -> None:
    browser.get(PAGE.format("<p>Xin chào"))
    assert find_violations(browser) == []


@pytest.mark.browser
def test_axe_finds_a_field_without_a_label(browser: Chrome) -> None:
    browser.get(PAGE.format("<input>"))
    assert "label" in {violation.rule for violation in find_violations(browser)}
