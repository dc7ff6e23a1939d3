"""The jobs this room does for the worker, by kind.

`propose_certificates` {units, instant, change?}: proposals for these units after what happened at the instant, as drafts for their
heads. `send_dossier` {dossier}: an approved dossier goes to the authority. `publish_revocations`: the next list is made.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from foundation.clocks import parse_instant
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from signing.authority.lists import publish_list
from signing.requests.approval import APPROVING
from signing.requests.dossiers import Composition, compose
from signing.requests.proposals import propose
from signing.requests.sending import send_by_job
from signing.requests.situations import read_situation

PROPOSER = "system"


def propose_certificates(runtime: Runtime, job: Job) -> None:
    """Outbox `propose_certificates`: see the module. Safe to repeat: a unit's dossiers of one trigger are composed once."""
    payload = job.payload
    trigger = f"change:{payload['change']}" if payload.get("change") is not None else f"job:{job.key}"
    units = [uuid.UUID(unit) for unit in payload["units"]]
    propose_for_units(runtime, units, parse_instant(payload["instant"]), trigger)


def propose_for_units(
    runtime: Runtime, units: Iterable[uuid.UUID], instant: datetime, trigger: str, composed_by: str = PROPOSER
) -> list[int]:
    """Drafts for each of these units, each in its own transaction. Gives the ids of the new dossiers."""
    dossiers: list[int] = []
    for unit_id in units:
        with runtime.database.read() as reads:
            situation = read_situation(reads, unit_id, instant, runtime.clocks.register(), frozenset(APPROVING))
        if situation is None:
            continue
        proposals = propose(situation.people, situation.agency, instant)
        with runtime.database.write() as writes:
            composition = Composition(trigger, instant, composed_by)
            dossiers += compose(writes, situation, proposals, composition, runtime.clocks.wall())
    return dossiers


HANDLERS: Handlers = {
    "propose_certificates": propose_certificates,
    "send_dossier": send_by_job,
    "publish_revocations": publish_list,
}
