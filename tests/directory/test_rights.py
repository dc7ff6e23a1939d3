"""Rights are posts whose unit covers what is touched."""

import pytest

from directory.errors import RightMissing
from directory.rights import check_right, covered_units
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


def test_where_no_unit_stands_nobody_has_the_right_over_everything(tree: World) -> None:
    """A register time before the first unit, or one that a clock got wrong, is no leave."""
    person = tree.official("Lê Thị Hoa", "Chính phủ", duties="hr operator")
    long_before = AsOf(BEFORE.replace(year=1900))
    with tree.database.read() as reads:
        check_right(reads, person, ("hr",), [], AsOf(MERGER))
        with pytest.raises(RightMissing):
            check_right(reads, person, ("hr",), [], long_before)
