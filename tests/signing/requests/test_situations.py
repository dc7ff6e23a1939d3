"""What is read from the register around a merger, told as what is proposed."""

import uuid
from datetime import timedelta

import pytest

from foundation.runtime import Runtime
from signing.requests.dossiers import find_requests, get_dossier
from tests.signing.world import BEGINNING, MERGER, Merged, World

AFTER = MERGER


def told(world: World, *units: uuid.UUID) -> list[str]:
    """The requests of these units' new dossiers as lines: whose dossier, kind, whom, ground."""
    lines = []
    dossiers = world.propose(*units)
    with world.runtime.database.read() as reads:
        for number in dossiers:
            dossier = get_dossier(reads, number)
            about = "staff" if dossier.about == "staff" else "own"
            for request in find_requests(reads, number):
                assert request.legal_basis is None or "1687" in request.legal_basis
                lines.append(f"{about}: {request.kind} {request.content['name']} ({request.ground})")
    return sorted(lines)


def test_a_merger_into_a_new_unit(merged: Merged) -> None:
    left = merged.world.official("Sơn Thị Hồng", (merged.other, BEGINNING, MERGER))
    merged.world.old_certificate(person_id=left)
    assert told(merged.world, merged.new) == [
        "own: new Lê Thị Hoa (none_yet)",
        "staff: change Nguyễn Văn An (moved)",
        "staff: change UBND xã Mỹ Long (agency_passed_on)",
        "staff: new Trần Văn Nam (none_yet)",
        "staff: revocation Sơn Thị Hồng (left)",
        "staff: revocation UBND xã Mỹ Hòa (agency_ended)",
    ]


def test_proposing_again_adds_nothing_while_the_first_is_open(merged: Merged) -> None:
    assert told(merged.world, merged.new)
    assert told(merged.world, merged.new) == []


def test_a_merger_into_an_existing_unit_keeps_its_certificate(world: World) -> None:
    province = world.unit("Tỉnh Vĩnh Long", level="province")
    one = world.unit("Xã Mỹ Long", province)
    other = world.unit("Xã Mỹ Hòa", province, until=MERGER)
    world.merge(one, other, one, kind="merge_into_existing")
    stays = world.official("Lê Thị Hoa", (one, BEGINNING, None))
    moves = world.official("Nguyễn Văn An", (other, BEGINNING, MERGER), (one, MERGER, None))
    for person in (stays, moves):
        world.old_certificate(person_id=person)
    for unit in (one, other):
        world.old_certificate(unit_id=unit)
    assert told(world, one) == [
        "staff: change Nguyễn Văn An (moved)",
        "staff: revocation UBND xã Mỹ Hòa (agency_ended)",
    ]


def test_only_the_superior_body_changes(world: World) -> None:
    old = world.unit("Tỉnh Trà Vinh", level="province", until=MERGER)
    new = world.unit("Tỉnh Vĩnh Long", level="province", since=MERGER)
    commune = world.unit("Xã Long Hòa", old, until=MERGER)
    world.again(commune, "Xã Long Hòa", new, since=MERGER)
    person = world.official("Thạch Sô Phia", (commune, BEGINNING, None))
    world.old_certificate(person_id=person)
    world.old_certificate(unit_id=commune)
    assert told(world, commune) == [
        "staff: change Thạch Sô Phia (unit_altered)",
        "staff: change UBND xã Long Hòa (agency_altered)",
    ]


def test_people_of_divisions_belong_to_the_agency_above(world: World) -> None:
    province = world.unit("Tỉnh Vĩnh Long", level="province")
    old, new = world.unit("Xã Mỹ Long", province, until=MERGER), world.unit("Xã Mỹ Lộc", province, since=MERGER)
    division = world.unit("Phòng Kinh tế", new, level="division", since=MERGER)
    world.merge(new, old)
    person = world.official("Lâm Thị Ngọc Ẩm", (old, BEGINNING, MERGER), (division, MERGER, None))
    dossier = world.propose(new)[0]
    with world.runtime.database.read() as reads:
        request = next(row for row in find_requests(reads, dossier) if row.person_id == person)
    assert (request.content["unit"], request.content["division"]) == ("UBND xã Mỹ Lộc", "Phòng Kinh tế")


def test_an_expired_certificate_counts_as_none(merged: Merged) -> None:
    person = merged.world.official("Võ Hoàng Ẩn", (merged.one, BEGINNING, MERGER), (merged.new, MERGER, None))
    merged.world.old_certificate(person_id=person, until=MERGER - timedelta(days=1))
    assert "staff: new Võ Hoàng Ẩn (none_yet)" in told(merged.world, merged.new)


def test_a_unit_that_does_not_stand_proposes_nothing(merged: Merged) -> None:
    assert told(merged.world, merged.one, uuid.uuid4()) == []


def test_nobody_is_proposed_in_two_units(merged: Merged, runtime: Runtime) -> None:
    """Who moved out of a merged unit into a third one is the third one's."""
    third = merged.world.unit("Xã Ba Động", merged.province)
    person = merged.world.official("Đặng Văn Ưng", (merged.one, BEGINNING, MERGER), (third, MERGER, None))
    merged.world.old_certificate(person_id=person)
    here, there = told(merged.world, merged.new), told(merged.world, third)
    assert not any("Đặng Văn Ưng" in line for line in here)
    assert "staff: change Đặng Văn Ưng (moved)" in there


@pytest.mark.parametrize("size", [60])
def test_a_commune_of_sixty_is_one_dossier_and_one_for_its_head(merged: Merged, size: int) -> None:
    for number in range(size):
        merged.world.official(f"Nguyễn Văn {number}", (merged.one, BEGINNING, MERGER), (merged.new, MERGER, None))
    lines = told(merged.world, merged.new)
    assert sum(line.startswith("staff: new Nguyễn Văn ") for line in lines) == size
