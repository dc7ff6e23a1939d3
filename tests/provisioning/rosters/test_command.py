"""The verbs of rosters at the door: exit codes, one object a line, refusals."""

import csv
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from directory.models import Credential, PersonDetail, Post, UnitCode
from foundation.audit import AuditRow
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.rosters.command import roster_group
from provisioning.rosters.hashes_command import import_hashes
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.loads import GLASS, Installation, found
from tests.provisioning.rosters.makers import HEADINGS, cells, lan, roster, row, write_csv, write_xlsx

Call = Callable[..., Answer]
FILLED = ("Lê Thị Hoa", "25/12/1980", "086180001234", "28756", "Văn thư")
HASH = "{SSHA}mYfA2Lq1tT0tqv8w1B2C3D4E5F6="


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    return build_caller({"roster": roster_group}, {"import-hashes": import_hashes}, capsys)


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    return found(runtime, tmp_path)


def test_a_good_roster_is_done_and_nothing_wrong(call: Call, installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", roster(row()))
    answer = call(installation.runtime, GLASS, "roster", "check", path, "--province", "86", "--output", "json")
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert [(line["row"], line["outcome"]) for line in told] == [(None, "ok"), (1, "ignored"), (2, "ok")]
    assert set(told[0]) == {"file", "sheet", "row", "outcome", "values", "faults"}


def test_faults_are_shown_under_their_sheet_and_the_answer_is_no(call: Call, installation: Installation) -> None:
    path = write_xlsx(installation.folder / "a.xlsx", {"Cấp xã": roster(row(unit_code="99999"), lan(name="L4n"))})
    answer = call(installation.runtime, GLASS, "roster", "check", path)
    assert answer.code == 1
    assert "a.xlsx · Cấp xã" in answer.out
    assert "99999" in answer.out
    assert all(len(line) <= 80 for line in answer.out.splitlines())
    assert "2 people's rows: 0 in order, 0 restored (0 cells)" in " ".join(answer.talk.split())


def test_a_question_for_a_person_is_no_clean_answer(call: Call, installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", roster(row(), row(personal_number="086180001243", title="Kế toán")))
    assert call(installation.runtime, GLASS, "roster", "check", path).code == 1


def test_a_file_that_cannot_be_read_is_bad_input_and_others_are_told(call: Call, installation: Installation) -> None:
    good = write_csv(installation.folder / "a.csv", roster(row()))
    bad = installation.folder / "b.xlsx"
    bad.write_bytes(b"PK\x03\x04 broken")
    answer = call(installation.runtime, GLASS, "roster", "check", bad, good, "--output", "json")
    assert answer.code == 65
    assert [json.loads(line)["outcome"] for line in answer.out.splitlines()] == ["fault", "ok", "ignored", "ok"]


def test_a_province_that_does_not_exist_is_bad_input(call: Call, installation: Installation) -> None:
    path = write_csv(installation.folder / "a.csv", roster(row()))
    assert call(installation.runtime, GLASS, "roster", "check", path, "--province", "77").code == 65


def test_without_a_register_the_published_tables_are_asked(call: Call, runtime: Runtime, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        roster(
            row(unit_code="28756"),
            lan(unit_code="99999"),
            row(personal_number="086180009876", phone=None, unit_code="H61.1", unit_scheme="agency"),
        ),
    )
    answer = call(runtime, GLASS, "roster", "check", path, "--at", "2025-06-24", "--province", "83", "--output", "json")
    told = [json.loads(line) for line in answer.out.splitlines()][2:]
    assert [line["outcome"] for line in told] == ["ok", "fault", "ok"]


@pytest.mark.parametrize("name", ["found.csv", "found.xlsx"])
def test_every_finding_goes_to_a_file_in_which_nothing_is_run(
    call: Call, installation: Installation, name: str
) -> None:
    path = write_csv(installation.folder / "a.csv", roster(row(title='=HYPERLINK("http://x")')))
    result = installation.folder / name
    call(installation.runtime, GLASS, "roster", "check", path, "--result", result)
    if name.endswith(".csv"):
        with result.open(encoding="utf-8-sig", newline="") as file:
            (told,) = list(csv.reader(file))[1:]
        assert told[5].startswith("'=")
        assert told[16] == "a.csv · 2"
    else:
        sheet = openpyxl.load_workbook(result)["Findings"]
        assert {cell.data_type for cell in sheet[2]} <= {"s", "n"}
        told = [str(cell.value) for cell in sheet[2]]
        assert (told[0], told[2], told[6]) == ("a.csv", "2", "cell-formula")
    again = call(installation.runtime, GLASS, "roster", "check", result, "--output", "json")
    assert [fault["code"] for line in map(json.loads, again.out.splitlines()) for fault in line["faults"]] == [
        "cell-formula"
    ]


def test_the_template_is_read_back_with_every_column_and_its_zeros(call: Call, installation: Installation) -> None:
    out = installation.folder / "template.xlsx"
    assert call(installation.runtime, GLASS, "roster", "template", "--out", out).code == 0
    workbook = openpyxl.load_workbook(out)
    sheet = workbook["Danh sách"]
    assert [column.number_format for column in (sheet.column_dimensions["C"],)] == ["@"]
    assert len(sheet.data_validations.dataValidation) == 3
    assert sheet["A4"].comment is not None
    columns = [cell.value for cell in sheet[4]]
    values = dict(
        zip(("Họ và tên", "Ngày sinh", "Số định danh cá nhân (CCCD)", "Mã đơn vị", "Chức vụ"), FILLED, strict=True)
    )
    for place, heading in enumerate(columns, 1):
        values = {
            "Họ và tên": "Lê Thị Hoa",
            "Ngày sinh": "25/12/1980",
            "Số định danh cá nhân (CCCD)": "086180001234",
            "Mã đơn vị": "28756",
            "Chức vụ": "Văn thư",
        }
        sheet.cell(5, place).value = values.get(str(heading))
    workbook.save(out)
    answer = call(installation.runtime, GLASS, "roster", "check", out, "--output", "json")
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert len(told[0]["values"]["columns"]) == 16
    assert [line["outcome"] for line in told if line["row"]].count("ok") == 1


def test_an_import_makes_a_plan_and_says_what_comes_next(call: Call, installation: Installation) -> None:
    path, out = write_csv(installation.folder / "a.csv", roster(row(), lan())), installation.folder / "a.plan"
    answer = call(installation.runtime, GLASS, "roster", "import", path, "--out", out, "--output", "json")
    assert answer.code == 0
    assert json.loads(answer.out)["summary"]["people"]["new"] == 2
    assert out.exists()


def test_an_import_of_a_faulty_roster_is_refused_whole(call: Call, installation: Installation) -> None:
    path, out = write_csv(installation.folder / "a.csv", roster(row(), lan(name="L4n"))), installation.folder / "a.plan"
    answer = call(installation.runtime, GLASS, "roster", "import", path, "--out", out)
    assert answer.code == 1
    assert not out.exists()


def test_somebody_without_the_right_is_refused_and_audited(call: Call, installation: Installation) -> None:
    installation.load(row())
    with installation.runtime.database.read() as reads:
        hoa = reads.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == "Lê Thị Hoa")).scalar_one()
    path, out = write_csv(installation.folder / "b.csv", roster(lan())), installation.folder / "b.plan"
    answer = call(installation.runtime, Actor(str(hoa), hoa, "Lê Thị Hoa"), "roster", "import", path, "--out", out)
    assert answer.code == 77
    assert not out.exists()
    with installation.runtime.database.read() as reads:
        events = reads.execute(sa.select(AuditRow.event, AuditRow.outcome)).all()
    assert ("provisioning.roster.planned", "refused") in [tuple(event) for event in events]


