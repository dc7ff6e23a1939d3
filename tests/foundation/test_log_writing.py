"""Lines that go out together: in their order, soon, at once where they matter, and none forgotten by a process that ends."""

import io
import logging
import multiprocessing
import sys
import time
from pathlib import Path
from typing import TextIO

import pytest

from foundation import log_writing
from foundation.log_writing import Together


def build_log(stream: TextIO) -> logging.Logger:
    """A log of its own that writes there."""
    log = logging.Logger("of a test", logging.INFO)  # noqa: LOG001  # One that no other test writes to.
    log.addHandler(Together(stream))
    return log


def wait_for(stream: io.StringIO, text: str) -> None:
    """Until the stream holds this text. Raises AssertionError."""
    end = time.monotonic() + 20
    while stream.getvalue() != text:
        assert time.monotonic() < end, stream.getvalue()
        time.sleep(0.01)


def test_lines_come_soon_and_in_their_order() -> None:
    stream = io.StringIO()
    log = build_log(stream)
    for number in range(5):
        log.info("line %d", number)
    wait_for(stream, "".join(f"line {number}\n" for number in range(5)))
    log.info("later")
    wait_for(stream, "".join(f"line {number}\n" for number in range(5)) + "later\n")


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer does not come within this test."""
    monkeypatch.setattr(log_writing, "EVERY_SECONDS", 3600)


def test_what_is_worse_than_news_is_written_at_once_with_all_before(never: None) -> None:
    stream = io.StringIO()
    log = build_log(stream)
    log.info("first")
    assert stream.getvalue() == ""
    log.warning("second")
    assert stream.getvalue() == "first\nsecond\n"


def test_no_more_than_so_many_wait(never: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_writing, "AT_MOST", 3)
    stream = io.StringIO()
    log = build_log(stream)
    for _ in range(5):
        log.info("x")
    assert stream.getvalue() == "x\n" * 4


def test_a_line_that_cannot_be_written_stops_nobody(never: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    stream = io.StringIO()
    log = build_log(stream)
    stream.close()
    log.error("nobody reads this")


def say_and_end(path: Path) -> None:
    """What a web process does at its end: it returns."""
    with path.open("w", encoding="utf-8") as stream:
        build_log(stream).info("the last word")
        multiprocessing.util._exit_function()  # type: ignore[attr-defined]  # Before the file is closed here.


def test_a_process_that_ends_writes_what_it_kept(never: None, tmp_path: Path) -> None:
    said = tmp_path / "log"
    process = multiprocessing.get_context("fork").Process(target=say_and_end, args=(said,))
    process.start()
    process.join(20)
    assert said.read_text(encoding="utf-8") == "the last word\n"
