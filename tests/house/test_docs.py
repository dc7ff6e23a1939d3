"""What is written leads somewhere: every link inside the clone points at something that is there."""

import re
from pathlib import Path

import pytest

from tests.house.source import HOUSE, tracked_files

PAGES = [path for path in tracked_files() if path.suffix == ".md" and "axe-core" not in path.parts]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_every_link_inside_the_clone_leads_somewhere(page: Path) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8"))]
    inside = [target for target in targets if target and not re.match(r"[a-z]+:", target)]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_the_readme_names_targets_that_exist() -> None:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", readme))
    assert named <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
