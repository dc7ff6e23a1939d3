"""Rights are posts whose unit covers what is touched."""

from contextlib import nullcontext
from datetime import timedelta

import pytest

from directory.errors import RightMissing
from directory.rights import check_right, covered_units, is_covered
from foundation.changes import AsOf
from tests.directory.conftest import BEFORE, MERGER, World


@pytest.fixture
def tree(world: World) -> World:
    """Two provinces under the root, with a commune each."""
    world.unit("Chính phủ", level="central")
    for name in ("Vĩnh Long", "Bến Tre"):
        world.unit(f"Tỉnh {name}", level="province", parent="Chính phủ")
        world.unit(f"Xã {name}", parent=f"Tỉnh {name}")
    return world


@pytest.mark.parametrize(
    ("unit", "duties", "touched", "may"),
    [
        pytest.param("Chính phủ", "hr", ["Xã Vĩnh Long", "Xã Bến Tre"], True, id="root covers all"),
        pytest.param("Tỉnh Vĩnh Long", "hr", ["Tỉnh Vĩnh Long", "Xã Vĩnh Long"], True, id="own subtree"),
        pytest.param("Tỉnh Vĩnh Long", "hr", ["Xã Vĩnh Long", "Xã Bến Tre"], False, id="another subtree too"),
        pytest.param("Xã Vĩnh Long", "hr", ["Tỉnh Vĩnh Long"], False, id="the unit above"),
        pytest.param("Tỉnh Vĩnh Long", "clerk", ["Xã Vĩnh Long"], False, id="another duty"),
        pytest.param("Tỉnh Vĩnh Long", "", ["Xã Vĩnh Long"], False, id="no duty"),
    ],
)
def test_a_right_covers_its_subtree(tree: World, unit: str, duties: str, touched: list[str], may: bool) -> None:
    person = tree.official("Lê Thị Hoa", unit, duties=duties)
    with tree.database.read() as reads:
        units = [tree.units[name] for name in touched]
        if may:
            check_right(reads, person, ("hr",), units, AsOf(MERGER))
        else:
            with pytest.raises(RightMissing):
                check_right(reads, person, ("hr",), units, AsOf(MERGER))


def test_a_right_ends_with_its_post(tree: World) -> None:
    person = tree.official("Lê Thị Hoa", "Chính phủ", duties="hr", ends=MERGER)
    with tree.database.read() as reads:
        assert covered_units(reads, person, ["hr"], AsOf(BEFORE))
        assert covered_units(reads, person, ["hr"], AsOf(MERGER)) == set()


def test_the_refusal_names_the_right_the_unit_and_who_holds_it(tree: World) -> None:
    tree.official("Lê Thị Hoa", "Tỉnh Bến Tre", duties="hr")
    person = tree.official("Nguyễn Văn An", "Tỉnh Vĩnh Long", duties="hr")
    with tree.database.read() as reads, pytest.raises(RightMissing) as caught:
        check_right(reads, person, ("hr",), [tree.units["Xã Bến Tre"]], AsOf(MERGER))
    assert "UBND xã Bến Tre, tỉnh Bến Tre" in caught.value.shown
    assert "Lê Thị Hoa" in caught.value.shown


def test_a_unit_that_ended_is_covered_by_what_it_lay_under(tree: World) -> None:
    tree.unit("Huyện Cũ", level="district", parent="Tỉnh Vĩnh Long", ends=MERGER)
    province, other = (tree.official(name, f"Tỉnh {name}", duties="hr") for name in ("Vĩnh Long", "Bến Tre"))
    with tree.database.read() as reads:
        check_right(reads, province, ("hr",), [tree.units["Huyện Cũ"]], AsOf(MERGER))
        with pytest.raises(RightMissing):
            check_right(reads, other, ("hr",), [tree.units["Huyện Cũ"]], AsOf(MERGER))


