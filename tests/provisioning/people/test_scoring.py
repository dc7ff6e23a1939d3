"""Whether two records may be one human, by property: order plays no part, a name alone never asks, blocks lose nobody asked about."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.names import fold_name
from provisioning.people.scoring import ASKED, POINTS, REASONS, Traits, block_keys, score

UNITS = [uuid.UUID(int=number) for number in range(3)]
names = st.sampled_from(
    ["Nguyễn Thị Hoa", "Nguyễn Thị Hoà", "Nguyễn Thị Hòa", "Nguyen Thi Hoa", "Nguyễn Hoa", "Trần Văn Đức"]
)
births = st.none() | st.sampled_from([date(1980, 3, 4), date(1980, 4, 3), date(1980, 3, 5), date(1975, 11, 30)])
posts = st.frozensets(st.tuples(st.sampled_from(UNITS), st.sampled_from(["ke toan", "van thu"])), max_size=2)
records = st.builds(
    Traits,
    name=names,
    number=st.none() | st.sampled_from([b"1", b"2"]),
    birth_date=births,
    phone=st.none() | st.sampled_from(["0912345678", "0987654321"]),
    staff_code=st.none() | st.sampled_from(["CB01", "CB02"]),
    posts=posts,
)
HOA = Traits("Nguyễn Thị Hoa", None, date(1980, 3, 4), "0912345678", "CB01", frozenset({(UNITS[0], "ke toan")}))


@given(records, records, st.booleans())
def test_the_order_of_the_two_plays_no_part(one: Traits, other: Traits, near: bool) -> None:
    assert score(one, other, near=near) == score(other, one, near=near)


@given(names, names, posts)
def test_a_name_alone_is_never_asked_about(one: str, other: str, held: frozenset[tuple[uuid.UUID, str]]) -> None:
    """Not even with the very same post: 38 % of people are called Nguyễn."""
    assert not score(Traits(one, posts=held), Traits(other, posts=held)).asked


@given(records, records)
def test_two_good_numbers_are_two_people_unless_all_else_is_one(one: Traits, other: Traits) -> None:
    found = score(replace(one, number=b"1"), replace(other, number=b"2"))
    known = one.phone is not None and one.birth_date is not None
    same = known and (one.phone, one.birth_date) == (other.phone, other.birth_date)
    if same and fold_name(one.name) == fold_name(other.name):
        assert found.asked
        assert "numbers_differ" in found.reasons
    else:
        assert found.points == 0


@given(records, records)
def test_one_number_is_one_human_whatever_else(one: Traits, other: Traits) -> None:
    assert score(replace(one, number=b"1"), replace(other, number=b"1")).points == 100


@given(records, records, st.booleans())
def test_points_lie_between_nothing_and_certainty_and_have_reasons(one: Traits, other: Traits, near: bool) -> None:
    found = score(one, other, near=near)
    assert 0 <= found.points <= 100
    assert set(found.reasons) <= set(REASONS)
    assert found.points < 100 or found.reasons == ("number_same",)


@given(records, records, st.booleans())
def test_one_more_thing_in_common_never_speaks_against(one: Traits, other: Traits, near: bool) -> None:
    if one.number is not None and other.number is not None and one.number != other.number and not near:
        return
    before = score(one, other, near=near).points
    assert score(replace(one, phone="x"), replace(other, phone="x"), near=near).points >= before
    assert score(replace(one, staff_code="x"), replace(other, staff_code="x"), near=near).points >= before


@given(records, records, st.booleans())
def test_whoever_is_asked_about_shares_a_block(one: Traits, other: Traits, near: bool) -> None:
    """But for dates that differ in a digit where nothing else was written, and phones shared by people of other given names."""
    found = score(one, other, near=near)
    certain = {"number_same", "birth_same", "phone_same", "staff_same"}
    if found.asked and one.name.split()[-1] == other.name.split()[-1] and certain.intersection(found.reasons):
        assert set(block_keys(one)) & set(block_keys(other))


@pytest.mark.parametrize(
    ("other", "points"),
    [
        pytest.param(HOA, 99, id="everything"),
        pytest.param(Traits(HOA.name, birth_date=HOA.birth_date), 70, id="name and birth date, no number"),
        pytest.param(Traits(HOA.name, phone=HOA.phone), 60, id="name and phone"),
        pytest.param(
            Traits("Nguyen Thi Hoa", birth_date=date(1980, 4, 3), phone=HOA.phone), 75, id="day and month exchanged"
        ),
        pytest.param(Traits("Nguyễn Hoa", birth_date=HOA.birth_date), 55, id="without the middle name"),
        pytest.param(Traits(HOA.name, birth_date=date(1975, 11, 30), phone=HOA.phone), 10, id="mother and daughter"),
        pytest.param(Traits(HOA.name, posts=HOA.posts), 50, id="name and post"),
        pytest.param(Traits("Trần Văn Đức", phone=HOA.phone, posts=HOA.posts), 50, id="colleagues of one phone"),
    ],
)
def test_the_weights_as_they_are_written_down(other: Traits, points: int) -> None:
    assert score(HOA, other).points == points


def test_the_table_of_the_module_says_what_the_points_are() -> None:
    import provisioning.people.scoring as module

    assert str(ASKED) in (module.__doc__ or "")
    for points in POINTS.values():
        assert str(abs(points)) in (module.__doc__ or "")
