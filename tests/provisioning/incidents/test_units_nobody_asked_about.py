"""A right was asked over the units that still stand: what had ended, or somebody who left no unit behind, was covered by nobody."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from directory.departures import PersonDeparture
from directory.errors import RightMissing
from directory.models import Account, Post
from foundation.changes import Change
from foundation.database import Writes
from provisioning.merger.planning import Author
from provisioning.people.closing import close_departed, list_closable, write_closing
from provisioning.people.joining import Pair, join_people
from provisioning.plan_rights import check_may_change
from tests.provisioning.incidents.conftest import approve_and_apply
from tests.provisioning.merger.conftest import DECREE, Administration
from tests.provisioning.people.conftest import Office
from tests.services.clock import MovableClock


def test_of_an_ended_province_falls_to_its_heirs(administration: Administration, clock: MovableClock) -> None:
    """A plan over two provinces, one of which has become part of a third, was the other's own business."""
    administration.add_units(("99", "province", "Tỉnh Khác", "root", {"admin-2004": "99", "agency": "H99"}))
    administration.add_person("Nhân Sự Khác", "99", "hr")
    administration.add_person("Nhân Sự Vĩnh Long", "86", "hr")
    plan = administration.plan(DECREE, [administration.row("Võ Văn Huyện", "H08.31", None)])
    approve_and_apply(administration, plan)
    clock.set("2025-07-02")
    both = [str(administration.units[word]) for word in ("83", "99")]
    plan = replace(plan, header=replace(plan.header, scope=both))
    with administration.runtime.database.read() as reads:
        for who in ("Nhân Sự Khác", "Nhân Sự Vĩnh Long"):
            with pytest.raises(RightMissing):
                check_may_change(reads, administration.actor(who), plan, clock.now)
        check_may_change(reads, administration.actor("Lê Thị Hoa"), plan, clock.now)
        alone = replace(plan, header=replace(plan.header, scope=both[:1]))
        check_may_change(reads, administration.actor("Nhân Sự Vĩnh Long"), alone, clock.now)


def depart(office: Office, person: uuid.UUID, *, posts: bool) -> None:
    """Somebody left ten days ago; without `posts` as if they had never held one."""
    at = office.runtime.clocks.wall() - timedelta(days=10)

    def act(writes: Writes, change: Change) -> None:
        ends = {"valid_to": at} if posts else {"withdrawn_by": change.id}
        writes.execute(sa.update(Post).where(Post.person_id == person).values(**ends))
        writes.add(PersonDeparture(person_id=person, why="retired", at=at, change_id=change.id))

    office.write("person.leave", act)


def test_of_somebody_who_left_none_or_several_are_in_the_plan_that_closes_them(office: Office) -> None:
    nowhere = office.record("Không Đơn Vị", "x1", "khong.dv", state="suspended")
    several = office.record("Hai Đơn Vị", "x1", "hai.dv", state="suspended")
    with office.runtime.database.write() as writes:
        first = writes.execute(sa.select(Post).where(Post.person_id == several)).scalar_one()
        writes.add(
            Post(
                post_id=uuid.uuid4(), person_id=several, unit_id=office.units["x2"], title="Kiêm nhiệm", duties="",
                main=False, valid_from=first.valid_from, change_id=first.change_id,
            )
        )  # fmt: skip
    depart(office, nowhere, posts=False)
    depart(office, several, posts=True)
    now = office.runtime.clocks.wall()
    with office.runtime.database.read() as reads:
        found = list_closable(reads, 1, now)
        assert {one.person: set(one.units) for one in found} == {
            nowhere: set(),
            several: {office.units["x1"], office.units["x2"]},
        }
        plan = write_closing(reads, found, office.files / "closing.plan", Author("x", "x"), now)
        assert set(plan.header.scope) == {str(office.units[word]) for word in ("root", "x1", "x2")}


def test_of_somebody_who_goes_on_under_another_id_are_looked_at_there(office: Office) -> None:
    """A plan names the record that left; joined since, the human is at work and keeps the account, or has left and loses it."""
    gone = office.record("Trần Thị Đào", "x1", "dao.tt")
    works = office.record("Trần Thị Đào", "x2", "dao.x2")
    now = office.runtime.clocks.wall()
    depart(office, gone, posts=True)
    with office.runtime.database.write() as writes:
        join_people(writes, office.actor("Lê Thị Hoa"), Pair(works, gone), "một người", now)
        writes.execute(sa.update(Account).where(Account.person_id == works).values(state="suspended"))
        close_departed(writes, gone, "worker", "1:1", now)
    assert office.state(works) == "suspended"
    depart(office, works, posts=True)
    with office.runtime.database.write() as writes:
        close_departed(writes, gone, "worker", "1:2", now)
    assert office.state(works) == "closed"
