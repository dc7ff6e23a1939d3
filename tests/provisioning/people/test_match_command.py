"""The queue of possible doubles: found, seen side by side, answered one by one or from a file; asked once, answered once."""

import csv
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from foundation.audit import AuditRow
from foundation.errors import HopnhatError
from foundation.handling import drain
from foundation.shell import Actor
from provisioning.people.cases import open_cases
from provisioning.people.jobs import HANDLERS
from provisioning.people.match_command import answer_one
from provisioning.people.models import MatchCase
from provisioning.people.searching import find_pairs, search
from tests.provisioning.commands import StagedShell
from tests.provisioning.people.conftest import Call, Office
from tests.provisioning.people.test_daily_command import ask

BORN = date(1980, 3, 4)
WRITTEN = "0860•••••"


@pytest.fixture
def doubles(office: Office) -> tuple[uuid.UUID, uuid.UUID]:
    """One clerk written down twice, and namesakes who are two people."""
    kept = office.record("Trần Thị Đào", "x1", "dao.tt", born=BORN, phone="0912345678", number="086080000001")
    lost = office.record("Trần Thị Đào", "x2", "dao.x2", born=BORN, phone="0912345678")
    office.record("Nguyễn Văn An", "x1", "an.nv", born=BORN, number="086080000002")
    office.record("Nguyễn Văn An", "x1", "an.nv2", born=BORN, number="086080000347")
    office.record("Nguyễn Văn An", "x2", "an.nv3")
    return kept, lost


def cases(office: Office, actor: Actor, call: Call) -> list[dict[str, Any]]:
    """The open cases as data."""
    return list(json.loads(call(office.runtime, actor, "person", "match", "--output", "json").out))


@pytest.fixture
def searched(office: Office, doubles: tuple[uuid.UUID, uuid.UUID], hr: Actor, call: Call) -> int:
    """The number of the one case."""
    answer = call(office.runtime, hr, "person", "match", "--search", "--output", "json")
    found = json.loads(answer.out)
    assert (answer.code, len(found)) == (1, 1)
    return int(found[0]["case"])


def test_both_records_stand_side_by_side_with_the_reasons(office: Office, searched: int, hr: Actor, call: Call) -> None:
    screen = call(office.runtime, hr, "person", "match")
    assert screen.code == 1
    assert f"Case {searched} · 99 of 100 · the same birth date, the same name, the same phone" in screen.out
    assert "1980-03-04" in screen.out
    for text in ("086•••••0001", "dao.tt", "dao.x2", "Chuyên viên — UBND", "Personal number", "active"):
        assert text in " ".join(screen.out.split()), text
    assert "086080000001" not in screen.out + screen.talk


def test_days_stand_as_the_reader_writes_them(
    office: Office, searched: int, hr: Actor, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "vi")
    screen = call(office.runtime, hr, "person", "match").out
    assert "04/03/1980" in screen
    assert "1980-03-04" not in screen
    assert (
        json.loads(call(office.runtime, hr, "person", "match", "--output", "json").out)[0]["a"]["birth_date"]
        == "1980-03-04"
    )


def test_the_same_is_joined_and_the_account_in_use_lives_on(
    office: Office, searched: int, doubles: tuple[uuid.UUID, uuid.UUID], hr: Actor, call: Call
) -> None:
    answer = call(office.runtime, hr, "person", "match", str(searched), "--same")
    assert (answer.code, str(doubles[0]) in answer.talk) == (0, True)
    assert office.survivor(doubles[1]) == doubles[0]
    assert cases(office, hr, call) == []
    assert call(office.runtime, hr, "person", "match", str(searched), "--same").code == 1


def test_somebody_may_say_which_record_lives_on(
    office: Office, searched: int, doubles: tuple[uuid.UUID, uuid.UUID], hr: Actor, call: Call
) -> None:
    assert call(office.runtime, hr, "person", "match", str(searched), "--same", "--survivor", "dao.x2").code == 0
    assert office.survivor(doubles[0]) == doubles[1]


def test_who_was_told_apart_is_never_asked_about_again(
    office: Office, searched: int, doubles: tuple[uuid.UUID, uuid.UUID], hr: Actor, call: Call
) -> None:
    assert call(office.runtime, hr, "person", "match", str(searched), "--different", "--reason", "chị em").code == 0
    assert call(office.runtime, hr, "person", "match", "--search").code == 0
    assert office.survivor(doubles[1]) == doubles[1]


