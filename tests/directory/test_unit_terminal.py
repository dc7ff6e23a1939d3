"""What a clerk sees on the terminal: days as they were here, words of their language."""

import json
from pathlib import Path

import pytest
import typer

from directory.command import unit_group
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from foundation.terminal import run
from tests.directory.conftest import MERGER, World


class Staged(Shell):
    """A shell on the test's register."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__((), lambda _runtime, _glass: Actor("break-glass:x", None, "x", "y"))
        self.__dict__["runtime"] = runtime


def call(runtime: Runtime, *words: str | Path) -> int:
    app = typer.Typer()
    app.add_typer(unit_group, name="unit")

    @app.callback()
    def prepare(context: typer.Context) -> None:
        context.obj = Staged(runtime)

    return run(app, ["unit", *map(str, words)])


@pytest.fixture
def merged(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("HOPNHAT_LANG", "vi")
    world.unit("Xã Một", ends=MERGER, admin_2004="00001", agency="H08.1")
    world.unit("Xã Mới", begins=MERGER, admin="00003", agency="H61.1")
    world.event("merge_into_new", MERGER, ("Xã Một", "Xã Mới", "whole", True))
    return world


def test_a_unit_bears_its_code_until_the_day_it_was_here(
    merged: World, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(runtime, "successors", "00001", "--at", "2025-07-01") == 0
    told = capsys.readouterr().out
    assert "– 01/07/2025)" in told
    assert "→ Xã Mới" in told
    assert "toàn bộ" in told


def test_the_life_of_a_unit_is_told_in_words(
    merged: World, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(runtime, "history", "00001", "--at", "2025-07-01") == 0
    told = capsys.readouterr().out
    assert "01/07/2025" in told
    assert "nhập thành đơn vị mới" in told
    assert call(runtime, "history", "00001", "--at", "2025-07-01", "--output", "csv") == 0
    assert "merge_into_new" in capsys.readouterr().out


def test_who_reads_old_papers_of_one_code_and_of_several(
    merged: World, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    merged.official("Văn Thư", "Xã Mới", title="Văn thư", duties="clerk", begins=MERGER)
    assert call(runtime, "heirs", "00001", "--at", "2025-07-01") == 0
    told = capsys.readouterr().out
    assert "1 × văn thư" in " ".join(told.split())
    assert call(runtime, "heirs", "00001", "00003", "99999", "--at", "2025-07-01") == 1
    captured = capsys.readouterr()
    assert captured.out.count("văn thư") == 2
    assert "99999" in captured.err
    assert call(runtime, "heirs", "00001", "00003", "--at", "2025-07-01", "--output", "json") == 0
    answers = json.loads(capsys.readouterr().out)["answers"]
    assert [len(answer["origins"][0]["heirs"]) for answer in answers] == [1, 1]
    assert call(runtime, "heirs", "99999") == 1


def test_an_identifier_of_the_exchange(merged: World, runtime: Runtime, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(runtime, "edxml", "H08.1,2024/05/12,12/QĐ", "--at", "2025-07-01") == 0
    assert "H61.1" in capsys.readouterr().out
    assert call(runtime, "edxml", "nothing") == 65
