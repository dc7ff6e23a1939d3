"""The sentences of a room and what its catalogues lack; run as `python -m foundation.catalogues [write]`.

A sentence is the text of `_("…")`, `Message("…")`, `say("…")`, `progress("…")` or `translate(language, "…")`, a refusal's
`sentence = "…"`, the text a refusal is raised with, `_("…")` or `rich("…")` in a template, and what the command line says as
help: of an option, of a group, and a verb's docstring. `write` brings every room's
`locale/vi.po` up to date and keeps what is translated; without it the lacks are printed, exit code 1.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2 import nodes as tree

from foundation.i18n import HOUSE, ROOMS

MARKERS = frozenset({"_", "Message", "say", "progress"})


def find_messages(room: Path) -> dict[str, list[str]]:
    """Every sentence of a room with the files that say it, in order of appearance."""
    found: dict[str, list[str]] = {}
    for file in sorted(room.rglob("*.py")):
        for sentence in read_code(file.read_text(encoding="utf-8")):
            found.setdefault(sentence, []).append(file.relative_to(room.parent).as_posix())
    for file in sorted((room / "templates").rglob("*.*")):
        for sentence in read_template(file.read_text(encoding="utf-8")):
            found.setdefault(sentence, []).append(file.relative_to(room.parent).as_posix())
    return found


def read_code(source: str) -> Iterator[str]:
    """The sentences of one Python file."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_rest]) if name in MARKERS:
                yield text
            case ast.Call(func=ast.Name(id="translate"), args=[_language, ast.Constant(value=str(text)), *_rest]):
                yield text
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_rest])) if (
                is_refusal(name)
            ):
                yield text
            case ast.ClassDef():
                yield from read_sentence(node)
            case ast.Call():
                yield from read_help(node)
            case ast.FunctionDef() if is_verb(node) and (told := ast.get_docstring(node)):
                yield told


def read_help(call: ast.Call) -> Iterator[str]:
    """The help of an option, an argument or a group of the command line; and the line of a verb that is opened late."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="typer"))):
            for word in call.keywords:
                match word:
                    case ast.keyword(arg="help" | "epilog", value=ast.Constant(value=str(text))):
                        yield text
        case ast.Call(func=ast.Name(id="LateVerb"), args=[_name, _place, ast.Constant(value=str(text))]):
            yield text


def is_verb(node: ast.FunctionDef) -> bool:
    """Whether a function is called from the command line: it takes the context of a call, or words of it, and gives an exit code."""
    annotations = " ".join(ast.unparse(argument.annotation) for argument in node.args.args if argument.annotation)
    takes = any(word in annotations for word in ("typer.Context", "typer.Option", "typer.Argument"))
    return takes and isinstance(node.returns, ast.Name) and node.returns.id == "int"


def is_refusal(name: str) -> bool:
    """Whether an exception's name is one of ours: the built-in ones and the libraries' end in Error."""
    return not name.endswith(("Error", "Exit", "Parameter", "Exception")) and name not in {
        "SystemExit",
        "StopIteration",
        "KeyboardInterrupt",
    }


def read_sentence(node: ast.ClassDef) -> Iterator[str]:
    """The default sentence of a refusal class."""
    for statement in node.body:
        match statement:
            case (
                ast.AnnAssign(target=ast.Name(id="sentence"), value=ast.Constant(value=str(text)))
                | ast.Assign(targets=[ast.Name(id="sentence")], value=ast.Constant(value=str(text)))
            ):
                yield text


def read_template(source: str) -> Iterator[str]:
    """The sentences of one template: `_("…")` and `rich("…")`."""
    for call in Environment(autoescape=True).parse(source).find_all(tree.Call):
        match call:
            case tree.Call(node=tree.Name(name="_" | "rich"), args=[tree.Const(value=str(text)), *_rest]):
                yield text


def read_catalogue(room: Path, language: str) -> dict[str, str]:
    """What a room has translated: English sentence → sentence."""
    file = room / "locale" / f"{language}.po"
    if not file.is_file():
        return {}
    with file.open("rb") as lines:
        return {
            str(entry.id): str(entry.string) for entry in read_po(lines, locale=language) if entry.id and entry.string
        }


def find_lacks(room: Path, language: str = "vi") -> list[str]:
    """Sentences of a room that have no translation in `language`, or one that fills other values."""
    known = read_catalogue(room, language)
    return [text for text in find_messages(room) if text not in known or fields(text) != fields(known[text])]


def fields(sentence: str) -> set[str]:
    """The names in braces of a sentence."""
    return {part.split("}")[0] for part in sentence.replace("{{", "").split("{")[1:]}


def write_catalogue(room: Path, language: str = "vi") -> None:
    """Bring a room's catalogue up to date: new sentences are added empty, unused ones leave, translations stay."""
    known = read_catalogue(room, language)
    catalogue = Catalog(locale=language, project="hopnhat", fuzzy=False, header_comment=f"# Sentences of {room.name}.")
    for text, files in find_messages(room).items():
        catalogue.add(text, known.get(text, ""), locations=[(file, 0) for file in sorted(set(files))])
    (room / "locale").mkdir(exist_ok=True)
    with (room / "locale" / f"{language}.po").open("wb") as file:
        write_po(file, catalogue, width=140, sort_output=True, include_lineno=False, omit_header=True)


def main(words: list[str]) -> int:
    """The command: update, or print what is missing."""
    rooms = [HOUSE / room for room in ROOMS if (HOUSE / room).is_dir()]
    if words == ["write"]:
        for room in rooms:
            write_catalogue(room)
    lacks = [f"{room.name}: {text}" for room in rooms for text in find_lacks(room)]
    print("\n".join(lacks) or "All sentences are translated.")
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