@pytest.fixture
def merged(tree: World) -> World:
    """Bến Tre became part of Vĩnh Long: a commune passed on whole, one in two parts across the border, a district to nobody."""
    tree.unit("Tỉnh Cũ", level="province", ends=MERGER)
    tree.unit("Huyện Cũ", level="district", parent="Tỉnh Cũ", ends=MERGER)
    for name in ("Phường Một", "Phường Hai", "Phường Ba"):
        tree.unit(name, parent="Huyện Cũ", ends=MERGER)
    tree.unit("Tổ Dân phố", parent="Phường Ba", ends=MERGER)
    tree.event("merge_into_existing", MERGER, ("Tỉnh Cũ", "Tỉnh Vĩnh Long", "whole", True))
    tree.event("merge_into_existing", MERGER, ("Phường Một", "Xã Vĩnh Long", "whole", True))
    tree.event(
        "split", MERGER, ("Phường Hai", "Xã Vĩnh Long", "part", True), ("Phường Hai", "Xã Bến Tre", "part", False)
    )
    tree.event("merge_into_existing", MERGER, ("Phường Ba", "Xã Bến Tre", "whole", True))
    return tree


@pytest.mark.parametrize(
    ("unit", "touched", "may"),
    [
        pytest.param("Tỉnh Vĩnh Long", "Phường Một", True, id="passed on whole"),
        pytest.param("Xã Vĩnh Long", "Phường Một", True, id="to the very heir"),
        pytest.param("Tỉnh Bến Tre", "Phường Một", False, id="to another province"),
        pytest.param("Tỉnh Vĩnh Long", "Phường Hai", False, id="a part elsewhere"),
        pytest.param("Chính phủ", "Phường Hai", True, id="above all parts"),
        pytest.param("Tỉnh Vĩnh Long", "Huyện Cũ", True, id="to nobody, in a province that passed on"),
        pytest.param("Tỉnh Vĩnh Long", "Tổ Dân phố", False, id="in a unit that went elsewhere than its province"),
        pytest.param("Tỉnh Bến Tre", "Tổ Dân phố", True, id="in a unit that passed on"),
    ],
)
def test_what_a_merger_ended_is_covered_by_who_has_all_of_it(merged: World, unit: str, touched: str, may: bool) -> None:
    """Else nobody could help those whom the merger left without a post: the old province is above nobody any more."""
    person = merged.official("Lê Thị Hoa", unit, duties="hr")
    with merged.database.read() as reads:
        assert (
            is_covered(reads, merged.units[touched], covered_units(reads, person, ["hr"], AsOf(MERGER)), AsOf(MERGER))
            == may
        )
        with nullcontext() if may else pytest.raises(RightMissing):
            check_right(reads, person, ("hr",), [merged.units[touched]], AsOf(MERGER))
        with pytest.raises(RightMissing):
            check_right(reads, person, ("hr",), [merged.units[touched]], AsOf(MERGER - timedelta(seconds=1)))


def test_whom_a_unit_that_goes_on_elsewhere_left_without_a_post_its_new_province_helps(tree: World) -> None:
    """Its old one merged away: who has that one's units has not these people."""
    tree.unit("Tỉnh Cũ", level="province", parent="Chính phủ", ends=MERGER)
    tree.unit("Phường Một", parent="Tỉnh Cũ")
    tree.move("Phường Một", "Tỉnh Bến Tre", MERGER)
    tree.unit("Phòng Cũ", level="division", parent="Phường Một", ends=MERGER)
    tree.event("merge_into_existing", MERGER, ("Tỉnh Cũ", "Tỉnh Vĩnh Long", "whole", True))
    now = AsOf(MERGER + timedelta(days=1))
    for unit, may in (("Tỉnh Vĩnh Long", False), ("Tỉnh Bến Tre", True), ("Phường Một", True), ("Chính phủ", True)):
        person = tree.official("Lê Thị Hoa", unit, duties="hr")
        with tree.database.read() as reads:
            covered = covered_units(reads, person, ["hr"], now)
            assert is_covered(reads, tree.units["Phòng Cũ"], covered, now) == may, unit


