"""Each room has a plate on its door, and nothing else stands there."""

import ast

import pytest

from tests.house.source import FLOORS, Module, modules

PLATES = [module for module in modules(*FLOORS) if module.path.name == "__init__.py"]
# What no file may be called: if no better word comes, we have not understood it yet.
EMPTY_NAMES = frozenset(
    {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "misc",
        "manager",
        "managers",
        "base",
        "info",
        "process",
        "core",
        "lib",
    }
)


@pytest.mark.parametrize("plate", PLATES, ids=lambda plate: plate.name)
def test_a_plate_is_only_a_docstring(plate: Module) -> None:
    assert ast.get_docstring(plate.tree), "a door without a plate"
    assert len(plate.tree.body) == 1, "code on the door"


@pytest.mark.parametrize("room", FLOORS)
def test_each_room_says_what_it_owns_and_must_never_do(room: str) -> None:
    plate = next(plate for plate in PLATES if plate.name == f"{room}/__init__.py")
    text = ast.get_docstring(plate.tree) or ""
    assert "wns" in text
    assert "never" in text.lower()


def test_every_folder_of_code_has_a_plate() -> None:
    folders = {module.path.parent for module in modules(*FLOORS)}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_no_file_has_an_empty_name() -> None:
    assert [module.name for module in modules(*FLOORS, "deploy", "tests") if module.path.stem in EMPTY_NAMES] == []
