"""Placement lists read in a process of their own: the same rows, the same faults, and nobody left behind."""

import multiprocessing
from pathlib import Path

import pytest

from provisioning.merger import lists_beside
from provisioning.merger.lists_beside import read_beside
from provisioning.merger.placement import PlacementEmpty, PlacementFaulty, read_placements

HEAD = "Họ và tên,Số CCCD,Mã đơn vị mới,Chức vụ mới\n"
GOOD = "Trần Văn Bình,0860900000{number:02},H61,Chuyên viên\n"


@pytest.fixture(autouse=True)
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_beside, "WORTH_IT", 0)
    monkeypatch.setattr(lists_beside, "AT_ONCE", 7)


def write_list(folder: Path, rows: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def test_the_rows_are_those_of_the_lists_in_their_order(tmp_path: Path) -> None:
    first = write_list(tmp_path, "".join(GOOD.format(number=number) for number in range(20)))
    second = write_list(tmp_path, GOOD.format(number=77), "second.csv")
    with read_beside([first, second]) as rows:
        beside = multiprocessing.active_children()
        assert list(rows) == read_placements([first, second])
    assert len(beside) == 1
    assert not beside[0].is_alive()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(GOOD.format(number=1) + "Lê Thị Hoa,12,H61,Chuyên viên\n", PlacementFaulty, id="a-short-number"),
        pytest.param("", PlacementEmpty, id="an-empty-list"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_here(tmp_path: Path, content: str, refusal: type[Exception]) -> None:
    path = write_list(tmp_path, content)
    with pytest.raises(refusal) as alone:
        read_placements([path])
    with pytest.raises(refusal) as told, read_beside([path]) as rows:
        list(rows)
    assert str(told.value) == str(alone.value)
    assert getattr(told.value, "faults", None) == getattr(alone.value, "faults", None)


def test_a_reader_that_was_left_alone_says_nothing(tmp_path: Path) -> None:
    path = write_list(tmp_path, "".join(GOOD.format(number=number) for number in range(20)))
    ours, theirs = multiprocessing.Pipe(duplex=False)
    ours.close()
    lists_beside.hand_over([path], theirs)


def test_a_reader_whose_rows_nobody_wants_is_ended(tmp_path: Path) -> None:
    path = write_list(tmp_path, "".join(GOOD.format(number=number) for number in range(99)))
    with pytest.raises(LookupError), read_beside([path]):
        raise LookupError("the decree has faults")
    assert not multiprocessing.active_children()


def test_a_short_list_is_read_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_beside, "WORTH_IT", 100_000)
    path = write_list(tmp_path, GOOD.format(number=1))
    with read_beside([path]) as rows:
        assert not multiprocessing.active_children()
        assert list(rows) == read_placements([path])
