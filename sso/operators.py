"""Who may change applications and keys: an operator of the whole register, or the owner of the database with the glass broken."""

from collections.abc import Iterator
from contextlib import contextmanager

from directory.rights import check_right
from directory.units import list_units
from foundation.changes import AsOf
from foundation.database import Reads, Writes
from foundation.shell import Actor, Shell


@contextmanager
def operating(shell: Shell, event: str, subject: str | None = None) -> Iterator[Writes]:
    """One transaction of an operator. Raises NotPermitted for anybody else, and writes that down under `event`."""
    with shell.recorded_refusals(event, subject):
        actor = shell.actor
        with shell.runtime.database.write() as writes:
            check_operator(shell, writes, actor)
            yield writes


def check_operator(shell: Shell, reads: Reads, actor: Actor) -> None:
    """Refuse an actor who is no operator of the units above all others. Raises RightMissing."""
    if actor.person_id is None:
        return
    as_of = AsOf(shell.runtime.clocks.register())
    roots = [unit.id for unit in list_units(reads, as_of) if unit.parent_id is None]
    check_right(reads, actor.person_id, ("operator",), roots, as_of)
