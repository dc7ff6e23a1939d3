"""Units, their codes and what lies under them, as of an instant."""

import uuid

import pytest
import sqlalchemy as sa

from directory.chains import find_ancestors, full_name
from directory.codes import check_code, possible_schemes
from directory.errors import CodeAmbiguous, CodeMalformed, CodeTaken, UnitNotFound
from directory.unit_file import UnitFileFaulty, read_units
from directory.unit_import import import_units
from directory.units import find_subtree, get_unit_by_code, list_units
from foundation.changes import AsOf
from foundation.database import broken_guard
from foundation.i18n import translate
from tests.directory.conftest import BEFORE, MERGER, World

HEADER = "ref,level,kind,name,short_name,parent_ref,valid_from,scheme1,code1,scheme2,code2,decision_number,example\n"


@pytest.mark.parametrize(
    ("code", "schemes"),
    [
        ("H61.12.3", ("agency",)),
        ("h61", ("agency",)),
        ("H37.DN.001", ("agency",)),
        ("000.00.12.H26", ("agency-legacy",)),
        ("86", ("admin", "admin-2004")),
        ("755", ("admin-2004",)),
        ("29641", ("admin", "admin-2004")),
        ("H61.", ()),
        ("H61..1", ()),
        ("H" + "6" * 40, ()),
        ("H61.Đ", ()),
        ("", ()),
    ],
)
def test_a_code_tells_its_possible_schemes(code: str, schemes: tuple[str, ...]) -> None:
    assert possible_schemes(code) == schemes


def test_a_malformed_code_is_refused() -> None:
    with pytest.raises(CodeMalformed):
        check_code("H61/2", "agency")
    assert check_code(" h61.02 ", "agency") == "H61.02"


def test_a_unit_is_found_by_its_code_then_and_now(world: World) -> None:
    old = world.unit("Xã Cũ", ends=MERGER, admin_2004="00001", agency="H61.1")
    new = world.unit("Xã Mới", begins=MERGER, admin_2004="00001", continued_from="Xã Cũ")
    with world.database.read() as reads:
        assert get_unit_by_code(reads, "00001", AsOf(BEFORE)).id == old
        assert get_unit_by_code(reads, "00001", AsOf(MERGER)).id == new
        gone = get_unit_by_code(reads, "h61.1", AsOf(MERGER))
        assert (gone.id, gone.ends, gone.codes["agency"]) == (old, MERGER, "H61.1")
        with pytest.raises(UnitNotFound):
            get_unit_by_code(reads, "00009", AsOf(MERGER))


def test_a_text_borne_in_two_schemes_at_once_is_ambiguous(world: World) -> None:
    world.unit("Tỉnh Một", level="province", admin_2004="86")
    world.unit("Tỉnh Hai", level="province", admin="86")
    with world.database.read() as reads:
        with pytest.raises(CodeAmbiguous):
            get_unit_by_code(reads, "86", AsOf(MERGER))
        assert get_unit_by_code(reads, "86", AsOf(MERGER), "admin").name == "Tỉnh Hai"


def test_a_second_bearer_is_refused_unless_the_code_was_handed_on(world: World) -> None:
    world.unit("Xã Một", ends=MERGER, admin_2004="00001")
    with pytest.raises(sa.exc.IntegrityError) as caught:
        world.unit("Xã Hai", begins=MERGER, admin_2004="00001")
    assert broken_guard(caught.value) == "code_never_given_twice"
    world.unit("Xã Ba", begins=MERGER, admin_2004="00001", continued_from="Xã Một")


def test_two_bearers_at_once_are_refused_even_if_handed_on(world: World) -> None:
    world.unit("Xã Một", admin_2004="00001")
    with pytest.raises(sa.exc.IntegrityError) as caught:
        world.unit("Xã Ba", begins=MERGER, admin_2004="00001", continued_from="Xã Một")
    assert broken_guard(caught.value) == "one_bearer_of_a_code"


