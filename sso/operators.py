"""Who may change applications and keys: an operator of the whole register, or the owner of the database with the glass broken."""

from directory.rights import check_right
from directory.units import list_units
from foundation.changes import AsOf
from foundation.database import Reads
from foundation.shell import Shell


def check_operator(shell: Shell, reads: Reads) -> None:
    """Refuse an actor who is no operator of the units above all others. Raises RightMissing, NotPermitted."""
    actor = shell.actor
    if actor.person_id is None:
        return
    as_of = AsOf(shell.runtime.clocks.register())
    roots = [unit.id for unit in list_units(reads, as_of) if unit.parent_id is None]
    check_right(reads, actor.person_id, ("operator",), roots, as_of)
