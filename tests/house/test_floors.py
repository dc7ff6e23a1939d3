"""The stairs only go down: read from the imports themselves."""

import ast
import re

import pytest

from tests.house.source import FLOORS, Module, modules

ROOMS = tuple(FLOORS)

# Words of the domain. Foundation may not know them: whoever needs one of them there is on the wrong floor.
DOMAIN = frozenset(
    {
        "unit", "units", "person", "persons", "people", "official", "officials", "post", "posts", "commune", "communes",
        "district", "districts", "province", "provinces", "merger", "mergers", "decree", "decrees", "roster", "rosters",
        "letter", "letters", "certificate", "certificates", "dossier", "placement", "ldap", "oidc", "scim",
        "department", "agency", "committee", "citizen", "activation",
    }
)  # fmt: skip
# HTTP has the first, too; and behind every act stands a person (DESIGN §5), of whom foundation knows no more than an id.
ALLOWED = frozenset({"post", "person"})


def floor_of(name: str) -> int | None:
    return FLOORS.get(name.partition(".")[0])


def wrong_stairs(module: Module) -> list[str]:
    """The imports of a module that go up or sideways."""
    own = FLOORS[module.room]
    found = []
    for line, name in module.imports():
        other = floor_of(name)
        sideways = other == own and name.partition(".")[0] != module.room
        if other is not None and (other > own or sideways):
            found.append(f"{module.name}:{line} imports {name}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_only_go_down(room: str) -> None:
    wrong = [line for module in modules(room) for line in wrong_stairs(module) if not is_the_door_to_trial(line)]
    assert wrong == []


# `hopnhat demo` is the one door to the story.
DEMO_COMMANDS = ("provisioning/demo_command.py:",)


def is_the_door_to_trial(line: str) -> bool:
    return line.startswith(DEMO_COMMANDS) and " imports trial" in line


def test_only_the_demo_command_opens_trial() -> None:
    doors = {
        module.name
        for module in modules(*(room for room in ROOMS if room != "trial"))
        for _, name in module.imports()
        if floor_of(name) == FLOORS["trial"]
    }
    assert len(doors) <= 1, doors
    assert all(f"{door}:" in DEMO_COMMANDS for door in doors), doors


def test_the_demo_command_opens_trial_only_when_it_is_called() -> None:
    at_import = [
        f"{module.name}:{node.lineno}"
        for module in modules("provisioning")
        for node in module.tree.body
        if any(name.startswith("trial") for name in imported_by(node))
    ]
    assert at_import == []


def imported_by(node: ast.stmt) -> list[str]:
    """The modules one top-level statement imports."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            return [node.module or ""]
        case _:
            return []


def test_nothing_of_the_product_imports_tests_or_deploy() -> None:
    wrong = [
        f"{module.name}:{line} imports {name}"
        for module in modules(*ROOMS)
        for line, name in module.imports()
        if name.partition(".")[0] in {"tests", "deploy"}
    ]
    assert wrong == []


def test_the_document_system_knows_none_of_our_packages() -> None:
    parts = modules("deploy/demo")
    wrong = [
        f"{module.name}:{line} imports {name}"
        for module in parts
        for line, name in module.imports()
        if name.partition(".")[0] in {*FLOORS, "tests"}
    ]
    assert wrong == []


def words(module: Module) -> set[str]:
    """The words of a module's own name and of the names it defines, taken apart at underscores and capitals."""
    names = {module.path.stem}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return {word.lower() for name in names for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


@pytest.mark.parametrize("module", modules("foundation"), ids=lambda module: module.name)
def test_foundation_has_no_word_of_the_domain(module: Module) -> None:
    assert words(module) & (DOMAIN - ALLOWED) == set()


def test_migrations_import_only_the_tables() -> None:
    allowed = {"models", "tables", *(module.path.stem for module in modules("foundation"))}
    wrong = [
        f"{module.name}:{line} imports {name}"
        for module in modules("deploy/migrations")
        for line, name in module.imports()
        if name.partition(".")[0] in FLOORS and name.rpartition(".")[2] not in allowed and "." in name
    ]
    assert wrong == []