def test_a_tree_has_what_is_under_and_above_as_of_the_instant(world: World) -> None:
    world.unit("Tỉnh Vĩnh Long", level="province", admin_2004="86")
    world.unit("Huyện Long Hồ", level="district", parent="Tỉnh Vĩnh Long", ends=MERGER)
    commune = world.unit("Xã An Bình", parent="Huyện Long Hồ", ends=MERGER)
    with world.database.read() as reads:
        root = world.units["Tỉnh Vĩnh Long"]
        assert find_subtree(reads, [root], AsOf(BEFORE)) == set(world.units.values())
        assert find_subtree(reads, [root], AsOf(MERGER)) == {root}
        chain = find_ancestors(reads, commune, AsOf(BEFORE))
        assert full_name(chain) == "UBND xã An Bình, huyện Long Hồ, tỉnh Vĩnh Long"
        assert find_ancestors(reads, commune, AsOf(MERGER)) == []


def rows_of(text: str) -> bytes:
    """A unit file."""
    return (HEADER + text).encode()


def test_a_unit_file_is_brought_in_whole(world: World) -> None:
    root = world.unit("Chính phủ", level="central")
    rows = read_units(
        rows_of(
            "p,province,office,Tỉnh  Vĩnh Long,,,2004-07-08,agency,H61,admin-2004,86,124/2004/QĐ-TTg,agency\n"
            "c,commune,office,Xã An Bình,,p,2004-07-08,agency,h61.1,admin-2004,29641,124/2004/QĐ-TTg,agency\n"
        )
    )
    assert import_units(world.database, rows, root, "tester", BEFORE) == 2
    with world.database.read() as reads:
        found = get_unit_by_code(reads, "H61.1", AsOf(MERGER))
        assert found.name == "Xã An Bình"
        assert [unit.name for unit in list_units(reads, AsOf(MERGER), "province")] == ["Tỉnh Vĩnh Long"]
        assert full_name(find_ancestors(reads, found.id, AsOf(MERGER))) == "UBND xã An Bình, tỉnh Vĩnh Long"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("p,kingdom,office,Tỉnh,,,2004-07-08,,,,,,\n", "kingdom", id="unknown level"),
        pytest.param("p,province,office,,,,2004-07-08,,,,,,\n", "name", id="no name"),
        pytest.param("p,province,office,Tỉnh,,x,2004-07-08,,,,,,\n", "parent x", id="parent below"),
        pytest.param("p,province,office,Tỉnh,,,08/07/2004,,,,,,\n", "08/07/2004", id="date in another order"),
        pytest.param("p,province,office,Tỉnh,,,2004-07-08,agency,H6,,,,\n", "H6", id="malformed code"),
        pytest.param("", "no unit", id="no row"),
    ],
)
def test_a_faulty_unit_file_is_told_whole_and_changes_nothing(text: str, word: str) -> None:
    with pytest.raises(UnitFileFaulty) as caught:
        read_units(rows_of(text))
    assert word in caught.value.shown


def test_every_fault_of_a_unit_file_is_told_with_its_row_in_the_readers_language() -> None:
    with pytest.raises(UnitFileFaulty) as caught:
        read_units(b"ref,level,name,parent_ref,valid_from\np,province,,,2004-07-08\nq,kingdom,X,,2004-07-08\n")
    told = translate("vi", caught.value.message, **caught.value.values)
    assert "dòng 2: cần có ref và name" in told
    assert "dòng 3: “kingdom” không phải là một cấp" in told


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"a,b\n1,2\n"])
def test_what_is_no_unit_file_is_a_plain_answer(content: bytes) -> None:
    with pytest.raises(UnitFileFaulty):
        read_units(content)


def test_a_code_given_twice_names_both_decisions_and_nothing_is_written(world: World) -> None:
    root = world.unit("Chính phủ", level="central")
    world.unit("Tỉnh Vĩnh Long", level="province", admin_2004="86")
    rows = read_units(
        rows_of(
            "n,province,office,Tỉnh Mới,,,2020-01-01,admin-2004,87,,,9/2020,\n"
            "p,province,office,Tỉnh Khác,,,2020-01-01,admin-2004,86,,,9/2020,\n"
        )
    )
    with pytest.raises(CodeTaken) as caught:
        import_units(world.database, rows, root, "tester", BEFORE)
    assert "1/QĐ" in caught.value.shown
    assert "9/2020" in caught.value.shown
    with world.database.read() as reads, pytest.raises(UnitNotFound):
        get_unit_by_code(reads, "87", AsOf(MERGER))


def test_an_unknown_id_is_not_in_force(world: World) -> None:
    with world.database.read() as reads:
        assert find_subtree(reads, [uuid.uuid4()], AsOf(MERGER)) == set()
