"""Reading a decree from YAML: safe, bounded, no key twice, and every fault named at its line.

Scalars stay the text that was written, so a code keeps its zeros; only null, true and false are understood. Anchors and tags
are refused: nothing in a decree needs them, and they are how small files become large ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from foundation.collecting import rarely_collected
from foundation.complaints import describe_complaint
from foundation.errors import BadInput
from foundation.i18n import Message, _
from provisioning.merger.decree import Decree

LARGEST = 64 << 20
DEEPEST = 12
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class DecreeFault:
    """One thing wrong in a decree: where, a stable code, and why."""

    line: int
    path: str
    code: str
    why: Message

    def as_json(self, language: str) -> dict[str, object]:
        """For machine output, the sentence in the reader's language."""
        return {"line": self.line, "path": self.path, "code": self.code, "why": self.why.show(language)}


class DecreeFaulty(BadInput):
    """The decree cannot be used; `faults` holds every one of them."""

    code = "decree_faulty"
    sentence = "The decree has {count} faults. Nothing was changed."

    def __init__(self, faults: list[DecreeFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.path))
        super().__init__(count=len(faults))


@dataclass(frozen=True)
class DecreeText:
    """A decree with the line of each of its parts, so that later checks can name the place too."""

    decree: Decree
    lines: Mapping[Path_, int]
    file: str

    def fault(self, path: Path_, code: str, why: Message) -> DecreeFault:
        """A fault at a part of this decree."""
        return DecreeFault(find_line(self.lines, path), show_path(path), code, why)


def read_decree(path: Path) -> DecreeText:
    """The decree in this file. Raises DecreeFaulty with every fault of form; the register is not asked."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(_("{file} cannot be read."), file=str(path)) from error
    return parse_decree(raw, path.name)


@rarely_collected()
def parse_decree(raw: bytes, file: str = "decree.yaml") -> DecreeText:
    """The decree in these bytes (UTF-8). Raises DecreeFaulty."""
    if len(raw) > LARGEST:
        raise BadInput(_("{file} is larger than a decree can be."), file=file)
    tree = Tree()
    try:
        node = yaml.compose(raw.decode("utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except UnicodeDecodeError as error:
        raise DecreeFaulty([DecreeFault(1, "", "encoding", Message(_("The file is not UTF-8 text.")))]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise DecreeFaulty([build_yaml_fault(error)]) from error
    if node is None:
        raise DecreeFaulty([DecreeFault(1, "", "empty", Message(_("The file is empty.")))])
    content = tree.build(node, ())
    if tree.faults:
        raise DecreeFaulty(tree.faults)
    try:
        return DecreeText(Decree.model_validate(content), tree.lines, file)
    except ValidationError as error:
        raise DecreeFaulty(list(describe_errors(error, content, tree.lines))) from error


class Tree:
    """Plain values from YAML nodes, remembering the line of each."""

    def __init__(self) -> None:
        self.lines: dict[Path_, int] = {}
        self.faults: list[DecreeFault] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, path: Path_) -> Any:
        """The value of a node; faults are collected, not raised."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen or len(path) > DEEPEST:
            return self._refuse(
                node, path, "anchor", _("Anchors and aliases are not used in a decree; write the value.")
            )
        if isinstance(node, yaml.MappingNode):
            self._seen.add(id(node))
            return self._build_mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._seen.add(id(node))
            return [self.build(item, (*path, place)) for place, item in enumerate(node.value)]
        if not node.tag.startswith("tag:yaml.org,2002:"):
            return self._refuse(node, path, "tag", _("Tags such as {tag} are not used in a decree."), tag=node.tag)
        return build_scalar(node.tag, str(node.value))

    def _build_mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if not key or key == "<<":
                self._refuse(key_node, path, "key", _("A key is a plain word."))
            elif key in found:
                self._refuse(key_node, (*path, key), "key_twice", _("“{key}” stands here twice."), key=key)
            else:
                self.lines[(*path, key)] = key_node.start_mark.line + 1
                found[key] = self.build(value_node, (*path, key))
        return found

    def _refuse(self, node: yaml.Node, path: Path_, code: str, why: str, **values: object) -> None:
        self.faults.append(DecreeFault(node.start_mark.line + 1, show_path(path), code, Message(why, values)))


def build_scalar(tag: str, text: str) -> str | bool | None:
    """Text as written; null and true or false where they were meant as such."""
    if tag == "tag:yaml.org,2002:null":
        return None
    if tag == "tag:yaml.org,2002:bool":
        return text.lower() in ("true", "yes", "on")
    return text


def build_yaml_fault(error: Exception) -> DecreeFault:
    """What the YAML reader stumbled over, at its line."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "too deep"
    return DecreeFault(
        mark.line + 1 if mark else 1, "", "yaml", Message(_("This is not YAML: {problem}."), {"problem": problem})
    )


def describe_errors(error: ValidationError, content: Any, lines: Mapping[Path_, int]) -> Iterator[DecreeFault]:
    """Each complaint of the schema at its place in the file; echoes of one complaint are told once."""
    entries = [(trim_path(entry["loc"], content, entry["type"] == "missing"), entry) for entry in error.errors()]
    paths = [path for path, _entry in entries]
    for path, entry in entries:
        inner = any(len(other) > len(path) and other[: len(path)] == path for other in paths)
        echo = entry["type"] == "literal_error" and paths.count(path) > 1
        if echo or (inner and entry["type"] == "too_short"):
            continue
        yield DecreeFault(find_line(lines, path), show_path(path), entry["type"], describe_complaint(entry))


def trim_path(location: tuple[str | int, ...], content: Any, missing: bool) -> Path_:
    """The path as it stands in the file: the schema also names the kind of union it was in; a missing key is kept as the end."""
    path: list[str | int] = []
    here = content
    for step in location:
        known = isinstance(here, dict) and step in here
        known = known or (isinstance(here, list) and isinstance(step, int) and step < len(here))
        if known:
            here = here[step]
            path.append(step)
    if missing:
        path.append(location[-1])
    return tuple(path)


def find_line(lines: Mapping[Path_, int], path: Path_) -> int:
    """The line of the part, or of the nearest part around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def show_path(path: Path_) -> str:
    """`events[3].from[0].unit`, counted from 0 as programs do."""
    shown = ""
    for step in path:
        shown += f"[{step}]" if isinstance(step, int) else f".{step}" if shown else step
    return shown
