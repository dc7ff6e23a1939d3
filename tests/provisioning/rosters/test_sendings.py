"""A roster sent again is held against what came before: added, changed, missing; nobody is dropped because a list forgot them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.rosters.command import roster_group
from provisioning.rosters.comparison import compare_units
from provisioning.rosters.deliveries import SentRow
from provisioning.rosters.models import RosterSending, RosterSentUnit
from tests.provisioning.commands import Answer, build_caller
from tests.provisioning.loads import GLASS, Installation, found
from tests.provisioning.rosters.makers import lan, roster, row, write_csv

Call = Callable[..., Answer]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    return build_caller({"roster": roster_group}, {}, capsys)


@pytest.fixture
def installation(runtime: Runtime, tmp_path: Path) -> Installation:
    return found(runtime, tmp_path)


def send(call: Call, installation: Installation, name: str, *people: Mapping[str, Any], actor: Actor = GLASS) -> Answer:
    """Import a list; its plan is left where it is."""
    path = write_csv(installation.folder / f"{name}.csv", roster(*people))
    out = installation.folder / f"{name}.plan"
    return call(installation.runtime, actor, "roster", "import", path, "--out", out, "--output", "json")


def compare(
    call: Call, installation: Installation, *people: Mapping[str, Any]
) -> tuple[int, list[tuple[str, str, str, str]]]:
    path = write_csv(installation.folder / "again.csv", roster(*people))
    answer = call(installation.runtime, GLASS, "roster", "compare", path, "--output", "json")
    told = [(each["kind"], each["name"], each["was"], each["now"]) for each in json.loads(answer.out)]
    return answer.code, told


def test_the_first_list_of_a_unit_differs_from_nothing(call: Call, installation: Installation) -> None:
    assert json.loads(send(call, installation, "a", row(), lan()).out)["open"]["missing"] == 0
    assert compare(call, installation, row(), lan()) == (0, [])


def test_added_changed_and_missing_are_told_by_name(call: Call, installation: Installation) -> None:
    send(call, installation, "a", row(), lan())
    newcomer = row(name="Võ Văn Tám", personal_number="086080001111", phone=None)
    code, told = compare(call, installation, row(phone="0987654321", name="LÊ THỊ HOA"), newcomer)
    assert code == 1
    assert [(kind, name) for kind, name, _was, _now in told] == [
        ("missing", "Trần Thị Lan"), ("changed", "Lê Thị Hoa"), ("added", "Võ Văn Tám"),
    ]  # fmt: skip
    assert told[1][2:] == ("Điện thoại: 0912345678", "Điện thoại: 0987654321")


def test_who_stands_in_another_units_list_now_has_moved_and_is_not_missing(
    call: Call, installation: Installation
) -> None:
    stays = row(name="Võ Văn Tám", personal_number="086080001111", phone=None)
    send(call, installation, "a", row(), stays, lan(unit_code="00286"))
    code, told = compare(call, installation, row(unit_code="00286"), stays, lan(unit_code="00286"))
    assert code == 0
    assert told == [("changed", "Lê Thị Hoa", "Unit: UBND xã An Bình", "Unit: UBND xã Bình Hòa")]


def test_a_unit_that_the_senders_next_list_forgets_is_missing_whole(call: Call, installation: Installation) -> None:
    send(call, installation, "a", row(), lan(unit_code="00286"))
    path = write_csv(installation.folder / "b.csv", roster(row()))
    words = ("roster", "compare", path, "--sender", "86", "--output", "json")
    told = json.loads(call(installation.runtime, GLASS, *words).out)
    assert [(each["kind"], each["name"], each["code"]) for each in told] == [("missing", "Trần Thị Lan", "H61.12.10")]


def test_a_missing_person_is_asked_about_again_and_stays_in_the_register(
    call: Call, installation: Installation
) -> None:
    installation.load(row(), lan())
    for name in ("b", "c"):  # The question does not go away because the same list is sent once more.
        told = json.loads(send(call, installation, name, row()).out)
        assert told["open"]["missing"] == 1
        assert [each["name"] for each in told["missing"]] == ["Trần Thị Lan"]
        assert told["summary"]["people"]["same"] == 1
    assert json.loads((installation.folder / "c.plan").read_text(encoding="utf-8").splitlines()[0])["counts"] == {}


def test_a_faulty_list_is_written_down_too_and_the_status_says_so(call: Call, installation: Installation) -> None:
    assert send(call, installation, "a", row(), lan(name="L4n")).code == 1
    words = ("roster", "status", "--province", "86", "--level", "commune", "--output", "json")
    answer = call(installation.runtime, GLASS, *words)
    first, second = json.loads(answer.out)
    assert (first["code"], first["people"], first["rows"], first["faults"], first["sent_by"]) == (
        "H61.12.3", 0, 2, 1, "break-glass:test",
    )  # fmt: skip
    assert first["sent_at"]
    assert (second["sent_at"], second["rows"]) == (None, None)
    assert "2 have nobody yet: 1 of them sent nothing. 1 lists have faults." in " ".join(answer.talk.split())
    missing = call(installation.runtime, GLASS, *words, "--missing")
    assert [each["code"] for each in json.loads(missing.out)] == ["H61.12.10"]


def test_what_was_sent_is_sealed(call: Call, installation: Installation) -> None:
    send(call, installation, "a", row())
    with installation.runtime.database.read() as reads:
        (sending,) = reads.execute(sa.select(RosterSending)).scalars()
        (unit,) = reads.execute(sa.select(RosterSentUnit)).scalars()
    assert (sending.rows, sending.people, sending.faults, sending.files) == (1, 1, 0, ["a.csv"])
    assert unit.people.startswith("s1.")
    assert sending.plan_digest is not None


def test_whoever_may_not_load_a_unit_may_not_see_what_it_sent(call: Call, installation: Installation) -> None:
    send(call, installation, "a", row())
    stranger = Actor("nobody", None, "nobody")
    path = write_csv(installation.folder / "b.csv", roster(lan()))
    answer = call(installation.runtime, stranger, "roster", "compare", path, "--output", "json")
    assert (answer.code, answer.out) == (77, "")
    with installation.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(RosterSending)).scalar_one() == 1
    assert send(call, installation, "c", lan(name="L4n"), actor=stranger).code == 77
    with installation.runtime.database.read() as reads:
        assert reads.execute(sa.select(sa.func.count()).select_from(RosterSending)).scalar_one() == 1


def test_a_person_without_a_number_is_known_by_name_and_birth_date() -> None:
    import uuid

    unit = uuid.uuid4()
    one = SentRow("", "Đặng Hoà", "1980-12-25", "Văn thư", "", "", "", "", "")
    assert compare_units([(unit, [one], [one._replace(name="Đặng Hòa")])]) == []
    assert [each.kind for each in compare_units([(unit, [one], [])])] == ["missing"]
