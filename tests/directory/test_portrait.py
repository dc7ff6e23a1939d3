"""The portrait says what the separate reads say, before and after a move, and at instants of the past."""

import uuid
from datetime import timedelta

from directory.models import Post, UnitCode, UnitVersion
from directory.people import find_former_units, find_person
from directory.portrait import find_portrait
from directory.units import last_facts
from foundation.changes import AsOf, small_change
from foundation.database import Reads
from foundation.runtime import Runtime
from tests.services.clock import MovableClock
from tests.sso.people import BEGINNING, add_unit, official


def check_same(reads: Reads, person_id: uuid.UUID, as_of: AsOf) -> None:
    """One portrait against three reads."""
    portrait, person = find_portrait(reads, person_id, as_of.at), find_person(reads, person_id, as_of)
    if portrait is None or person is None:
        assert portrait is None
        assert person is None
        return
    assert portrait.person == person
    assert list(portrait.former) == find_former_units(reads, person_id, as_of)
    units = last_facts(reads, [post.unit_id for post in person.posts], as_of)
    assert {unit_id: portrait.units[unit_id] for unit_id in units} == units


def test_a_portrait_is_what_the_separate_reads_say(runtime: Runtime, clock: MovableClock) -> None:
    hoa = official(runtime, alias="hoa.le", address="hoa.lt@vinhlong.gov.vn")
    start, day = clock.now, clock.now + timedelta(days=7)
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", clock.now)
        new_unit = add_unit(writes, change, "Phường An Hội", "H61.101", since=day)
        writes.query(UnitVersion).filter_by(unit_id=hoa.unit_id).one().valid_to = day
        writes.query(UnitCode).filter_by(unit_id=hoa.unit_id).one().valid_to = day
        old = writes.query(Post).filter_by(person_id=hoa.person_id).one()
        old.valid_to = day
        for main in (True, False):
            post = Post(
                post_id=uuid.uuid4(),
                person_id=hoa.person_id,
                unit_id=new_unit,
                title="Chuyên viên",
                duties="clerk hr",
                main=main,
                valid_from=day,
                change_id=change.id,
            )
            writes.add(post)
    with runtime.database.read() as reads:
        for at in (
            BEGINNING - timedelta(days=1),
            BEGINNING,
            start,
            day - timedelta(microseconds=1),
            day,
            day + timedelta(days=400),
        ):
            check_same(reads, hoa.person_id, AsOf(at))
        after = find_portrait(reads, hoa.person_id, day)
    assert after is not None
    assert [former.unit.name for former in after.former] == ["Xã An Bình"]
    assert after.former[0].until == day


def test_nobody_has_no_portrait(runtime: Runtime, clock: MovableClock) -> None:
    with runtime.database.read() as reads:
        assert find_portrait(reads, uuid.uuid4(), clock.now) is None
