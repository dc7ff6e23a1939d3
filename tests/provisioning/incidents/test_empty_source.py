"""An empty, cut off or unreadable source stops everything, at every door; nothing is left behind and nothing is changed.

LSC's only guard is `errorIfEmptySource`; wg-portal #744: a search with the wrong base returns success and nothing.
"""

import zipfile
from pathlib import Path

import pytest

from provisioning.merger.planning import NobodyThere
from tests.provisioning.incidents.conftest import digest
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.merger.test_command import Terminal, write_list

HEADINGS = "Số định danh;Họ và tên;Mã đơn vị mới\n".encode()


def cut_off(path: Path, administration: Administration) -> Path:
    """A workbook whose second half was lost on the way."""
    whole = write_list(
        path, (administration.numbers["Trần Văn Bình"], "Trần Văn Bình", "H08.31.21", "H61.101", "x", "", "", "", "")
    )
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def sheetless(path: Path) -> Path:
    """A ZIP file with nothing of a workbook in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "nothing")
    return path


@pytest.mark.parametrize("source", ["missing", "empty", "headings", "cut-off", "no-sheet"])
def test_a_list(administration: Administration, terminal: Terminal, decree: Path, tmp_path: Path, source: str) -> None:
    before, path = digest(administration), tmp_path / "places.xlsx"
    if source == "empty":
        path.write_bytes(b"")
    elif source == "headings":
        path = tmp_path / "places.csv"
        path.write_bytes(HEADINGS)
    elif source == "cut-off":
        cut_off(path, administration)
    elif source == "no-sheet":
        sheetless(path)
    assert terminal("Lê Thị Hoa", "plan", str(decree), str(path)) == 65
    assert terminal.talk.strip()
    assert not decree.with_suffix(".plan").exists()
    assert digest(administration) == before


@pytest.mark.parametrize("content", ["", "# only a comment\n", "{}", "title: Nothing else\n"], ids=repr)
def test_a_decree(terminal: Terminal, decree: Path, content: str) -> None:
    decree.write_text(content, encoding="utf-8")
    assert terminal("Lê Thị Hoa", "plan", str(decree)) == 65
    assert not decree.with_suffix(".plan").exists()


def test_a_register_whose_rosters_were_never_loaded(administration: Administration) -> None:
    administration.add_units(("99", "province", "Tỉnh Chưa Nạp", "root", {"admin-2004": "99", "agency": "H99"}))
    with pytest.raises(NobodyThere):
        administration.plan(
            "title: x\ndecision: {number: '1', date: 2025-06-12, issuer: y}\neffective: 2025-07-01\n"
            "events: [{kind: rename, unit: {scheme: admin-2004, code: '99'}, name: Tỉnh Mới}]\n"
        )


def test_an_empty_plan_file_is_no_plan(administration: Administration, terminal: Terminal, tmp_path: Path) -> None:
    plan = administration.plan(DECREE)
    for number, content in enumerate((b"", plan.path.read_bytes()[:-200], plan.path.read_bytes().split(b"\n")[0])):
        broken = tmp_path / f"{number}.plan"
        broken.write_bytes(content)
        assert terminal("Nam Trần", "approve", str(broken)) == 65
