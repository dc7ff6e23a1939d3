"""How an operator names where an application stands: the unit that runs it, and the instant a preview sees."""

from functools import partial
from typing import Any

from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.shell import Shell
from sso.client_file import Reading
from sso.client_owners import find_unit_named
from sso.response_types import list_offered
from sso.settings import SsoSection


def read_with(shell: Shell, reads: Reads) -> Reading:
    """How units and instants are read on this installation."""
    as_of = AsOf(shell.runtime.clocks.register())
    offered = list_offered(implicit_flow=shell.runtime.settings[SsoSection].implicit_flow)
    return Reading(partial(find_unit_named, reads, as_of), shell.runtime.settings.zone, offered)


def read_place(reading: Reading, register_time: str | None, unit: str | None) -> dict[str, Any]:
    """Where an application stands, of what was named: at which instant (`now` as everybody else), in which unit (`none`).

    Raises BadInput, UnitNotFound.
    """
    named: dict[str, Any] = {}
    if register_time is not None:
        named["register_time"] = None if register_time == "now" else parse_instant(register_time, reading.zone)
    if unit is not None:
        named["unit_id"] = None if unit == "none" else reading.find_unit(unit)
    return named
