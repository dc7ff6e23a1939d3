"""The queue before the hash: bounded, announced, and nobody loses anything by it."""

import os
from threading import BoundedSemaphore

import pytest
import sqlalchemy as sa

from foundation.hop import PAGE_HANDS_AT_MOST
from sso.door import hashing
from sso.door.hashing import DoorCrowded, hashing_place
from sso.models import Guess
from sso.settings import SsoSection
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.door.test_password_page import change
from tests.sso.door.test_recovery import recover
from tests.sso.factors.test_second_factor import answer, with_app
from tests.sso.flow import Attempt, form_of, log_in
from tests.sso.people import PASSWORD, official


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> BoundedSemaphore:
    """A queue with one place, which somebody has."""
    places = BoundedSemaphore(1)
    places.acquire()
    monkeypatch.setattr(hashing, "_places", places)
    return places


def test_a_full_queue_takes_nobody_and_a_free_place_the_next(full: BoundedSemaphore) -> None:
    with pytest.raises(DoorCrowded), hashing_place():
        pass
    full.release()
    for _ in range(3):
        with hashing_place():
            assert not full.acquire(blocking=False)


def test_who_waits_too_long_is_told_so_and_leaves_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    cores, places = BoundedSemaphore(1), BoundedSemaphore(1)
    cores.acquire()
    monkeypatch.setattr(hashing, "_cores", cores)
    monkeypatch.setattr(hashing, "_places", places)
    monkeypatch.setattr(hashing, "SECONDS_AT_MOST", 0.01)
    for _ in range(2):
        with pytest.raises(DoorCrowded), hashing_place():
            pass
    cores.release()
    with hashing_place():
        pass


def test_a_place_is_given_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_places", BoundedSemaphore(1))
    monkeypatch.setattr(hashing, "_cores", BoundedSemaphore(1))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), hashing_place():
            raise ZeroDivisionError


def test_a_crowd_is_told_to_come_again_and_no_try_is_taken_from_anybody(door: Door, full: BoundedSemaphore) -> None:
    official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    for _time in range(SsoSection().guesses + 1):
        told = log_in(browser, attempt.address(), "hoa.lt", PASSWORD)
        assert (told.status_code, told.headers["retry-after"]) == (503, "2")
        assert 'data-code="crowded"' in told.text
    with door.runtime.database.read() as reads:
        assert not reads.execute(sa.select(Guess)).first()
    full.release()
    assert log_in(browser, attempt.address(), "hoa.lt", PASSWORD).status_code == 303


def test_a_full_queue_takes_no_try_from_who_activates(door: Door, full: BoundedSemaphore) -> None:
    hoa = official(door.runtime, state="issued", with_password=False, with_code=True)
    browser = door.browser()
    typed = {"login": "hoa.lt", "code": hoa.code or "", "new_password": PASSWORD, "new_password_again": PASSWORD}
    for _time in range(SsoSection().guesses + 1):
        page = browser.get("/activate?login=hoa.lt")
        assert browser.post("/activate", data={**form_of(page), **typed}).status_code == 503
    full.release()
    page = browser.get("/activate?login=hoa.lt")
    assert browser.post("/activate", data={**form_of(page), **typed}).status_code == 303


def test_a_full_queue_takes_no_try_from_who_comes_back_or_changes_the_password(
    door: Door, clock: MovableClock, full: BoundedSemaphore
) -> None:
    full.release()
    _who, _secret, codes = with_app(door, clock)
    browser, new = door.browser(), "mưa rơi trên mái tôn"
    assert try_login(browser, "hoa.lt") == 303
    assert answer(browser, codes[0]).status_code == 303
    full.acquire()
    for _time in range(SsoSection().guesses + 1):
        assert recover(door.browser(), "hoa.lt", codes[1], new).status_code == 503
        assert change(browser) == 503
    with door.runtime.database.read() as reads:
        assert not reads.execute(sa.select(Guess).where(Guess.failures > 0)).first()
    full.release()
    assert change(browser) == 303
    assert recover(door.browser(), "hoa.lt", codes[1], "gió thổi qua rặng tre").status_code == 303


def test_the_queue_is_shorter_than_the_threads_that_pages_have() -> None:
    """Else nobody would ever be told: they would wait for a thread, without end and without a word."""
    assert hashing.WAITING_AT_MOST < PAGE_HANDS_AT_MOST


@pytest.mark.parametrize(("cores", "processes", "each"), [(2, 2, 1), (8, 2, 4), (2, 4, 1), (2, 1, 2)])
def test_processes_share_the_cores(monkeypatch: pytest.MonkeyPatch, cores: int, processes: int, each: int) -> None:
    monkeypatch.setattr(hashing, "_cores", None)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    hashing.share_cores(processes)
    assert [hashing._cores.acquire(blocking=False) for _time in range(each + 1)] == [*[True] * each, False]
