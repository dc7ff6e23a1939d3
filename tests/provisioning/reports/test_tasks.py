"""The file of deadlines: the shipped example, its schema, and what is refused with its place named."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from foundation.clocks import parse_instant
from foundation.mishaps import FileAbsent
from provisioning.reports.tasks import EXAMPLE, DeadlinesFaulty, build_schema, read_deadlines

TASK = {
    "id": "a", "title": {"vi": "Một", "en": "One"}, "due": "2025-06-27", "owner": "Sở Nội vụ", "measure": "accounts",
}  # fmt: skip


def write(folder: Path, **changes: object) -> Path:
    content = {"format": "hopnhat-deadlines/1", "title": {"vi": "Mốc", "en": "Dates"}, "tasks": [TASK], **changes}
    file = folder / "deadlines.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return file


def test_the_telegrams_deadlines_are_shipped() -> None:
    deadlines = read_deadlines(None)
    assert sorted({str(task.due) for task in deadlines.tasks}) == [
        "2025-06-27",
        "2025-06-28",
        "2025-06-29",
        "2025-06-30",
    ]
    assert {task.measure for task in deadlines.tasks} >= {"agency_codes", "old_codes", "accounts", "signers", "told"}


def test_a_deadline_is_the_end_of_its_day() -> None:
    task = read_deadlines(EXAMPLE).in_order[0]
    assert task.deadline(ZoneInfo("Asia/Ho_Chi_Minh")) == parse_instant("2025-06-28")


def test_the_schema_names_every_measure() -> None:
    schema = build_schema()
    assert set(schema["$defs"]["Task"]["properties"]["measure"]["enum"]) >= {"certificates", "application", "told"}
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"format": "other/2"}, "format"),
        ({"tasks": []}, "tasks"),
        ({"tasks": [{**TASK, "due": "27/06/2025"}]}, "tasks.0.due"),
        ({"tasks": [{**TASK, "measure": "guess"}]}, "tasks.0.measure"),
        ({"tasks": [{**TASK, "colour": "red"}]}, "tasks.0.colour"),
        ({"tasks": [TASK, TASK]}, "An id stands twice"),
        ({"tasks": [{**TASK, "needs": ["b"]}]}, "“a” needs what is no other task: b"),
        ({"tasks": [{**TASK, "measure": "application"}]}, "“application” is given"),
        ({"tasks": [{**TASK, "told": [{"at": "2025-06-26T08:00:00+07:00", "done": 1, "of": 2}]}]}, "“told” is given"),
        (
            {"tasks": [{**TASK, "measure": "told", "told": [{"at": "2025-06-26T08:00:00+07:00", "done": 3, "of": 2}]}]},
            "More is done than there is",
        ),
    ],
    ids=[
        "version",
        "no task",
        "day",
        "measure",
        "unknown word",
        "twice",
        "needs",
        "application",
        "told",
        "more than all",
    ],
)
def test_a_faulty_file_is_refused_with_its_place(tmp_path: Path, changes: dict[str, object], place: str) -> None:
    with pytest.raises(DeadlinesFaulty) as refused:
        read_deadlines(write(tmp_path, **changes))
    assert place in refused.value.shown


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"- a", b""], ids=["no text", "no yaml", "a list", "empty"])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "deadlines.yaml"
    file.write_bytes(content)
    with pytest.raises(DeadlinesFaulty):
        read_deadlines(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileAbsent, match=r"none\.yaml is not there"):
        read_deadlines(tmp_path / "none.yaml")
