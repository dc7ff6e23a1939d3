"""Where people go: the order of the design, and what holds for everybody whatever was decided."""

import uuid
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.models import BODIES, DUTIES
from foundation.clocks import parse_instant
from provisioning.merger.destinations import (
    LEADING,
    Destination,
    Ground,
    PlacedBy,
    Placement,
    find_seats,
    place,
    settle_chairs,
)
from provisioning.merger.holders import Holder, PostRow
from tests.provisioning.merger.books import EFFECTIVE, FOUNDED, named

OLD, DIVIDED, STANDING, NEW, OTHER = (named(word) for word in ("old", "divided", "standing", "new", "other"))
UNITS = (OLD, DIVIDED, STANDING)


def ground(*rules: PlacedBy) -> Ground:
    heirs = {OLD: NEW}
    levels = {OLD: "commune", DIVIDED: "commune", STANDING: "department"}
    return Ground(EFFECTIVE, {OLD, DIVIDED}, heirs.get, levels, rules)


def post(unit: uuid.UUID, *duties: str, main: bool = True, number: int = 1, until: datetime | None = None) -> PostRow:
    person = named("person")
    return PostRow(number, person, unit, "Chuyên viên", "committee", duties, main, False, FOUNDED, until)


def holder(*posts: PostRow, word: str = "person") -> Holder:
    return Holder(named(word), word, None, posts[0].unit_id, tuple(posts), ())


def row(old: uuid.UUID | None, new: uuid.UUID | None, **more: object) -> Placement:
    return replace(Placement("list.xlsx: 7", old, new), **more)  # type: ignore[arg-type]  # words of a Placement


def rule(to: object, *duties: str, units: tuple[uuid.UUID, ...] = (), level: str | None = None) -> PlacedBy:
    return PlacedBy(0, frozenset(units), level, frozenset(duties), None, to)  # type: ignore[arg-type]  # a unit or a word


def test_the_list_comes_before_every_rule() -> None:
    found = place(holder(post(OLD)), [row(OLD, OTHER)], ground(rule(NEW, level="commune")))
    assert (found.kind, found.by, found.source) == ("move", "placement", "list.xlsx: 7")
    assert [new.unit_id for new in found.begins] == [OTHER]


def test_a_rule_comes_before_the_heir() -> None:
    found = place(holder(post(OLD)), [], ground(rule(OTHER, level="commune")))
    assert (found.by, found.source, found.begins[0].unit_id) == ("rule", "rules[0]", OTHER)


def test_the_first_rule_that_fits_decides() -> None:
    rules = rule("undecided", "clerk", level="commune"), rule(OTHER, level="commune")
    assert place(holder(post(OLD, "clerk")), [], ground(*rules)).kind == "undecided"
    assert place(holder(post(OLD)), [], ground(*rules)).begins[0].unit_id == OTHER


def test_a_whole_unit_passes_to_its_heir_with_duties_that_do_not_lead() -> None:
    found = place(holder(post(OLD, "clerk")), [], ground())
    assert (found.by, found.begins[0].unit_id, found.begins[0].duties) == ("principal", NEW, ("clerk",))


def test_nobody_follows_a_unit_that_was_divided() -> None:
    assert place(holder(post(DIVIDED)), [], ground()).kind == "undecided"


@pytest.mark.parametrize("duty", sorted(LEADING))
def test_nobody_is_guessed_into_a_leaders_post(duty: str) -> None:
    assert place(holder(post(OLD, duty)), [], ground()).kind == "undecided"
    assert place(holder(post(OLD, duty)), [], ground(rule("principal", level="commune"))).kind == "undecided"
    named_rule = rule("principal", duty, level="commune")
    assert place(holder(post(OLD, duty)), [], ground(named_rule)).begins[0].duties == (duty,)


def test_a_row_without_duties_never_carries_the_lead_over() -> None:
    found = place(holder(post(OLD, "leader", "approver")), [row(OLD, NEW)], ground())
    assert found.begins[0].duties == ("approver",)
    found = place(holder(post(OLD, "approver")), [row(OLD, NEW, title="Trưởng phòng")], ground())
    assert found.begins[0].duties == ()


def test_undecided_people_lose_their_posts_and_nothing_else() -> None:
    found = place(holder(post(DIVIDED), post(STANDING, main=False, number=2)), [], ground())
    assert [ended.unit_id for ended in found.ends] == [DIVIDED]
    assert [kept.unit_id for kept in found.kept] == [STANDING]
    assert found.begins == ()


def test_a_leaver_loses_what_the_row_speaks_of() -> None:
    found = place(holder(post(OLD), post(STANDING, main=False, number=2)), [row(None, None)], ground())
    assert found.kind == "leave"
    assert len(found.ends) == 2


