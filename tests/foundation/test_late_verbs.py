"""Verbs are opened when they are called, and told without being opened."""

import sys

import pytest
import typer

from foundation.late_verbs import LateVerb, late_group
from foundation.terminal import run

PLACE = "tests.foundation.late_room"
VERBS = (LateVerb("room", f"{PLACE}:room_group", "A room."), LateVerb("alone", f"{PLACE}:alone", "One verb."))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.delitem(sys.modules, PLACE, raising=False)
    made = typer.Typer(cls=late_group(VERBS), no_args_is_help=True)

    @made.callback()
    def prepare() -> None:
        """The house."""

    return made


def test_the_list_of_verbs_is_told_without_opening_any(app: typer.Typer, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(app, ["--help"]) == 0
    told = capsys.readouterr().out
    assert "A room." in told
    assert "One verb." in told
    assert PLACE not in sys.modules


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["room", "first", "7"], 7, id="a-verb-of-a-group"),
        pytest.param(["alone", "--times", "3"], 3, id="a-verb-alone"),
        pytest.param(["room", "frist"], 64, id="an-unknown-verb"),
    ],
)
def test_what_is_called_is_opened(app: typer.Typer, words: list[str], code: int) -> None:
    assert run(app, words) == code
    assert PLACE in sys.modules


@pytest.mark.parametrize(
    ("words", "meant"), [(["rooom"], "'room'"), (["room", "frist"], "'first'")], ids=["a-group", "a-verb"]
)
def test_a_typo_gets_a_suggestion(
    app: typer.Typer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    meant: str,
) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    assert run(app, words) == 64
    assert f"Did you mean {meant}" in capsys.readouterr().err
