import unicodedata
from collections import Counter

import pytest

from trial.answers import Answer, compare_answers, read_answers
from trial.dirt import FAULTS, PAIRS, RESTORABLE, walk
from trial.generator import ProvinceTrial, Trial
from trial.roster_files import build_answers


def line(answer: Answer, outcome: str, value: str = "") -> dict[str, object]:
    return {
        "file": f"/somewhere/{answer.file}", "sheet": answer.sheet, "row": answer.row, "outcome": outcome,
        "values": {answer.column: value},
    }  # fmt: skip


def test_every_kind_of_dirt_is_there(vinh_long: ProvinceTrial) -> None:
    kinds = Counter(answer.kind for answer in build_answers(vinh_long.books, vinh_long.faults))
    assert set(kinds) == {kind.name for kind in (*RESTORABLE, *FAULTS)} | set(PAIRS)


def test_the_mended_rosters_have_no_fault_left(vinh_long: ProvinceTrial) -> None:
    assert "fault" not in {answer.expected_outcome for answer in build_answers(vinh_long.books, {})}


def test_a_row_is_dirty_in_one_way_only_and_known_people_never(vinh_long: ProvinceTrial) -> None:
    places = [answer.place for answer in build_answers(vinh_long.books, vinh_long.faults)]
    assert len(set(places)) == len(places)
    assert not any(row.dirt and row.official.persona for _, _, row in walk(vinh_long.books))


def test_dirt_really_spoils_the_cell(vinh_long: ProvinceTrial) -> None:
    for _, _, row in walk(vinh_long.books):
        if row.dirt and row.dirt.kind == "nfd_name":
            cell = str(row.values["name"])
            assert unicodedata.normalize("NFC", cell) == row.dirt.truth != cell
        if row.dirt and row.dirt.kind == "lost_zero_number":
            assert str(row.values["personal_number"]) == row.dirt.truth.removeprefix("0")


def test_a_homonym_shares_name_and_birth_date_but_no_number(vinh_long: ProvinceTrial) -> None:
    rows = {row.key: row for _, _, row in walk(vinh_long.books)}
    doubles = [row for row in rows.values() if row.dirt and row.dirt.mate is not None]
    for row in doubles:
        assert row.dirt is not None
        assert row.dirt.mate is not None
        one, other = row.official, rows[row.dirt.mate].official
        assert (one.name, one.born) == (other.name, other.born)
        assert (one.personal_number == other.personal_number) is (row.dirt.outcome == "duplicate")
        assert (one.phone == other.phone) is (row.dirt.kind != "homonym")


def test_answers_are_read_as_they_were_written(written: Trial, vinh_long: ProvinceTrial) -> None:
    assert read_answers(written.folder / "answers.jsonl") == list(build_answers(vinh_long.books, {}))


RESTORED = Answer("a.xlsx", "Cấp xã", 7, "personal_number", "lost_zero_number", "restored", "086080123456")
FAULT = Answer("a.xlsx", "Cấp xã", 9, "birth_date", "impossible_date", "fault", "1980-05-05")
DOUBLE = Answer("b.csv", None, 5, "personal_number", "typo_number", "candidate", "08", mate=("a.xlsx", "Cấp xã", 3))


def test_all_found_is_complete() -> None:
    lines = [line(RESTORED, "restored", "086080123456"), line(FAULT, "fault"), line(DOUBLE, "candidate")]
    result = compare_answers([RESTORED, FAULT, DOUBLE], lines, rows=3)
    assert result.complete
    assert result.found == {"lost_zero_number": 1, "impossible_date": 1, "typo_number": 1}


def test_a_double_may_be_reported_at_either_row() -> None:
    mate = line(DOUBLE, "candidate") | {"file": "a.xlsx", "sheet": "Cấp xã", "row": 3}
    assert compare_answers([DOUBLE], [mate, line(DOUBLE, "ok")]).complete


def test_a_wrong_value_is_a_miss() -> None:
    assert compare_answers([RESTORED], [line(RESTORED, "restored", "86080123456")]).missed == [RESTORED]


def test_silence_is_a_miss() -> None:
    assert compare_answers([FAULT], [line(FAULT, "ok")]).missed == [FAULT]


def test_a_report_without_reason_is_false() -> None:
    invented = line(FAULT, "fault") | {"row": 4}
    assert compare_answers([FAULT], [line(FAULT, "fault"), invented]).falsely_reported == [invented]


def test_a_row_that_was_passed_over_is_counted() -> None:
    assert compare_answers([], [line(FAULT, "ignored")], rows=1).unread == 1


HOMONYM = Answer("b.csv", None, 5, "personal_number", "homonym", "ok", "08", mate=("a.xlsx", "Cấp xã", 3))


@pytest.mark.parametrize(
    ("outcome", "complete"), [("ok", True), ("candidate", True), ("duplicate", False), ("fault", False)]
)
def test_homonyms_may_be_asked_about_but_never_joined(outcome: str, complete: bool) -> None:
    mate = line(HOMONYM, "ok") | {"file": "a.xlsx", "sheet": "Cấp xã", "row": 3}
    assert compare_answers([HOMONYM], [line(HOMONYM, outcome), mate]).complete is complete
