"""One person who may change a unit took a merger back alone: two people's decision, undone by one."""

from pathlib import Path

import pytest

from foundation.plans import Plan, find_run, read_plan
from foundation.shell import Actor
from tests.provisioning.incidents.conftest import approve_and_apply, digest
from tests.provisioning.merger.conftest import Administration
from tests.provisioning.merger.test_command import Terminal, refusals
from tests.provisioning.merger.test_small_decrees import THREE_LINES


def moved(administration: Administration) -> Plan:
    """Somebody was moved by a plan that two people stand behind."""
    plan = administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", None, "H61", "Phó phòng")])
    approve_and_apply(administration, plan)
    return plan


def test_nobody_takes_a_plan_back_alone(terminal: Terminal, administration: Administration, tmp_path: Path) -> None:
    plan, first, second = moved(administration), str(tmp_path / "1.plan"), str(tmp_path / "2.plan")
    before = digest(administration)
    for file in (first, second):
        words = ("undo", plan.digest[:8], "--reason", "Hoãn", "--out", file)
        assert terminal("Lê Thị Hoa", *words) == 0
    assert digest(administration) == before
    assert terminal("Lê Thị Hoa", "apply", first) == 77
    assert terminal("Lê Thị Hoa", "approve", first, "--reason", "Gấp") == 77
    assert [code for _event, _who, code in refusals(administration)] == ["plan_not_approved", "own_plan"]
    assert terminal("Trần Văn Bình", "undo", plan.digest[:8], "--reason", "x", "--out", first) == 77
    for file, code in ((first, 0), (second, 75)):  # it is taken back once: the second plan is stale
        said = read_plan(Path(file)).digest[:8]
        assert terminal("Nam Trần", "approve", file, "--digest", said) == 0
        assert terminal("Lê Thị Hoa", "apply", file, "--digest", said) == code
    with administration.runtime.database.read() as reads:
        run = find_run(reads, plan.digest)
        assert run is not None
        assert run.state == "undone"


def test_breaking_the_glass_takes_nothing_back(
    terminal: Terminal, administration: Administration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could approve such a plan, so it is not even made."""
    plan = moved(administration)
    glass = Actor("break-glass:root", None, "root", "stuck")
    monkeypatch.setattr(administration, "actor", lambda _who: glass)
    assert terminal("root", "undo", plan.digest[:8], "--reason", "x", "--out", str(tmp_path / "u.plan")) == 77
    assert "Log in" in terminal.talk
    assert not (tmp_path / "u.plan").exists()
