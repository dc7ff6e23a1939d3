"""docs/specifications.md promises nothing that no test keeps."""

import ast
import re
import tomllib

import pytest

from foundation.settings import build_settings
from provisioning.sections import SECTIONS
from tests.house.source import HOUSE

TABLE = (HOUSE / "docs" / "specifications.md").read_text(encoding="utf-8")
ROWS = [
    line
    for line in TABLE.partition("\n## Certification\n")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| specification", "|---"))
]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+\.py)(?:::([a-z0-9_]+))?`", TABLE)))


def test_there_is_something_to_look_at() -> None:
    assert len(ROWS) > 30
    assert len(NAMED) > 15


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_names_its_test_or_says_later(row: str) -> None:
    _start, _specification, status, proof, _remark, _end = (cell.strip() for cell in row.split("|"))
    assert status in ("yes", "part", "later")
    assert bool(proof) == (status != "later")


@pytest.mark.parametrize("file, name", NAMED, ids=lambda part: str(part))
def test_every_named_test_is_there(file: str, name: str) -> None:
    tree = ast.parse((HOUSE / file).read_text(encoding="utf-8"))
    tests = {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert tests
    assert not name or name in tests


def test_the_certification_preset_is_a_settings_file() -> None:
    written = tomllib.loads((HOUSE / "deploy" / "conformance" / "hopnhat.toml").read_text(encoding="utf-8"))
    assert build_settings(written, SECTIONS).issuer == "https://localhost:9643"
