"""What has become of a unit, and what it came from."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.succession import answer_predecessors, answer_successors
from foundation.changes import AsOf
from tests.directory.conftest import BEFORE, MERGER, World

DAY = timedelta(days=1)


def heirs(
    world: World, code: str, at: datetime, word: str = "successors", **how: Any
) -> dict[str, list[tuple[str, str, bool]]]:
    """Origin name → its heirs as (name, share, principal)."""
    ask = answer_successors if word == "successors" else answer_predecessors
    with world.database.read() as reads:
        answer = ask(reads, [code], AsOf(at), **how)[0]
    return {o["name"]: [(h["name"], h["share"], h["principal"]) for h in o[word]] for o in answer["origins"]}


@pytest.fixture
def reform(world: World) -> World:
    """Two communes merge into one that bears the first one's code; a third is divided between it and a neighbour."""
    world.unit("Xã Một", ends=MERGER, admin_2004="00001")
    world.unit("Xã Hai", ends=MERGER, admin_2004="00002")
    world.unit("Xã Ba", ends=MERGER, admin_2004="00003")
    world.unit("Xã Bốn", admin_2004="00004")
    world.unit("Xã Mới", begins=MERGER, admin_2004="00001", continued_from="Xã Một")
    world.event(
        "merge_into_new", MERGER, ("Xã Một", "Xã Mới", "whole", True), ("Xã Hai", "Xã Mới", "whole", True),
        ("Xã Ba", "Xã Mới", "part", True),
    )  # fmt: skip
    world.event("merge_into_existing", MERGER, ("Xã Bốn", "Xã Bốn", "whole", True), ("Xã Ba", "Xã Bốn", "part", False))
    return world


def test_before_the_instant_a_unit_is_its_own_successor(reform: World) -> None:
    assert heirs(reform, "00002", MERGER - timedelta(microseconds=1)) == {"Xã Hai": [("Xã Hai", "whole", True)]}


def test_at_the_instant_it_is_the_one_it_was_merged_into(reform: World) -> None:
    assert heirs(reform, "00002", MERGER) == {"Xã Hai": [("Xã Mới", "whole", True)]}


def test_a_divided_unit_has_several_successors_the_principal_first(reform: World) -> None:
    assert heirs(reform, "00003", MERGER) == {"Xã Ba": [("Xã Mới", "part", True), ("Xã Bốn", "part", False)]}


def test_a_code_that_passed_on_is_answered_by_origin(reform: World) -> None:
    assert heirs(reform, "00001", MERGER) == {
        "Xã Một": [("Xã Mới", "whole", True)],
        "Xã Mới": [("Xã Mới", "whole", True)],
    }
    assert heirs(reform, "00001", MERGER, code_at=MERGER - DAY) == {"Xã Một": [("Xã Mới", "whole", True)]}
    assert heirs(reform, "00001", MERGER, code_at=MERGER) == {"Xã Mới": [("Xã Mới", "whole", True)]}


def test_predecessors_are_the_same_from_the_other_end(reform: World) -> None:
    came = heirs(reform, "00001", MERGER, "predecessors", code_at=MERGER)
    assert set(came["Xã Mới"]) == {("Xã Một", "whole", True), ("Xã Hai", "whole", True), ("Xã Ba", "part", True)}
    assert set(heirs(reform, "00004", MERGER, "predecessors")["Xã Bốn"]) == {
        ("Xã Bốn", "whole", True),
        ("Xã Ba", "part", False),
    }


def test_chains_over_several_reforms_are_followed(world: World) -> None:
    middle = MERGER - 1000 * DAY
    world.unit("A", ends=middle, admin_2004="00011")
    world.unit("B", begins=middle, ends=MERGER, admin_2004="00012")
    world.unit("C", begins=MERGER, admin_2004="00013")
    first = world.event("merge_into_new", middle, ("A", "B", "part", True))
    second = world.event("merge_into_new", MERGER, ("B", "C", "whole", True))
    assert heirs(world, "00011", MERGER) == {"A": [("C", "part", True)]}
    assert heirs(world, "00013", MERGER, "predecessors") == {"C": [("B", "whole", True), ("A", "part", True)]}
    with world.database.read() as reads:
        answer = answer_successors(reads, ["00011"], AsOf(MERGER))[0]
    assert answer["origins"][0]["successors"][0]["path"] == [str(first), str(second)]


def test_a_dissolved_unit_without_heirs_says_so(world: World) -> None:
    world.unit("Huyện Cũ", level="district", ends=MERGER, admin_2004="755")
    world.event("dissolve", MERGER, ("Huyện Cũ", "", "whole", True))
    assert heirs(world, "755", MERGER) == {"Huyện Cũ": []}


def test_what_a_dissolved_unit_left_to_others_is_rehomed(world: World) -> None:
    world.unit("Huyện Cũ", level="district", ends=MERGER, admin_2004="756")
    world.unit("Xã Gần", admin_2004="00031")
    world.event("dissolve", MERGER, ("Huyện Cũ", "Xã Gần", "part", True))
    with world.database.read() as reads:
        (origin,) = answer_successors(reads, ["756"], AsOf(MERGER))[0]["origins"]
    assert (origin["ended"], [(h["name"], h["rehomed"]) for h in origin["successors"]]) == (True, [("Xã Gần", True)])


