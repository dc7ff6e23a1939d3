"""Verbs of this room run as people run them: arguments in, exit code, stdout and stderr out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from foundation.runtime import Runtime
from foundation.shell import Actor, Shell
from foundation.terminal import run
from provisioning.sections import SECTIONS


@dataclass(frozen=True)
class Answer:
    """What a command gave."""

    code: int
    out: str
    talk: str


class StagedShell(Shell):
    """A shell on the test's register and clock, with the actor the test names."""

    def __init__(self, runtime: Runtime, actor: Actor) -> None:
        super().__init__(SECTIONS, lambda _runtime, _glass: actor)
        self.__dict__["runtime"] = runtime
        self.__dict__["settings"] = runtime.settings


def build_caller(
    groups: dict[str, typer.Typer], verbs: dict[str, Callable[..., int]], capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """A function that runs one call of these groups and verbs."""

    def call(runtime: Runtime, actor: Actor, *words: str | Path) -> Answer:
        app = typer.Typer()
        for name, group in groups.items():
            app.add_typer(group, name=name)
        for name, verb in verbs.items():
            app.command(name)(verb)

        @app.callback()
        def prepare(context: typer.Context) -> None:
            context.obj = StagedShell(runtime, actor)

        code = run(app, [str(word) for word in words])
        told = capsys.readouterr()
        return Answer(code, told.out, told.err)

    return call
