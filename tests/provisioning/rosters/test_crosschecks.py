"""What several rows tell together: one human, namesakes, doubts, what two people cannot share."""

from pathlib import Path

import pytest

from provisioning.rosters.crosschecks import is_near
from tests.provisioning.rosters.makers import check, check_rows, codes, roster, row, write_csv

OTHER = "086180009876"


def test_a_row_that_stands_twice_is_told(tmp_path: Path) -> None:
    first, second = check_rows(tmp_path, row(), row())
    assert (first.outcome, second.outcome, codes(second)) == ("ok", "duplicate", ["row-twice"])


def test_a_concurrent_post_in_the_same_list_is_no_fault(tmp_path: Path) -> None:
    lines = check_rows(tmp_path, row(main="chính"), row(main="kiêm nhiệm", title="Phó Chủ tịch HĐND"))
    assert [line.outcome for line in lines] == ["ok", "ok"]


def test_one_person_in_two_rosters_is_one_human(tmp_path: Path) -> None:
    one = write_csv(tmp_path / "a.csv", roster(row()))
    two = write_csv(
        tmp_path / "b.csv",
        roster(row(title="Công chức", unit_code="H61.12.3", unit_scheme="agency", name="LE THI HOA")),
    )
    line = check(one, two)[-1]
    assert line.outcome == "duplicate"
    assert codes(line)[-1] == "same-person"
    assert "a.csv:2" in line.faults[-1].why.show("en")


def test_namesakes_born_on_one_day_are_both_kept(tmp_path: Path) -> None:
    lines = check_rows(tmp_path, row(), row(personal_number=OTHER, phone="0987654321"))
    assert [line.outcome for line in lines] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"personal_number": OTHER}, "phone"),
        ({"personal_number": None}, "phone"),
        ({"personal_number": "86180001"}, "phone"),
        ({"personal_number": "086180001243", "phone": None}, "slip"),
        ({"personal_number": "086180001235", "phone": None}, "slip"),
    ],
    ids=["other number", "no number", "broken number", "neighbours exchanged", "one digit"],
)
def test_perhaps_one_human_is_for_a_person_to_decide(tmp_path: Path, changes: dict[str, str | None], why: str) -> None:
    lines = (
        check_rows(tmp_path, row(title="Kế toán", **changes), row())
        if "phone" in changes
        else check_rows(tmp_path, row(), row(title="Kế toán", **changes))
    )
    line = next(line for line in lines if line.outcome == "candidate")
    assert why in line.faults[-1].why.show("en")
    assert line.faults[-1].code == "maybe-same-person"
    assert sorted(each.outcome for each in lines) == ["candidate", "ok"]


def test_a_row_without_a_number_is_the_one_that_is_asked_about_wherever_it_stands(tmp_path: Path) -> None:
    first, second = check_rows(tmp_path, row(personal_number=None), row())
    assert (first.outcome, second.outcome) == ("candidate", "ok")
    assert first.faults[-1].proposal == "086180001234"


def test_one_number_with_two_names_is_a_fault_on_both(tmp_path: Path) -> None:
    lines = check_rows(tmp_path, row(), row(name="Trần Thị Lan"))
    assert [(line.outcome, codes(line)) for line in lines] == [("fault", ["number-of-another"])] * 2


def test_one_person_with_two_birth_dates_is_a_fault_on_both(tmp_path: Path) -> None:
    lines = check_rows(tmp_path, row(), row(birth_date="24/12/1980"))
    assert [codes(line) for line in lines] == [["birth-date-differs"]] * 2


def test_a_mail_address_belongs_to_one_person(tmp_path: Path) -> None:
    lines = check_rows(
        tmp_path, row(email="x@a.vn"), row(email="x@a.vn", personal_number=OTHER, name="Trần Thị Lan", phone=None)
    )
    assert [codes(line) for line in lines] == [[], ["email-shared"]]


def test_a_log_in_belongs_to_one_person_within_a_file_and_is_solved_between_files(tmp_path: Path) -> None:
    lan = row(login="hoa.lt", personal_number=OTHER, name="Trần Thị Lan", phone=None)
    inside = check_rows(tmp_path, row(login="hoa.lt"), lan)
    assert [codes(line) for line in inside] == [[], ["login-shared"]]
    one, two = write_csv(tmp_path / "a.csv", roster(row(login="hoa.lt"))), write_csv(tmp_path / "b.csv", roster(lan))
    assert check(one, two)[-1].outcome == "ok"


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [(86180001234, 86180001243, True), (86180001234, 86180001235, True), (86180001234, 86180001325, False), (86180001234, 0, False)],
)  # fmt: skip
def test_numbers_that_differ_by_a_slip_of_the_hand(left: int, right: int, near: bool) -> None:
    assert is_near(left, right) is near
