"""The answer file: what is wrong with the rosters, and how what was reported compares with it.

JSON Lines, one object for each sown instance: `file`, `sheet` (null in a CSV), `row` (1 is the first line of the file),
`column` (canonical), `kind`, `expected_outcome` (restored, fault, duplicate, candidate; ok for homonyms, who stay two),
`truth` (the clean value),
`mate` (`file`, `sheet`, `row` of the row that this one doubles, or null). The importer never sees it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

Place = tuple[str, str | None, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """One sown instance of dirt; see the module for the fields."""

    file: str
    sheet: str | None
    row: int
    column: str
    kind: str
    expected_outcome: str
    truth: str
    mate: Place | None = None

    @property
    def place(self) -> Place:
        """File, sheet and row."""
        return self.file, self.sheet, self.row


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the importer found, missed and reported without reason; and rows it took no notice of."""

    found: Counter[str]
    missed: list[Answer]
    falsely_reported: list[Mapping[str, Any]]
    unread: int

    @property
    def complete(self) -> bool:
        """Whether nothing was missed, invented or passed over."""
        return not self.missed and not self.falsely_reported and self.unread == 0


def write_answers(file: TextIO, answers: Iterable[Answer]) -> None:
    """Write answers, one a line."""
    for answer in answers:
        fields = asdict(answer)
        if answer.mate:
            fields["mate"] = dict(zip(("file", "sheet", "row"), answer.mate, strict=True))
        file.write(json.dumps(fields, ensure_ascii=False) + "\n")


def read_answers(path: Path) -> list[Answer]:
    """Read an answer file back."""
    answers = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        mate = fields.pop("mate")
        answers.append(Answer(**fields, mate=(mate["file"], mate["sheet"], mate["row"]) if mate else None))
    return answers


def compare_answers(
    answers: Iterable[Answer], reported: Iterable[Mapping[str, Any]], rows: int | None = None
) -> Comparison:
    """Hold the lines of `roster check --output json` against the answers; `rows` is how many rows carry a person.

    Something restored is found if its value is the true one; a double is found if either of its two rows is reported.
    The lines are taken as they come, and only those that an answer speaks of are kept.
    """
    sown = list(answers)
    expected: dict[Place, str] = {}
    for answer in sown:
        for place in (answer.place, answer.mate):
            if place and (place == answer.place or place not in expected):
                expected[place] = answer.expected_outcome
    lines: dict[Place, Mapping[str, Any]] = {}
    false: list[Mapping[str, Any]] = []
    read = 0
    for line in reported:
        if line.get("row") is None:
            continue
        place = _place_of(line)
        read += line["outcome"] != "ignored"
        if place in expected:
            lines[place] = line
        if not _was_due(line["outcome"], expected.get(place)):
            false.append(line)
    found: Counter[str] = Counter()
    missed: list[Answer] = []
    for answer in sown:
        if _is_found(answer, lines):
            found[answer.kind] += 1
        else:
            missed.append(answer)
    return Comparison(found, missed, false, 0 if rows is None else rows - read)


def _was_due(outcome: str, expected: str | None) -> bool:
    """Whether what was said of a row had a reason; two homonyms may be asked about."""
    quiet = outcome not in ("fault", "duplicate", "candidate")
    return quiet or outcome == expected or (outcome, expected) == ("candidate", "ok")


def _place_of(line: Mapping[str, Any]) -> Place:
    return Path(str(line["file"])).name, line.get("sheet") or None, int(line["row"])


def _is_found(answer: Answer, lines: Mapping[Place, Mapping[str, Any]]) -> bool:
    line = lines.get(answer.place)
    if answer.expected_outcome == "restored":
        if line is None or line["outcome"] not in ("ok", "restored"):
            return False
        return _same_value(answer.column, answer.truth, line["values"].get(answer.column))
    outcomes = {each["outcome"] for each in (line, lines.get(answer.mate) if answer.mate else None) if each}
    if answer.expected_outcome == "ok":  # Asking a human about two homonyms does no harm; joining them would.
        return bool(outcomes) and not outcomes & {"duplicate", "fault", "ignored"}
    return answer.expected_outcome in outcomes


def _same_value(column: str, truth: str, value: object) -> bool:
    """Telephones are compared by their last nine digits, mail addresses without case, all else exactly."""
    text = str(value or "")
    if column == "phone":
        return _digits(text)[-9:] == _digits(truth)[-9:]
    return text.lower() == truth.lower() if column == "email" else text == truth


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
