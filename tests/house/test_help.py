"""Every verb, argument and option of the command line says what it is for, in Vietnamese too."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from foundation.i18n import load_catalogue
from foundation.late_verbs import LateGroup
from provisioning.command import app


def each_help(command: Any) -> Iterator[str]:
    """The help of a command, of what it takes, and of all below it."""
    yield from filter(None, (command.help, *(getattr(parameter, "help", None) for parameter in command.params)))
    if isinstance(command, LateGroup):
        for late in command.verbs:
            yield from each_help(late.open())
    elif isinstance(command, TyperGroup):
        for verb in command.commands.values():
            yield from each_help(verb)


def test_every_help_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "HOPNHAT_LANG", "en")
    known = load_catalogue("vi")
    lists = (" | ", "authlib")  # words that a program takes stand as they are
    assert {
        said for said in each_help(get_command(app)) if said not in known and not any(w in said for w in lists)
    } == set()
