"""A roster brought the password of a head to come, or posts next door, and only whoever read every line of the plan saw it."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.plans import Plan
from foundation.runtime import Runtime
from provisioning.merger.approval import SaidOtherwise, check_said
from provisioning.merger.lines import read_names, select_lines
from provisioning.merger.reader import Reader
from provisioning.merger.screen import Standing, build_screen
from tests.provisioning.loads import Installation, found
from tests.provisioning.rosters.makers import HEADINGS, cells, lan, row, write_csv

HASH = "{SSHA}mYfA2Lq1tT0tqv8w1B2C3D4E5F6="
NEXT_DOOR = """ref,level,kind,name,short_name,parent_ref,valid_from,scheme1,code1,scheme2,code2,hotline,example
p83,province,office,Tỉnh Bến Tre,Bến Tre,,2004-07-08,agency,H08,admin-2004,83,,
y1,commune,office,Xã Bên Kia,Bên Kia,p83,2004-07-08,agency,H08.1,admin-2004,28789,,
"""


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    """Two provinces."""
    made = found(runtime, tmp_path)
    import_units(runtime.database, read_units(NEXT_DOOR.encode()), made.root, "setup", runtime.clocks.wall())
    return made


def plan_of(installation: Installation, *people: dict[str, Any]) -> Plan:
    """The plan of a list with duties and hashes."""
    columns = {**HEADINGS, "duties": "Nhiệm vụ", "hash": "Mật khẩu (băm)"}
    rows = [list(columns.values()), *(cells(person, tuple(columns)) for person in people)]
    return installation.plan_files(write_csv(installation.folder / "a.csv", rows))


def check_said_aloud(plan: Plan, what: str, number: int) -> None:
    """The number stands in the plan, and nobody approves without saying it."""
    dangers = ("trusted_passwords", "outside", "known_elsewhere")
    assert {key: plan.header.open[key] for key in dangers if plan.header.open[key]} == {what: number}
    for said in ({}, {what: number + 1}):
        with pytest.raises(SaidOtherwise):
            check_said(plan, said)
    check_said(plan, {what: number})


def unit_id(runtime: Runtime, code: str) -> str:
    with runtime.database.read() as reads:
        wanted = sa.text("SELECT unit_id FROM unit_code WHERE code = :code").columns(Unit.id)
        return str(reads.execute(wanted, {"code": code}).scalar_one())


def test_of_who_will_lead_is_said_aloud(installation: Installation) -> None:
    head = row(login="hoa.lt", title="Chủ tịch", duties="người đứng đầu", hash=HASH)
    plan = plan_of(installation, head, lan(login="lan.tt", hash=HASH))
    check_said_aloud(plan, "trusted_passwords", 1)
    runtime = installation.runtime
    with runtime.database.read() as reads:
        (line,) = select_lines(plan, read_names(reads, plan), True, None)
    assert line["name"] == "Lê Thị Hoa"
    reader = Reader("en", runtime.settings.zone, runtime.clocks.register())
    screen = "\n".join(build_screen(plan, Standing(), reader))
    assert "1 who lead, approve or act upon others bring a password along" in screen


def test_in_the_next_province_are_said_aloud_and_lie_within_the_right(installation: Installation) -> None:
    plan = plan_of(installation, row(), lan(), lan(name="Võ Văn Ba", personal_number="086080003333", unit_code="28789"))
    check_said_aloud(plan, "outside", 1)
    assert plan.header.summary["provinces"] == {"Tỉnh Bến Tre": 1}
    assert unit_id(installation.runtime, "28789") in plan.header.scope


def test_for_somebody_at_work_next_door_are_said_aloud_and_need_the_right_there(installation: Installation) -> None:
    """Giving a post acts upon the person: the right over what they hold already is needed, as by hand."""
    installation.load(lan(unit_code="28789"))
    plan = plan_of(installation, lan(unit_code="28756", main="kiêm nhiệm", duties="phê duyệt"))
    check_said_aloud(plan, "known_elsewhere", 1)
    assert {unit_id(installation.runtime, code) for code in ("28756", "28789")} == set(plan.header.scope)
