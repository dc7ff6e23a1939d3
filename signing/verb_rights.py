"""Who may act by a verb of this room, and the options and words that its verbs share."""

import uuid
from datetime import datetime
from typing import Annotated

import typer

from directory.rights import check_right
from foundation.changes import AsOf
from foundation.database import Reads
from foundation.errors import NotPermitted
from foundation.i18n import translate
from foundation.shell import Actor
from foundation.terminal import language

SEEING = ("leader", "approver", "deputy", "clerk", "focal_point", "hr", "operator")
SENDING = ("clerk", "focal_point", "leader", "approver")
IMPORTING = ("hr", "operator", "focal_point")
UnitOption = Annotated[str | None, typer.Option("--unit", metavar="CODE", help="a unit by its code")]
PersonOption = Annotated[str | None, typer.Option("--person", metavar="LOGIN|ID", help="a person by log-in or id")]


def check_may(reads: Reads, actor: Actor, duties: tuple[str, ...], units: list[uuid.UUID], now: datetime) -> None:
    """Refuse an actor without the right over these units; the owner of the database breaks the glass. Raises RightMissing."""
    if actor.person_id is not None:
        check_right(reads, actor.person_id, duties, units, AsOf(now))
    elif actor.break_glass is None:
        raise NotPermitted


def say_word(sentence: str) -> str:
    """A word of ours in the reader's language."""
    return translate(language(), sentence)