def test_a_row_that_changes_nothing_in_a_standing_unit_writes_nothing() -> None:
    found = place(holder(post(STANDING)), [row(STANDING, STANDING, title="Chuyên viên", duties=())], ground())
    assert (found.kind, found.ends, found.begins) == ("stay", (), ())


def test_a_post_that_ends_on_a_day_goes_on_ending_on_it() -> None:
    until = parse_instant("2025-12-31")
    assert place(holder(post(OLD, until=until)), [], ground()).begins[0].until == until


def test_two_holders_of_one_chair_are_a_conflict_and_neither_leads() -> None:
    first = place(holder(post(OLD, "leader"), word="a"), [row(OLD, NEW, duties=("leader",))], ground())
    second = place(holder(post(OLD, "leader"), word="b"), [row(OLD, NEW, duties=("leader",))], ground())
    settled = settle_chairs([first, second])
    assert all(one.chairs for one in settled)
    assert not any("leader" in new.duties for one in settled for new in one.begins)


def test_who_already_sits_in_a_chair_keeps_it() -> None:
    sitting = place(holder(post(STANDING, "leader"), word="a"), [], ground())
    coming = place(holder(post(OLD), word="b"), [row(OLD, STANDING, duties=("leader",))], ground())
    stays, comes = settle_chairs([sitting, coming])
    assert stays.kind == "stay"
    assert stays.chairs
    assert comes.begins[0].duties == ()


posts = st.builds(
    PostRow,
    row_id=st.integers(1, 10**9),
    person_id=st.just(named("person")),
    unit_id=st.sampled_from(UNITS),
    title=st.sampled_from(["Chuyên viên", "Chủ tịch", "Phó Chủ tịch"]),
    body=st.sampled_from(BODIES),
    duties=st.lists(st.sampled_from(DUTIES), unique=True, max_size=3).map(tuple),
    main=st.just(False),
    acting=st.booleans(),
    valid_from=st.sampled_from([FOUNDED, parse_instant("2025-08-01")]),
    valid_to=st.sampled_from([None, parse_instant("2026-01-01")]),
)
placements = st.builds(
    Placement,
    source=st.just("list.xlsx: 1"),
    old_unit=st.sampled_from([None, *UNITS]),
    new_unit=st.sampled_from([NEW, OTHER, STANDING]),
    title=st.sampled_from([None, "Chuyên viên", "Chủ tịch"]),
    duties=st.none() | st.lists(st.sampled_from(DUTIES), unique=True, max_size=2).map(tuple),
    body=st.sampled_from([None, *BODIES]),
    main=st.sampled_from([None, True, False]),
)
rules = st.builds(
    PlacedBy,
    number=st.integers(0, 9),
    units=st.frozensets(st.sampled_from(UNITS), max_size=2),
    level=st.sampled_from([None, "commune", "department"]),
    duties=st.frozensets(st.sampled_from(DUTIES), max_size=2),
    body=st.sampled_from([None, *BODIES]),
    to=st.sampled_from(["principal", "undecided", OTHER]),
)
people = st.lists(posts, min_size=1, max_size=4, unique_by=lambda one: one.row_id).map(
    lambda held: holder(held[0]._replace(main=True), *held[1:])
)


@given(people, st.lists(placements, max_size=3), st.lists(rules, max_size=3))
def test_for_everybody(person: Holder, rows: list[Placement], decided: list[PlacedBy]) -> None:
    found = place(person, rows, ground(*decided))
    check_posts_are_accounted_for(person, found)
    assert sum(one.main for one in found.kept) + sum(one.main for one in found.begins) <= 1
    assert not {OLD, DIVIDED} & ({one.unit_id for one in found.kept} | {one.unit_id for one in found.begins})
    check_nobody_guessed(rows, decided, found)


def check_posts_are_accounted_for(person: Holder, found: Destination) -> None:
    assert {one.row_id for one in (*found.ends, *found.kept)} == {one.row_id for one in person.posts}
    assert not {one.row_id for one in found.ends} & {one.row_id for one in found.kept}


def check_nobody_guessed(rows: list[Placement], decided: list[PlacedBy], found: Destination) -> None:
    said = {duty for one in rows for duty in one.duties or ()} | {duty for one in decided for duty in one.duties}
    for new in found.begins:
        assert LEADING.intersection(new.duties) <= said


@given(st.lists(st.tuples(st.sampled_from([NEW, OTHER]), st.sampled_from(BODIES)), min_size=1, max_size=6))
def test_after_settling_no_chair_has_two_leaders(wanted: list[tuple[uuid.UUID, str]]) -> None:
    leaders = [
        place(holder(post(OLD, "leader"), word=str(number)), [row(OLD, unit, duties=("leader",), body=body)], ground())
        for number, (unit, body) in enumerate(wanted)
    ]
    seats = [seat for one in settle_chairs(leaders) for seat in find_seats(one)]
    assert len(seats) == len(set(seats))
