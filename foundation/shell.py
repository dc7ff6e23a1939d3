"""What every verb of the command line gets: the running product, opened when first asked for, and who is acting.

The edge that mounts all verbs puts one `Shell` into the context; a room's verb takes it by `get_shell(context)`. How the acting
person is found is given by that edge, because only it knows the rooms above.
"""

import getpass
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import typer

from foundation.errors import HopnhatError, NotPermitted, WrongUsage
from foundation.refusals import Deed, recorded_refusals
from foundation.runtime import Runtime, start
from foundation.settings import Section, Settings, load_settings


@dataclass(frozen=True)
class Actor:
    """Who is behind an act: the person's id as text in `label`, or `break-glass:<user>` for the owner of the database.

    `logged_in_at` is when the person last proved who they are.
    """

    label: str
    person_id: uuid.UUID | None = None
    name: str = ""
    break_glass: str | None = None
    logged_in_at: datetime | None = None


GLASS = "break-glass:"


def is_of_glass(label: str | None) -> bool:
    """Whether the actor of this label broke the glass: a human the register does not know."""
    return label is not None and label.startswith(GLASS)


ActorFinder = Callable[[Runtime, str | None], Actor]


class Shell:
    """One call of the command line."""

    def __init__(
        self,
        sections: Sequence[type[Section]],
        find_actor: ActorFinder,
        config: Path | None = None,
        break_glass: str | None = None,
    ) -> None:
        self._sections = sections
        self._find_actor = find_actor
        self._config = config
        self._break_glass = break_glass

    @cached_property
    def settings(self) -> Settings:
        """The settings alone, for a verb that also works where nothing is installed. Raises SettingsRefused."""
        return load_settings(self._sections, self._config)

    @cached_property
    def runtime(self) -> Runtime:
        """The product on its settings. Raises SettingsRefused."""
        return start(self._sections, self._config)

    @cached_property
    def actor(self) -> Actor:
        """Who is acting. Raises NotPermitted when nobody is logged in and the glass was not broken."""
        return self._find_actor(self.runtime, self._break_glass)

    @property
    def label(self) -> str:
        """Who is acting as the audit names them; where nobody could be found behind the act, the user of the operating system."""
        try:
            return self.actor.label
        except HopnhatError:
            return f"os:{getpass.getuser()}"

    def close(self) -> None:
        """Give back what this call opened."""
        if "runtime" in self.__dict__:
            self.runtime.close()

    def recorded_refusals(
        self, event: str, subject: str | None = None, kinds: type[HopnhatError] = NotPermitted
    ) -> AbstractContextManager[Deed]:
        """A block whose refusals become audit rows: the missing right by default, and also that nobody is logged in."""
        return recorded_refusals(self.runtime, event, lambda: self.label, subject, kinds)


def get_shell(context: typer.Context) -> Shell:
    """The shell of this call. Raises WrongUsage when a verb was mounted without one."""
    shell = context.find_root().obj
    if not isinstance(shell, Shell):
        raise WrongUsage
    return shell