def test_what_was_written_after_a_part_was_given_away_stays_where_it_was_written(world: World) -> None:
    world.unit("Xã Lớn", admin_2004="00021")
    world.unit("Xã Nhỏ", begins=MERGER, admin_2004="00022")
    world.event("split", MERGER, ("Xã Lớn", "Xã Lớn", "part", True), ("Xã Lớn", "Xã Nhỏ", "part", False))
    later = MERGER + 100 * DAY
    assert heirs(world, "00021", later, code_at=later) == {"Xã Lớn": [("Xã Lớn", "whole", True)]}
    assert len(heirs(world, "00021", later, code_at=MERGER - DAY)["Xã Lớn"]) == 2


def test_a_unit_merged_into_one_that_later_gave_a_part_away_came_only_in_part(world: World) -> None:
    middle = MERGER - 1000 * DAY
    world.unit("W", ends=middle, admin_2004="00041")
    world.unit("X", admin_2004="00042")
    world.unit("Y", begins=MERGER, admin_2004="00043")
    world.event("merge_into_existing", middle, ("X", "X", "whole", True), ("W", "X", "whole", True))
    world.event("split", MERGER, ("X", "X", "part", True), ("X", "Y", "part", False))
    assert heirs(world, "00041", MERGER) == {"W": [("X", "part", True), ("Y", "part", False)]}
    assert ("W", "part", True) in heirs(world, "00042", MERGER, "predecessors")["X"]
    assert ("W", "part", False) in heirs(world, "00043", MERGER, "predecessors")["Y"]


def test_what_was_left_of_a_divided_unit_passes_on_as_a_part(world: World) -> None:
    middle = MERGER - 1000 * DAY
    world.unit("X", ends=MERGER, admin_2004="00051")
    world.unit("Y", begins=middle, admin_2004="00052")
    world.unit("Z", admin_2004="00053")
    world.event("split", middle, ("X", "X", "part", True), ("X", "Y", "part", False))
    world.event("merge_into_existing", MERGER, ("Z", "Z", "whole", True), ("X", "Z", "whole", True))
    assert heirs(world, "00051", MERGER) == {"X": [("Z", "part", True), ("Y", "part", False)]}
    assert heirs(world, "00051", MERGER, code_at=middle + DAY) == {"X": [("Z", "whole", True)]}


@pytest.mark.parametrize("ask", [answer_successors, answer_predecessors], ids=["successors", "predecessors"])
@pytest.mark.parametrize("known_at", [None, BEFORE], ids=["now", "then"])
@pytest.mark.parametrize("scheme", [None, "admin"])
def test_many_codes_are_answered_as_one_by_one(
    reform: World, ask: Callable[..., list[dict[str, Any]]], known_at: datetime | None, scheme: str | None
) -> None:
    codes = [
        "00003",
        "no code",
        "00001",
        "00002",
        " 00003",
        "00004",
        *(f"{number:05}" for number in range(90_000, 90_600)),
    ]
    where = AsOf(MERGER, known_at)
    with reform.database.read() as reads:
        at_once = ask(reads, codes, where, scheme, MERGER - DAY)
    with reform.database.read_quickly() as reads:
        assert at_once == [ask(reads, [code], where, scheme, MERGER - DAY)[0] for code in codes[:7]] + at_once[7:]
    assert [answer["code"] for answer in at_once[:2]] == ["00003", "NO CODE"]
    assert bool(at_once[0]["origins"]) is (scheme is None)


def test_a_new_unit_that_was_renamed_later_still_came_from_the_old_ones_alone(reform: World) -> None:
    reform.event("rename", MERGER + DAY, ("Xã Mới", "Xã Mới", "whole", True))
    came = heirs(reform, "00001", MERGER + DAY, "predecessors", code_at=MERGER)
    assert {name for name, _share, _principal in came["Xã Mới"]} == {"Xã Một", "Xã Hai", "Xã Ba"}
    world = reform
    world.unit("Tỉnh", level="province", admin_2004="86")
    world.event("recode", MERGER, ("Tỉnh", "Tỉnh", "whole", True))
    assert heirs(world, "86", MERGER, "predecessors") == {"Tỉnh": [("Tỉnh", "whole", True)]}


def test_a_code_nobody_bore_has_no_origin(world: World) -> None:
    assert heirs(world, "99999", MERGER) == {}


def test_a_unit_that_stands_names_the_parts_it_gave_away(world: World) -> None:
    world.unit("Xã Lớn", admin_2004="00021")
    world.unit("Xã Nhỏ", begins=MERGER, admin_2004="00022")
    world.event("split", MERGER, ("Xã Lớn", "Xã Lớn", "part", True), ("Xã Lớn", "Xã Nhỏ", "part", False))
    assert heirs(world, "00021", MERGER) == {"Xã Lớn": [("Xã Lớn", "part", True), ("Xã Nhỏ", "part", False)]}


def test_many_codes_are_answered_in_the_order_asked(reform: World) -> None:
    with reform.database.read() as reads:
        answers = answer_successors(reads, ["00003", "nothing", " 00002 "], AsOf(MERGER))
    assert [answer["code"] for answer in answers] == ["00003", "NOTHING", "00002"]
    assert [len(answer["origins"]) for answer in answers] == [1, 0, 1]


def test_what_was_known_before_the_decree_can_be_repeated(reform: World) -> None:
    with reform.database.read() as reads:
        answer = answer_successors(reads, ["00002"], AsOf(MERGER, known_at=BEFORE - DAY))[0]
    assert answer["origins"] == []
