"""Previews: an application that sees the register as of another instant, so that its makers test the day before the day.

Everything it is given says so (`preview`, `register_time`), and nobody else takes it: its tokens are introspected by
itself alone, a self-contained one names the application itself as its audience, and no interface of ours accepts them
but those that answer as of that instant. Sessions, locks and ends of tokens run by the wall's clock as ever.
"""

from datetime import datetime
from typing import Any

from foundation.changes import AsOf
from foundation.clocks import Clocks, as_rfc3339
from sso.clients import Client

CLAIMS = ("preview", "register_time")


def find_instant(clocks: Clocks, client: Client) -> AsOf:
    """Where the register is read for an application: now, or at the instant of its preview."""
    return AsOf(client.register_time or clocks.register())


def tell_preview(register_time: datetime | None) -> dict[str, Any]:
    """What stands in every token and answer of a preview; nothing in those of all others."""
    if register_time is None:
        return {}
    return {"preview": True, "register_time": as_rfc3339(register_time)}
