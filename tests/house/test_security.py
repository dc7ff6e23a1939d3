"""docs/security.md names a test for each incident, and no test tries one that the page does not name."""

import ast
import re
from functools import cache

import pytest

from tests.house.source import HOUSE

FOLDER = HOUSE / "tests" / "sso" / "incidents"
PAGE = (HOUSE / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+) \| `(test_\w+\.py)::(test_\w+)` \|$", PAGE, re.MULTILINE)
NUMBER = re.compile(r"CVE-\d{4}-\d+|GHSA-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}|GO-\d{4}-\d+|\w[\w-]* \d+\.\d+(?:\.\d+)?$")
INCIDENTS = [(number.group(), file, name) for text, file, name in ROWS if (number := NUMBER.search(text))]
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE)))


@cache
def read(file: str) -> str:
    """A file of the folder, its names of tests spelled as the incidents are."""
    return (FOLDER / file).read_text(encoding="utf-8")


@cache
def find_tests(file: str) -> frozenset[str]:
    """The tests in a file."""
    return frozenset(node.name for node in ast.walk(ast.parse(read(file))) if isinstance(node, ast.FunctionDef))


def is_spelled(incident: str, text: str) -> bool:
    """Whether an incident stands in a text, as it is written or as a name of a test has it."""
    return incident.lower() in text.lower() or re.sub(r"\W", "_", incident.lower()) in text


def test_there_is_something_to_look_at() -> None:
    assert len(INCIDENTS) > 120
    assert len(ROWS) > len(INCIDENTS)


@pytest.mark.parametrize(("incident", "file", "name"), INCIDENTS, ids=lambda part: str(part))
def test_every_incident_is_tried_by_the_test_it_names(incident: str, file: str, name: str) -> None:
    assert name in find_tests(file)
    assert is_spelled(incident, read(file))


@pytest.mark.parametrize(("_text", "file", "name"), ROWS, ids=lambda part: str(part)[:60])
def test_every_row_names_a_test_that_is_there(_text: str, file: str, name: str) -> None:
    assert name in find_tests(file)


@pytest.mark.parametrize("path", NAMED)
def test_every_named_place_is_there(path: str) -> None:
    assert (HOUSE / path).exists()


def test_no_test_tries_an_incident_that_the_page_does_not_name() -> None:
    written = "".join(read(path.name) for path in FOLDER.glob("test_*.py"))
    tried = {number.upper() for number in re.findall(r"CVE-\d{4}-\d+", written)}
    tried |= {number.upper().replace("_", "-") for number in re.findall(r"cve_\d{4}_\d+", written)}
    assert sorted(number for number in tried if number not in PAGE) == []
