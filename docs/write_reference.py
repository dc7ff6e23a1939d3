"""`make docs`: writes docs/reference from the code, so that it cannot say anything else than the code does.

commands.md      every verb with its arguments and options
hopnhat.toml     every setting with its meaning and default
openapi.json     the web interface
decree.json      JSON Schema of decree.yaml
"""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperGroup
from typer.main import get_command

from foundation.late_verbs import LateGroup, Verb
from foundation.runtime import open_runtime
from foundation.settings import build_settings, sample_file
from provisioning.app import build_service
from provisioning.command import app
from provisioning.merger.decree import build_schema
from provisioning.sections import SECTIONS

REFERENCE = Path(__file__).parent / "reference"


def main() -> None:
    """Write all four, in English whoever writes them."""
    os.environ["HOPNHAT_LANG"] = "en"
    REFERENCE.mkdir(exist_ok=True)
    write(
        "commands.md",
        "\n".join(["# Commands", "", "Written by `make docs`.", "", *describe_commands()]).rstrip() + "\n",
    )
    write("hopnhat.toml", sample_file(SECTIONS))
    write("openapi.json", as_json(describe_service()))
    write("decree.json", as_json(build_schema()))


def write(name: str, text: str) -> None:
    """One page of the reference."""
    (REFERENCE / name).write_text(text, encoding="utf-8")
    print(f"docs/reference/{name}")


def as_json(value: object) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def describe_service() -> dict[str, object]:
    """OpenAPI of the whole service, built on an installation that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = build_settings({"database": f"sqlite:///{folder}/register.sqlite", "data": folder}, SECTIONS)
        runtime = open_runtime(settings)
        try:
            return build_service(runtime).openapi()
        finally:
            runtime.close()


def describe_commands() -> Iterator[str]:
    """Every verb as Markdown, groups in the order they are mounted."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    yield from describe(root, typer.Context(root, info_name="hopnhat"), 2)


def describe(command: Verb, context: typer.Context, depth: int) -> Iterator[str]:
    """One command and those below it."""
    yield from describe_one(command, context, depth)
    if isinstance(command, TyperGroup):
        for name in command.list_commands(context):
            verb = command.open_verb(name) if isinstance(command, LateGroup) else command.get_command(context, name)
            if isinstance(verb, Verb) and not verb.hidden:
                yield from describe(verb, typer.Context(verb, info_name=name, parent=context), min(depth + 1, 4))


def describe_one(command: Verb, context: typer.Context, depth: int) -> Iterator[str]:
    """Heading, purpose, usage and options of one command."""
    yield from (f"{'#' * depth} `{context.command_path}`", "")
    if command.help:
        yield from (command.help.strip(), "")
    if not isinstance(command, TyperGroup):
        yield from ("```", " ".join([context.command_path, *command.collect_usage_pieces(context)]), "```", "")
    options = [record for parameter in command.params if (record := parameter.get_help_record(context))]
    if options := [(name, text) for name, text in options if not name.startswith(("--help", "--install-", "--show-"))]:
        yield from ("| option | |", "|---|---|")
        yield from (f"| `{cell(name)}` | {cell(text)} |" for name, text in options)
        yield ""


def cell(text: str) -> str:
    """A text that stays in its cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
