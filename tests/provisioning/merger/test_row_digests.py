"""The digests of a plan, made while people are read and made again from numbers alone."""

from provisioning.merger.book import UnitBook, read_units
from provisioning.merger.holders import each_group, order_scope
from provisioning.merger.row_digests import digest_each, find_home_place
from tests.provisioning.merger.conftest import EFFECTIVE, Administration


def test_both_ways_of_reading_give_the_same_digests(administration: Administration) -> None:
    with administration.runtime.database.read() as reads:
        book = read_units(reads, EFFECTIVE)
        whole = order_scope(book, list(book.standing))
        for scope in (whole, whole[1::2], whole[:1]):
            read = {unit: digest for unit, _people, digest in each_group(reads, book, scope)}
            assert dict(digest_each(reads, book, scope)) == read


def test_who_comes_changes_the_digest_of_the_unit_alone(administration: Administration) -> None:
    def look() -> dict[str, str]:
        with administration.runtime.database.read() as reads:
            book: UnitBook = read_units(reads, EFFECTIVE)
            return {
                str(unit): digest for unit, digest in digest_each(reads, book, order_scope(book, list(book.standing)))
            }

    before = look()
    administration.add_person("Bùi Thị Sau", "28789")
    after = look()
    assert [unit for unit in before if before[unit] != after[unit]] == [str(administration.units["28789"])]


def test_home_is_the_main_post_or_the_first_in_the_scope() -> None:
    place = {"a": 0, "b": 1}
    assert find_home_place([(7, "b", False)], place) == 1
    assert find_home_place([(7, "a", False), (8, "b", True)], place) == 1
    assert find_home_place([(7, "b", False), (8, "a", False)], place) == 0
    assert find_home_place([(7, "elsewhere", True), (8, "b", False)], place) == 1