def test_hashes_of_old_passwords_are_sealed_for_their_accounts(call: Call, installation: Installation) -> None:
    installation.load(row(login="hoa.lt"))
    path = write_csv(
        installation.folder / "h.csv",
        [
            ["login", "password_hash"],
            ["HOA.LT", HASH],
            ["nobody", HASH],
            ["hoa.lt", "plain"],
        ],
    )
    answer = call(installation.runtime, GLASS, "import-hashes", path)
    assert answer.code == 1
    assert "1 old passwords go on working" in " ".join(answer.talk.split())
    with installation.runtime.database.read() as reads:
        kept = reads.execute(
            sa.select(Credential.imported_hash).where(Credential.imported_hash.is_not(None))
        ).scalar_one()
    assert kept is not None
    assert kept.startswith("s1.")


def give(installation: Installation, name: str, duties: str, unit: str = "86") -> Actor:
    """This person with duties over a unit and everything under it, logged in."""
    with installation.runtime.database.write() as writes:
        person = writes.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == name)).scalar_one()
        post = writes.execute(sa.select(Post).where(Post.person_id == person)).scalar_one()
        post.duties = duties
        post.unit_id = writes.execute(sa.select(UnitCode.unit_id).where(UnitCode.code == unit)).scalar_one()
    return Actor(str(person), person, name)