def test_units_that_name_each_other_as_heirs_come_to_an_end(tree: World) -> None:
    for name in ("Phường Một", "Phường Hai"):
        tree.unit(name, parent="Tỉnh Bến Tre", ends=MERGER)
    tree.event("merge_into_existing", MERGER, ("Phường Một", "Phường Hai", "whole", True))
    tree.event("merge_into_existing", MERGER, ("Phường Hai", "Phường Một", "whole", True))
    with tree.database.read() as reads:
        assert is_covered(reads, tree.units["Phường Một"], {tree.units["Tỉnh Bến Tre"]}, AsOf(MERGER))
        assert not is_covered(reads, tree.units["Phường Một"], {tree.units["Tỉnh Vĩnh Long"]}, AsOf(MERGER))


def test_where_no_unit_stands_nobody_has_the_right_over_everything(tree: World) -> None:
    """A register time before the first unit, or one that a clock got wrong, is no leave."""
    person = tree.official("Lê Thị Hoa", "Chính phủ", duties="hr operator")
    long_before = AsOf(BEFORE.replace(year=1900))
    with tree.database.read() as reads:
        check_right(reads, person, ("hr",), [], AsOf(MERGER))
        with pytest.raises(RightMissing):
            check_right(reads, person, ("hr",), [], long_before)


LATER = MERGER + timedelta(days=60)


def tell_who_covers(world: World, unit: str, *offices: str) -> list[str]:
    """Those of these offices whose human resources may act for the unit, long after."""
    now, found = AsOf(LATER + timedelta(days=60)), []
    for office in offices:
        person = world.official(f"Nhân sự {office}", office, duties="hr")
        with world.database.read() as reads:
            if is_covered(reads, world.units[unit], covered_units(reads, person, ["hr"], now), now):
                found.append(office)
    return found


def test_an_heir_that_ended_without_heirs_is_asked_for_what_it_lay_under(tree: World) -> None:
    tree.unit("Xã Cũ", parent="Tỉnh Vĩnh Long", ends=MERGER)
    tree.unit("Xã Mới", parent="Tỉnh Bến Tre", begins=MERGER, ends=LATER)
    tree.event("merge_into_existing", MERGER, ("Xã Cũ", "Xã Mới", "whole", True))
    assert tell_who_covers(tree, "Xã Cũ", "Tỉnh Vĩnh Long", "Tỉnh Bến Tre") == ["Tỉnh Bến Tre"]


def test_who_got_a_part_does_not_answer_for_the_part_whose_heir_ended(tree: World) -> None:
    tree.unit("Xã Cũ", parent="Tỉnh Vĩnh Long", ends=MERGER)
    tree.unit("Xã Hai", parent="Tỉnh Vĩnh Long", begins=MERGER)
    tree.unit("Xã Mới", parent="Tỉnh Bến Tre", begins=MERGER, ends=LATER)
    tree.event("split", MERGER, ("Xã Cũ", "Xã Mới", "part", True), ("Xã Cũ", "Xã Hai", "part", False))
    offices = ("Xã Hai", "Tỉnh Vĩnh Long", "Tỉnh Bến Tre", "Chính phủ")
    assert tell_who_covers(tree, "Xã Cũ", *offices) == ["Chính phủ"]


def test_an_heir_that_later_gave_a_part_away_still_answers_for_who_came_with_the_merger(tree: World) -> None:
    tree.unit("Xã Cũ", parent="Tỉnh Vĩnh Long", ends=MERGER)
    tree.unit("Xã Hai", parent="Tỉnh Vĩnh Long", begins=MERGER)
    tree.unit("Xã Ba", parent="Tỉnh Bến Tre", begins=LATER)
    tree.event("merge_into_existing", MERGER, ("Xã Cũ", "Xã Hai", "whole", True))
    tree.event("split", LATER, ("Xã Hai", "Xã Hai", "part", True), ("Xã Hai", "Xã Ba", "part", False))
    assert tell_who_covers(tree, "Xã Cũ", "Xã Hai", "Tỉnh Bến Tre") == ["Xã Hai"]
