"""Verbs that are imported when they are asked for: a program of many rooms starts as fast as the one room that is needed.

The program names each group and verb with its place and one line of help. Lists (`--help`, completion) are told from those lines;
whatever is called, completed or described further is opened from its place. A house test compares the lines with the verbs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from foundation.collecting import starting
from foundation.spoken_verbs import SpokenCommand, SpokenGroup, speak

Verb = TyperCommand | TyperGroup


@dataclass(frozen=True)
class LateVerb:
    """A group or a verb by its place `module:attribute`, and its one line of help."""

    name: str
    place: str
    help: str

    def open(self) -> Verb:
        """Import it."""
        module, _colon, attribute = self.place.partition(":")
        with starting():
            found: Any = getattr(import_module(module), attribute)
        opened: Any
        if isinstance(found, typer.Typer):
            opened = get_group(speak(found))
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(self.name)(found)
            opened = get_command(speak(alone))
        opened.name = self.name
        assert isinstance(opened, Verb)
        return opened


class LateGroup(SpokenGroup):
    """The group above all: knows its verbs by name and opens only the one that is called."""

    verbs: Sequence[LateVerb] = ()

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {
            **self.commands,
            **{verb.name: SpokenCommand(verb.name, help=verb.help) for verb in self.verbs},
        }

    def open_verb(self, name: str) -> Verb | None:
        """The verb itself, imported; None where there is none of this name."""
        late = next((verb for verb in self.verbs if verb.name == name), None)
        if late is not None:
            return late.open()
        own = self.commands.get(name)
        return own if isinstance(own, Verb) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb that these words call. Raises what the framework raises for an unknown one, with what was probably meant."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found if name is None else self.open_verb(name), rest


def late_group(verbs: Sequence[LateVerb]) -> type[LateGroup]:
    """The class of a group with these verbs, for `typer.Typer(cls=…)`."""
    return type("LateGroupOfVerbs", (LateGroup,), {"verbs": tuple(verbs)})
