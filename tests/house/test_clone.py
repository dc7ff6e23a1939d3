"""What is kept stands on its own: no path of one machine, no address of a package index, nothing open or silenced."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.source import FLOORS, HOUSE, modules, tracked_files

# Third parties' texts, unchanged, and licences, which name their own homes.
FOREIGN = ("tests/services/axe-core/", "tests/vectors/", "LICENSE")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".lock",
    ".sh",
    ".html",
    ".css",
    ".js",
    ".po",
    ".yaml",
    ".yml",
    ".json",
    ".ldif",
    ".service",
    ".conf",
    ".ini",
    ".mako",
    ".sql",
    ".txt",
    "",
}

INDEX = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|npmmirror|--(extra-)?index-url|--find-links|deb\.debian\.org"
)
MACHINE = re.compile(r"(?<![\w.<])/(?:work|root/(?!outer-certificates\.pem|hopnhat\b|dev\b)|home/\w+)/")
OPEN = re.compile(
    r"\b(?:TODO|FIXME|XXX)\b(?!.*#\d+)|raise NotImplementedError|pytest\.(?:mark\.)?(?:skip|xfail)|importorskip"
)
# A reason stands after the codes.
SILENCED = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[\w, -]*\])?+|noqa(?::\s*[A-Z]++\d++(?:,\s*[A-Z]++\d++)*+)?+|pragma:\s*no cover)(?!.*\w{3})"
)


def texts() -> list[Path]:
    """The tracked texts that are ours."""
    return [
        path
        for path in tracked_files()
        if path.suffix in TEXT and not path.relative_to(HOUSE).as_posix().startswith(FOREIGN)
    ]


def find(pattern: re.Pattern[str], *, suffixes: set[str] | None = None) -> list[str]:
    """File, line and text of every match; this file itself is not asked."""
    found = []
    for path in texts():
        if path == Path(__file__) or (suffixes and path.suffix not in suffixes):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(HOUSE)}:{number}: {line.strip()[:120]}")
    return found


@pytest.mark.parametrize(
    ("pattern", "suffixes"),
    [
        pytest.param(INDEX, None, id="no address of a package index"),
        pytest.param(MACHINE, None, id="no path of one machine"),
        pytest.param(OPEN, {".py"}, id="nothing left open, nothing skipped"),
        pytest.param(SILENCED, {".py"}, id="nothing silenced without a reason beside it"),
    ],
)
def test_the_clone_holds(pattern: re.Pattern[str], suffixes: set[str] | None) -> None:
    assert find(pattern, suffixes=suffixes) == []


def test_lock_files_pin_every_archive_by_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-build.lock"):
        lines = (HOUSE / name).read_text(encoding="utf-8").splitlines()
        pins = [number for number, line in enumerate(lines) if "==" in line.split(";")[0] and not line.startswith(" ")]
        assert pins
        assert all("--hash=sha256:" in lines[number + 1] for number in pins), name


def test_what_runs_is_what_is_tested() -> None:
    run, test = (pins(HOUSE / name) for name in ("requirements.lock", "requirements-dev.lock"))
    assert run.items() <= test.items()


def pins(lock: Path) -> dict[str, str]:
    """Package → exact version of a lock file."""
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def declared(*groups: str) -> set[str]:
    """The distributions pyproject.toml names, for running and in the groups."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    lines = project["project"]["dependencies"] + [
        line for group in groups for line in project["dependency-groups"][group]
    ]
    return {normal(re.split(r"[\[<>=;! ]", line)[0]) for line in lines}


def normal(distribution: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize(
    ("folders", "groups"),
    [
        pytest.param(tuple(FLOORS), (), id="the rooms"),
        pytest.param(("deploy",), (), id="deploy"),
        pytest.param(("tests",), ("dev", "clients"), id="the tests"),
    ],
)
def test_every_library_we_import_is_one_we_named(folders: tuple[str, ...], groups: tuple[str, ...]) -> None:
    """Not one that happened to come with another."""
    named, origin = declared(*groups), packages_distributions()
    ours = {*FLOORS, "deploy", "tests", "document_system", *sys.stdlib_module_names}
    unnamed = {
        f"{module.name}: {top}"
        for module in modules(*folders)
        for _, name in module.imports()
        if (top := name.partition(".")[0]) not in ours and not named & {normal(each) for each in origin.get(top, [top])}
    }
    # The document system stands alone: what it imports of its own folder is not a library.
    assert {line for line in unnamed if not is_own_file(line)} == set()


def is_own_file(line: str) -> bool:
    """Whether a module imports a neighbour by its bare name, as the standalone document system does."""
    name, _, top = line.partition(": ")
    return (HOUSE / name).with_name(f"{top}.py").is_file()
