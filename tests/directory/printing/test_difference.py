"""The difference of two sides: complete, sorted, counted; applying it makes them equal."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as some

from directory.printing.difference import Add, Change, Delete, Found, Modify, find_difference
from directory.printing.entries import Entry, Values

names = some.sampled_from(["cn", "uid", "mail", "title", "userPassword"])
values = some.lists(some.binary(min_size=1, max_size=3), min_size=1, max_size=2, unique=True).map(
    lambda found: tuple(sorted(found))
)
sides = some.dictionaries(some.sampled_from("abcdef"), some.dictionaries(names, values, max_size=4))


def as_found(side: Mapping[str, Mapping[str, Values]]) -> dict[str, Found]:
    return {dn: Found(Entry(dn, attributes), f"csn-{dn}") for dn, attributes in side.items()}


def apply(side: Mapping[str, Mapping[str, Values]], changes: tuple[Change, ...]) -> dict[str, Mapping[str, Values]]:
    """What a server would have after these changes."""
    after = dict(side)
    for change in changes:
        match change:
            case Add(entry=entry):
                after[entry.dn] = entry.attributes
            case Modify(dn=dn, replaced=replaced):
                merged = {**after[dn], **replaced}
                after[dn] = {name: kept for name, kept in merged.items() if kept}
            case Delete(dn=dn):
                del after[dn]
    return after


@given(sides, sides)
def test_applying_the_difference_makes_both_sides_equal(
    wanted: dict[str, dict[str, Values]], found: dict[str, dict[str, Values]]
) -> None:
    difference = find_difference((Entry(dn, attributes) for dn, attributes in wanted.items()), as_found(found))
    assert apply(found, difference.changes) == wanted
    assert bool(difference) == (wanted != found)
    assert sum(difference.counts.values()) == len(difference.changes)


@given(sides, sides)
def test_changes_are_sorted_and_deletions_come_last(
    wanted: dict[str, dict[str, Values]], found: dict[str, dict[str, Values]]
) -> None:
    changes = find_difference((Entry(dn, kept) for dn, kept in wanted.items()), as_found(found)).changes
    assert list(changes) == sorted(changes, key=lambda change: (change.sign == "-", change.dn))


@given(sides, sides)
def test_lost_passwords_are_counted(wanted: dict[str, dict[str, Values]], found: dict[str, dict[str, Values]]) -> None:
    difference = find_difference((Entry(dn, kept) for dn, kept in wanted.items()), as_found(found))
    had = {dn for dn, kept in found.items() if "userPassword" in kept}
    has = {dn for dn, kept in wanted.items() if "userPassword" in kept}
    assert difference.lockouts == len(had - has)


def test_each_change_carries_the_number_it_was_computed_from() -> None:
    difference = find_difference([Entry("a", {"cn": (b"new",)})], as_found({"a": {"cn": (b"old",)}, "b": {}}))
    modify, delete = difference.changes
    assert isinstance(modify, Modify)
    assert isinstance(delete, Delete)
    assert (modify.csn, delete.csn) == ("csn-a", "csn-b")
    assert (modify.before, modify.replaced) == ({"cn": (b"old",)}, {"cn": (b"new",)})