def test_answers_come_from_a_file(office: Office, searched: int, hr: Actor, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    assert call(office.runtime, hr, "person", "match", "--out", file).code == 1
    with file.open(encoding="utf-8-sig") as written:
        rows = list(csv.DictReader(written))
    assert [(row["case"], row["answer"], row["a_name"]) for row in rows] == [(str(searched), "", "Trần Thị Đào")]
    rows[0]["answer"] = "Cùng một người"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert call(office.runtime, hr, "person", "match", "--answers", file).code == 0
    assert cases(office, hr, call) == []
    again = call(office.runtime, hr, "person", "match", "--answers", file)
    assert (again.code, f"case {searched}" in again.talk) == (1, True)


def test_answers_come_from_a_workbook(office: Office, searched: int, hr: Actor, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    call(office.runtime, hr, "person", "match", "--out", file)
    book = openpyxl.load_workbook(file)
    assert book.active is not None
    book.active["B2"] = "different"
    book.save(file)
    assert call(office.runtime, hr, "person", "match", "--answers", file).code == 0
    with office.runtime.database.read() as reads:
        assert reads.execute(sa.select(MatchCase.state)).scalars().all() == ["different"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("case,answer\n1,perhaps\n", id="a word nobody knows"),
        pytest.param("case,answer\n1,same\n1,different\n", id="two answers to one case"),
        pytest.param("case,answer\none,same\n", id="no number"),
        pytest.param("a,b\n1,same\n", id="other columns"),
        pytest.param("", id="an empty file"),
        pytest.param("case,answer\n1,\ud800", id="no text"),
    ],
)
def test_a_file_that_cannot_be_understood_does_nothing(
    office: Office, searched: int, hr: Actor, call: Call, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    assert call(office.runtime, hr, "person", "match", "--answers", file).code == 65
    assert len(cases(office, hr, call)) == 1


@pytest.mark.parametrize("answer", ["--same", "--different"])
def test_who_lacks_the_right_over_one_of_the_two_answers_nothing(
    office: Office, searched: int, hr: Actor, commune_hr: Actor, call: Call, answer: str
) -> None:
    assert call(office.runtime, commune_hr, "person", "match", str(searched), answer).code == 77
    assert len(cases(office, hr, call)) == 1
    with office.runtime.database.read() as reads:
        assert len(reads.execute(sa.select(AuditRow.id).where(AuditRow.outcome == "refused")).all()) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [(("1", "--same", "--different"), 64), (("--same",), 64), (("4711", "--same"), 1), (("4711",), 1)],
)
def test_a_call_that_fits_no_case_is_refused(
    office: Office, searched: int, hr: Actor, call: Call, words: tuple[str, ...], code: int
) -> None:
    assert call(office.runtime, hr, "person", "match", *words).code == code


def test_two_answers_at_once_are_one(office: Office, searched: int, hr: Actor) -> None:
    def answer(_n: int) -> str:
        try:
            answer_one(StagedShell(office.runtime, hr), searched, True, None, None, None)
        except HopnhatError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(answer, range(4)))
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "case_unknown", "joined_already"}


def test_a_case_is_opened_once(office: Office, doubles: tuple[uuid.UUID, uuid.UUID]) -> None:
    runtime = office.runtime
    with runtime.database.write() as writes:
        found = list(search(writes, runtime.sealer))
        assert open_cases(writes, found, None, runtime.clocks.wall()) == 1
        assert open_cases(writes, found, None, runtime.clocks.wall()) == 0


def test_only_records_that_share_a_block_meet(office: Office, doubles: tuple[uuid.UUID, uuid.UUID]) -> None:
    """Two namesakes of one birth date meet and are told apart by their numbers; the third, of whom nothing is known, meets nobody."""
    with office.runtime.database.read() as reads:
        pairs = find_pairs(reads, None)
        nobody = find_pairs(reads, [office.people["an.nv3"]])
    assert (len(pairs), nobody) == (2, [])


def test_the_worker_looks_at_whoever_is_hired(office: Office, hr: Actor, call: Call) -> None:
    office.record("Trần Thị Đào", "x2", "dao.tt", born=BORN)
    words = (
        "--unit",
        "H61.1",
        "--title",
        "Kế toán",
        "--from",
        "2025-06-20",
        "--decision",
        "1/QĐ",
        "--born",
        "1980-03-04",
    )
    done = ask(call, office, hr, "hire", "Trần Thị Đào", *words)
    assert cases(office, hr, call) == []
    drain(office.runtime, HANDLERS)
    drain(office.runtime, HANDLERS)
    found = cases(office, hr, call)
    assert [one["reasons"] for one in found] == [["birth_same", "name_same"]]
    assert done["person"] in (found[0]["a"]["person"], found[0]["b"]["person"])
