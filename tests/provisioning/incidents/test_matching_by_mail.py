"""People matched by mail or by name become somebody else: two who share an address become one (Entra across tenants), linking by user
name merged different people (kobotoolbox #7102). A plan knows people by the personal number alone, and by their UUID after that.
"""

import pytest
import sqlalchemy as sa

from directory.models import MailAddress
from foundation.changes import Change
from foundation.database import Writes
from provisioning.merger.placement import PlacementFaulty
from tests.provisioning.incidents.conftest import DAY, Printer, approve_and_apply
from tests.provisioning.merger.conftest import DECREE, FOUNDED, Administration
from tests.provisioning.merger.test_small_decrees import THREE_LINES


def give_address(administration: Administration, word: str, address: str, kind: str = "own") -> None:
    def act(writes: Writes, change: Change) -> None:
        row = {"address": address, "address_key": address.lower(), "kind": kind, "valid_from": FOUNDED}
        writes.add(MailAddress(person_id=administration.people[word], change_id=change.id, **row))

    administration.write("mail", act)


def test_an_address_that_two_would_share_is_refused_by_the_register(administration: Administration) -> None:
    give_address(administration, "Trần Văn Bình", "binh@ben-tre.gov.vn")
    with pytest.raises(sa.exc.IntegrityError):
        give_address(administration, "Nguyễn Thị Cúc", "Binh@ben-tre.gov.vn")


@pytest.mark.slapd
def test_two_of_one_name_stay_two_in_the_plan_and_in_the_directory(
    administration: Administration, printer: Printer
) -> None:
    number, person = administration.numbers["Trần Văn Bình"], administration.people["Trần Văn Bình"]
    other = administration.add_person("Trần Văn Bình", "28756")
    administration.numbers["Trần Văn Bình"] = number
    plan = administration.plan(THREE_LINES, [administration.row("Trần Văn Bình", None, "H61", "Phó phòng")])
    moved = [line["person"] for line in plan.each_line() if line["op"] == "person.move"]
    assert moved == [str(person)]
    approve_and_apply(administration, plan)
    printer.sync(DAY)
    assert printer.compare(DAY).people.wanted == len(administration.people) + 1
    assert other != person


def test_a_number_with_somebody_elses_name_moves_nobody(administration: Administration) -> None:
    administration.numbers["Nguyễn Thị Cúc"] = administration.numbers["Trần Văn Bình"]
    with pytest.raises(PlacementFaulty) as refused:
        administration.plan(DECREE, [administration.row("Nguyễn Thị Cúc", None, "H61.101", "Chuyên viên")])
    assert [fault.code for _place, fault in refused.value.faults] == ["name-differs"]
