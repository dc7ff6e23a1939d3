"""New secrets for all applications of a unit at once, planned and then done: an old province's, when its people become another's.

The plan names every application of the unit and of all under it, and what happens to each; its digest covers the secrets as they
stand, so that nothing is done twice and nothing that was added meanwhile is done unseen.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.database import Writes
from foundation.errors import TryAgain
from foundation.i18n import _
from sso.client_keeping import rotate_secret
from sso.clients import Client, by_keys

NEW, KEYS, PUBLIC = _("a new secret"), _("proves itself by keys"), _("has no secret")


@dataclass(frozen=True)
class Turn:
    """One application of the plan; `what` is one of the three sentences above."""

    client: Client
    what: str


def plan_rotation(clients: Sequence[Client]) -> list[Turn]:
    """What would happen to each of these applications."""
    return [
        Turn(client, PUBLIC if client.public else KEYS if by_keys(client.particulars) else NEW) for client in clients
    ]


def digest_turns(turns: Sequence[Turn], grace: timedelta) -> str:
    """What a reader agrees to: these applications with the secrets they have, and how long the old ones work beside the new."""
    said = [[turn.client.client_id, turn.what, (turn.client.secret_hash or b"").hex()] for turn in turns]
    text = json.dumps([said, grace.total_seconds()])
    return hashlib.sha256(text.encode()).hexdigest()


def rotate_all(
    writes: Writes, turns: Sequence[Turn], digest: str, grace: timedelta, actor: str, now: datetime
) -> list[tuple[Client, str | None]]:
    """Do exactly what was planned. Gives every new secret, shown this once. Raises TryAgain when it is no longer what was read."""
    if digest_turns(turns, grace) != digest:
        raise TryAgain(
            "The applications or their secrets have changed since this was planned. Please plan and read again."
        )
    return [
        (turn.client, rotate_secret(writes, turn.client.client_id, actor, now, grace))
        for turn in turns
        if turn.what == NEW
    ]
