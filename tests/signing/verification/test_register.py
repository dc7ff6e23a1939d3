"""What the register says about a signer: by the certificate, at the time, with the unit then and today."""

from datetime import datetime, timedelta

import pytest

from directory.certificates import publish_certificate
from foundation.changes import small_change
from foundation.clocks import parse_instant
from foundation.runtime import Runtime
from signing.verification.authority import Held, Moments, NoRegister, UnitName
from signing.verification.register import DirectoryRegister
from tests.signing.verification.conftest import stored_house
from tests.signing.world import BEGINNING, MERGER, World, fingerprint
from tests.vectors.authorities import Holder
from tests.vectors.build import SIGNED

LATER = MERGER + timedelta(days=30)


class Office:
    """A commune that was merged away: its chairman, its clerk, its seal, each with a certificate of the vectors."""

    def __init__(self, world: World) -> None:
        house = stored_house()
        self.world = world
        self.province = world.unit("Tỉnh Vĩnh Long", level="province")
        self.old = world.unit("Xã Mỹ Long", self.province, until=MERGER, code="H61.7")
        self.new = world.unit("Xã An Bình", self.province, since=MERGER, code="H61.101")
        world.merge(self.new, self.old)
        places = ((self.old, BEGINNING, MERGER), (self.new, MERGER, None))
        self.chairman = world.official("Nguyễn Văn An", *places, duties="leader", title="Chủ tịch")
        self.clerk = world.official("Trần Thị Bình", *places, duties="clerk", title="Văn thư")
        self.gone = world.official("Lê Văn Cường", (self.old, BEGINNING, MERGER), duties="deputy", title="Phó Chủ tịch")
        self.publish(house.leader, person_id=self.chairman)
        self.publish(house.expired, person_id=self.clerk)
        self.publish(house.unknown, person_id=self.gone)
        self.publish(house.seal, unit_id=self.old)
        self.register = DirectoryRegister(world.runtime.database, LATER)

    def publish(self, holder: Holder, **whose: object) -> None:
        with self.world.runtime.database.write() as writes:
            change = small_change(writes, "test", "test", BEGINNING)
            publish_certificate(writes, change, holder.der, **whose)  # type: ignore[arg-type]  # one of two keywords


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def at(moment: datetime) -> Moments:
    return Moments(at=LATER, proven=moment)


def test_the_chairman_held_a_post_that_signs_in_the_old_unit_and_the_unit_of_today_is_named(office: Office) -> None:
    standing = office.register.find_standing(fingerprint(stored_house().leader.der), at(SIGNED))
    assert standing.verdict is Held.HELD
    assert (standing.person, standing.post) == (str(office.chairman), "Chủ tịch")
    assert standing.unit_at_signing == UnitName("H61.7", "UBND xã Mỹ Long")
    assert standing.unit_today == (UnitName("H61.101", "UBND xã An Bình"),)
    assert standing.since is not None
    assert standing.since.show("en") == "UBND xã Mỹ Long was merged into UBND xã An Bình (H61.101) on 1 July 2025."


def test_after_the_merger_the_same_certificate_signs_for_the_new_unit(office: Office) -> None:
    standing = office.register.find_standing(fingerprint(stored_house().leader.der), at(MERGER + timedelta(days=1)))
    assert standing.verdict is Held.HELD
    assert standing.unit_at_signing == UnitName("H61.101", "UBND xã An Bình")
    assert standing.unit_today == (UnitName("H61.101", "UBND xã An Bình"),)
    assert standing.since is None


def test_a_clerk_holds_no_post_that_signs(office: Office) -> None:
    standing = office.register.find_standing(fingerprint(stored_house().expired.der), at(SIGNED))
    assert standing.verdict is Held.NOT_HELD
    assert standing.post == "Văn thư"


def test_who_left_with_the_merger_held_the_post_before_and_not_after(office: Office) -> None:
    certificate = fingerprint(stored_house().unknown.der)
    assert office.register.find_standing(certificate, at(SIGNED)).verdict is Held.HELD
    assert office.register.find_standing(certificate, at(LATER)).verdict is Held.NOT_HELD


def test_a_time_that_is_only_claimed_decides_nothing_where_the_post_was_lost_since(office: Office) -> None:
    certificate = fingerprint(stored_house().unknown.der)
    assert office.register.find_standing(certificate, Moments(LATER, None, SIGNED)).verdict is Held.UNKNOWN


def test_a_claimed_time_is_enough_where_the_post_is_held_still(office: Office) -> None:
    certificate = fingerprint(stored_house().leader.der)
    assert office.register.find_standing(certificate, Moments(LATER, None, SIGNED)).verdict is Held.HELD


def test_a_seal_counts_while_its_unit_stands(office: Office) -> None:
    certificate = fingerprint(stored_house().seal.der)
    before = office.register.find_standing(certificate, at(SIGNED))
    assert (before.verdict, before.person, before.unit_at_signing) == (
        Held.HELD,
        None,
        UnitName("H61.7", "UBND xã Mỹ Long"),
    )
    assert office.register.find_standing(certificate, at(LATER)).verdict is Held.NOT_HELD


def test_nobody_is_known_by_a_name(office: Office) -> None:
    """The web server's certificate could carry the chairman's name: it is not in the register, so it is nobody's."""
    standing = office.register.find_standing(fingerprint(stored_house().web_server.der), at(SIGNED))
    assert (standing.verdict, standing.person) == (Held.UNKNOWN, None)


def test_before_the_merger_is_written_nothing_is_said_about_it(world: World, runtime: Runtime) -> None:
    unit = world.unit("Xã Mỹ Long", code="H61.7")
    person = world.official("Nguyễn Văn An", (unit, BEGINNING, None), duties="leader", title="Chủ tịch")
    with runtime.database.write() as writes:
        change = small_change(writes, "test", "test", BEGINNING)
        publish_certificate(writes, change, stored_house().leader.der, person_id=person)
    register = DirectoryRegister(runtime.database, LATER)
    standing = register.find_standing(fingerprint(stored_house().leader.der), at(SIGNED))
    assert standing.unit_today == (UnitName("H61.7", "UBND xã Mỹ Long"),)
    assert standing.since is None


def test_without_a_register_nothing_is_known() -> None:
    standing = NoRegister().find_standing("00", Moments(parse_instant("2025-01-01")))
    assert standing.verdict is Held.UNKNOWN
    assert standing.step.n == 12
    assert not standing.step.decisive
