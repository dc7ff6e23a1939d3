"""The picture of an application: of a kind we know by its content, given by an operator, shown where the application is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sso import clients
from tests.provisioning.commands import Answer
from tests.sso.conftest import Door
from tests.sso.flow import Attempt
from tests.sso.test_command import OWNER, call, operator

__all__ = ["call"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
STRANGE = {
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "SVG by another name": b"\xef\xbb\xbf<?xml version='1.0'?><svg/>",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "nothing": b"",
    "a sound": b"RIFF\0\0\0\0WAVE",
    "too large": PNG + b"\0" * 128 * 1024,
}


def give(door: Door, call: Callable[..., Answer], file: Path, *more: str) -> Answer:
    """The verb."""
    return call(door.runtime, OWNER, "client", "logo", "van-ban", file, *more)


def page_of(door: Door) -> str:
    """The log-in page of the application."""
    browser = door.browser()
    return browser.get(browser.get(Attempt(door.application).address()).headers["location"]).text


def test_the_picture_stands_where_the_application_is_named(
    door: Door, call: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "KEPT_SECONDS", 0.0)
    assert "/register/van-ban/logo" not in page_of(door)
    (tmp_path / "logo.svg").write_bytes(PNG)  # what a file is called says nothing
    assert give(door, call, tmp_path / "logo.svg").code == 0
    assert '<img src="/register/van-ban/logo" alt=""' in page_of(door)
    shown = door.browser().get("/register/van-ban/logo")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert call(door.runtime, OWNER, "client", "logo", "van-ban", "--remove").code == 0
    assert "/register/van-ban/logo" not in page_of(door)
    assert door.browser().get("/register/van-ban/logo").status_code == 404


@pytest.mark.parametrize("which", STRANGE)
def test_what_is_no_picture_is_refused(
    standing_door: Door, call: Callable[..., Answer], tmp_path: Path, which: str
) -> None:
    (tmp_path / "logo.png").write_bytes(STRANGE[which])
    assert give(standing_door, call, tmp_path / "logo.png").code == 65
    assert standing_door.browser().get("/register/van-ban/logo").status_code == 404


def test_a_file_that_is_not_there_and_an_unknown_application_are_refused(
    standing_door: Door, call: Callable[..., Answer], tmp_path: Path
) -> None:
    assert give(standing_door, call, tmp_path / "nowhere.png").code == 65
    (tmp_path / "logo.png").write_bytes(PNG)
    assert call(standing_door.runtime, OWNER, "client", "logo", "nobody", tmp_path / "logo.png").code != 0
    assert call(standing_door.runtime, OWNER, "client", "logo", "van-ban").code == 64
    assert give(standing_door, call, tmp_path / "logo.png", "--remove").code == 64


def test_who_is_no_operator_gives_no_picture(door: Door, call: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    clerk = operator(door.runtime, duties="clerk")
    assert call(door.runtime, clerk, "client", "logo", "van-ban", tmp_path / "logo.png").code == 77
