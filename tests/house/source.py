"""The source as the house tests see it: modules of the rooms, their trees and what they import."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
FLOORS = {"foundation": 0, "directory": 1, "sso": 2, "signing": 2, "provisioning": 3, "trial": 4}


@dataclass(frozen=True)
class Module:
    """One Python file; `name` is its path inside the clone."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(HOUSE).as_posix()

    @property
    def room(self) -> str:
        return self.path.relative_to(HOUSE).parts[0]

    @property
    def tree(self) -> ast.Module:
        return parse(self.path)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full dotted name of everything imported, inside functions too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                parent = ".".join(self.path.relative_to(HOUSE).parts[: -node.level]) if node.level else ""
                yield node.lineno, ".".join(part for part in (parent, node.module) if part)


@cache
def parse(path: Path) -> ast.Module:
    """The tree of a file, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*folders: str) -> list[Module]:
    """Every Python file below the folders."""
    return [Module(path) for folder in folders for path in sorted((HOUSE / folder).rglob("*.py"))]


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git keeps, and what it would keep if it were added now."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE, capture_output=True, check=True,
    )  # fmt: skip
    names = sorted(name for name in listing.stdout.decode().split("\0") if name)
    return tuple(HOUSE / name for name in names if (HOUSE / name).is_file())
