"""Whose application it is: the unit that runs it, and all applications of a unit and everything under it."""

import uuid
from datetime import timedelta

from directory.endings import Endings
from directory.errors import UnitNotFound
from directory.units import find_subtree, get_unit_by_code, last_facts
from foundation.changes import AsOf
from foundation.database import Reads
from sso.clients import Client, list_clients

EVE = timedelta(microseconds=1)


def find_unit_named(reads: Reads, as_of: AsOf, name: str) -> uuid.UUID:
    """The unit of a code, or of its own id; one that ended, too. Raises UnitNotFound, CodeAmbiguous."""
    try:
        unit_id = uuid.UUID(name)
    except ValueError:
        return get_unit_by_code(reads, name, as_of).id
    if unit_id not in last_facts(reads, [unit_id], as_of):
        raise UnitNotFound(code=name)
    return unit_id


def find_clients_under(reads: Reads, root: uuid.UUID, as_of: AsOf) -> list[Client]:
    """The applications of a unit and of everything under it, by id.

    A unit that ended has under it what lay under it at its end: the applications of an old province are found when it is no
    more, also those of departments that went on under the new one. What had ended before that lay where it lay then.
    """
    unit = last_facts(reads, [root], as_of)[root]
    ended = unit.ends is not None and unit.ends <= as_of.at
    last = AsOf(unit.ends - EVE, as_of.known_at) if ended and unit.ends else as_of
    under = find_subtree(reads, [root], last)
    clients = list_clients(reads)
    endings = Endings(reads, last, {client.unit_id for client in clients if client.unit_id})
    return sorted(
        (
            client
            for client in clients
            if client.unit_id in under or (client.unit_id and root in endings.find_above(client.unit_id))
        ),
        key=lambda client: client.client_id,
    )
