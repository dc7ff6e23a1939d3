"""Older codes come from a table: whose they are is written down, never computed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer

from directory.command import unit_group
from directory.errors import CodeTaken
from directory.models import UnitCode
from directory.succession import answer_successors
from directory.unit_code_import import import_codes, read_codes
from directory.unit_file import UnitFileFaulty
from foundation.changes import AsOf
from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from foundation.terminal import run
from tests.directory.conftest import MERGER, World

NOW = datetime(2025, 8, 1, tzinfo=UTC)
HEAD = "of_scheme,of_code,scheme,code,valid_from,valid_to,decision_number\n"
ROW = "agency,H26.12,agency-legacy,000.00.12.H26,2016-06-01,2020-09-15,10/2016/TT-BTTTT\n"


@pytest.fixture
def register(world: World) -> World:
    world.unit("Sở", ends=MERGER, agency="H26.12")
    world.unit("Sở khác", agency="H26.13", agency_legacy="000.00.13.H26")
    world.unit("Sở mới", begins=MERGER, agency="H26.99")
    world.event("merge_into_new", MERGER, ("Sở", "Sở mới", "whole", True))
    return world


def bring(world: World, text: str) -> int:
    return import_codes(world.database, read_codes(text.encode()), "tester", NOW, lambda _reads, _units: None)


def test_an_old_code_of_a_table_is_followed_to_the_unit_now(register: World) -> None:
    assert bring(register, HEAD + ROW) == 1
    with register.database.read() as reads:
        (origin,) = answer_successors(reads, ["000.00.12.H26"], AsOf(NOW))[0]["origins"]
    assert (origin["name"], [heir["name"] for heir in origin["successors"]]) == ("Sở", ["Sở mới"])


def test_no_code_is_ever_computed_from_another(register: World) -> None:
    with register.database.read() as reads:
        assert answer_successors(reads, ["000.00.12.H26"], AsOf(NOW))[0]["origins"] == []


def test_a_table_may_come_again(register: World) -> None:
    assert bring(register, HEAD + ROW) == 1
    assert bring(register, HEAD + ROW) == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("of_code,code\n", id="missing-columns"),
        pytest.param(HEAD, id="empty"),
        pytest.param(HEAD + ROW.replace("H26.12,", "H26.77,"), id="a-unit-nobody-knows"),
        pytest.param(HEAD + ROW.replace("000.00.12.H26", "12.H26"), id="no-code-of-its-scheme"),
        pytest.param(HEAD + ROW.replace("agency-legacy", "tax"), id="no-scheme"),
        pytest.param(HEAD + ROW.replace("2020-09-15", "2016-05-01"), id="ends-before-it-begins"),
        pytest.param(HEAD + ROW.replace("2016-06-01", "June"), id="no-date"),
    ],
)
def test_a_faulty_table_is_refused_whole(register: World, text: str) -> None:
    with pytest.raises(UnitFileFaulty):
        bring(register, text + (ROW if text.startswith(HEAD) and text != HEAD else ""))
    with register.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(UnitCode)).scalar_one() == 4


def test_text_of_another_encoding_is_refused() -> None:
    with pytest.raises(UnitFileFaulty):
        read_codes("Sở".encode("utf-16"))


def test_a_code_of_another_unit_is_refused_with_both_decisions(register: World) -> None:
    with pytest.raises(CodeTaken) as refused:
        bring(register, HEAD + ROW.replace("000.00.12", "000.00.13"))
    assert "1/QĐ" in refused.value.shown
    assert "10/2016/TT-BTTTT" in refused.value.shown


class Staged(Shell):
    """A shell on the test's register."""

    def __init__(self, runtime: Runtime, actor: Actor) -> None:
        super().__init__((), lambda _runtime, _glass: actor)
        self.__dict__["runtime"] = runtime


def call(runtime: Runtime, actor: Actor, file: Path) -> int:
    app = typer.Typer()
    app.add_typer(unit_group, name="unit")

    @app.callback()
    def prepare(context: typer.Context) -> None:
        context.obj = Staged(runtime, actor)

    return run(app, ["unit", "import-codes", str(file)])


def test_the_command_needs_the_right_over_every_unit_of_the_table(
    register: World, runtime: Runtime, tmp_path: Path
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text(HEAD + ROW, encoding="utf-8")
    stranger = register.official("Lê Lạ", "Sở khác", duties="hr")
    assert call(runtime, Actor(str(stranger), stranger, "Lê Lạ"), file) == 77
    assert call(runtime, Actor("break-glass:x", None, "x", "y"), file) == 0