def hash_file(installation: Installation, *logins: str) -> Path:
    return write_csv(
        installation.folder / f"{uuid.uuid4().hex}.csv", [["login", "password_hash"], *([one, HASH] for one in logins)]
    )


def hashes(installation: Installation) -> int:
    with installation.runtime.database.read() as reads:
        kept = sa.select(sa.func.count()).where(Credential.imported_hash.is_not(None))
        return int(reads.execute(kept).scalar_one())


def test_an_hr_clerk_cannot_plant_a_password_they_know(call: Call, installation: Installation) -> None:
    """HR over the whole province, a hash of their own making, the log-in of an official."""
    installation.load(row(login="hoa.lt"), lan(login="lan.tt"))
    clerk = give(installation, "Trần Thị Lan", "hr")
    assert call(installation.runtime, clerk, "import-hashes", hash_file(installation, "hoa.lt")).code == 77
    assert hashes(installation) == 0
    operator = give(installation, "Trần Thị Lan", "operator")
    assert call(installation.runtime, operator, "import-hashes", hash_file(installation, "hoa.lt")).code == 0
    assert hashes(installation) == 1
    with installation.runtime.database.read() as reads:
        taken = reads.execute(sa.select(AuditRow).where(AuditRow.event.endswith("hash_taken"))).scalars().one()
        hoa = reads.execute(sa.select(PersonDetail.person_id).where(PersonDetail.name == "Lê Thị Hoa")).scalar_one()
        assert (taken.subject, taken.actor, taken.detail["row"]) == (str(hoa), operator.label, 2)


@pytest.mark.parametrize("duty", ["leader", "deputy", "approver", "hr", "help_desk", "operator"])
def test_who_leads_approves_or_acts_upon_others_takes_no_hash(
    call: Call, installation: Installation, duty: str
) -> None:
    """Not from an operator and not by breaking the glass: each is one person."""
    installation.load(row(login="hoa.lt"))
    give(installation, "Lê Thị Hoa", duty)
    answer = call(installation.runtime, GLASS, "import-hashes", hash_file(installation, "hoa.lt"))
    assert "1 belong to people who lead" in " ".join(answer.talk.split())
    assert hashes(installation) == 0


def test_a_second_file_does_not_replace_the_first(call: Call, installation: Installation) -> None:
    installation.load(row(login="hoa.lt"))
    for told in ("1 old passwords go on", "0 old passwords go on"):
        answer = call(installation.runtime, GLASS, "import-hashes", hash_file(installation, "hoa.lt"))
        assert told in " ".join(answer.talk.split())


def test_a_file_of_hashes_without_its_headings_is_refused(call: Call, installation: Installation) -> None:
    path = write_csv(installation.folder / "h.csv", [list(HEADINGS.values()), cells(row())])
    assert call(installation.runtime, GLASS, "import-hashes", path).code == 65


def test_the_status_names_who_has_not_sent(call: Call, installation: Installation) -> None:
    installation.load(row())
    words = ("roster", "status", "--province", "86", "--level", "commune", "--output", "json")
    answer = call(installation.runtime, GLASS, *words)
    told = [(line["code"], line["people"], line["loaded_at"] is not None) for line in json.loads(answer.out)]
    assert answer.code == 1
    assert told == [("H61.12.3", 1, True), ("H61.12.10", 0, False)]
    missing = call(installation.runtime, GLASS, *words, "--missing")
    assert [line["code"] for line in json.loads(missing.out)] == ["H61.12.10"]


def test_a_level_that_does_not_exist_is_wrong_usage(call: Call, installation: Installation) -> None:
    assert call(installation.runtime, GLASS, "roster", "status", "--level", "galaxy").code == 64
