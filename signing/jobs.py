"""The jobs this room does for the worker, by kind.

`propose_certificates` {units, instant, change?}: proposals for these units after what happened at the instant, as drafts for their
heads; many such jobs are done together. `send_dossier` {dossier}: an approved dossier goes to the authority.
`publish_revocations`: the next list is made.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from directory.units import chunked
from foundation.clocks import parse_instant
from foundation.collecting import rarely_collected
from foundation.handling import Together
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from signing.authority.lists import publish_list
from signing.requests.approval import APPROVING
from signing.requests.dossiers import Composition, compose
from signing.requests.proposals import Proposal, propose
from signing.requests.sending import send_by_job
from signing.requests.situations import Situation, read_situations

PROPOSER = "system"
UNITS_AT_ONCE: Final = 20
"""Units that are read together; as many jobs are done at once."""
REQUESTS_AT_ONCE: Final = 1000
"""Requests written in one transaction, give or take a unit: so many rows hold SQLite's writer for well under 100 ms."""

Proposed = tuple[Situation, Sequence[Proposal]]


def propose_certificates(runtime: Runtime, jobs: Sequence[Job]) -> None:
    """Outbox `propose_certificates`: see the module. Safe to repeat: a unit's dossiers of one trigger are composed once."""
    occasions: dict[tuple[datetime, str], list[uuid.UUID]] = {}
    for job in jobs:
        payload = job.payload
        trigger = f"change:{payload['change']}" if payload.get("change") is not None else f"job:{job.key}"
        units = occasions.setdefault((parse_instant(payload["instant"]), trigger), [])
        units += [uuid.UUID(unit) for unit in payload["units"]]
    for (instant, trigger), units in occasions.items():
        propose_for_units(runtime, units, instant, trigger)


@rarely_collected()
def propose_for_units(
    runtime: Runtime, units: Iterable[uuid.UUID], instant: datetime, trigger: str, composed_by: str = PROPOSER
) -> list[int]:
    """Drafts for these units, those of a unit all in one transaction. Gives the ids of the new dossiers."""
    dossiers: list[int] = []
    composition = Composition(trigger, instant, composed_by)
    for some in chunked(dict.fromkeys(units), UNITS_AT_ONCE):
        with runtime.database.read() as reads:
            situations = read_situations(reads, some, instant, runtime.clocks.register(), frozenset(APPROVING))
        proposed = [(each, propose(each.people, each.agency, instant)) for each in situations]
        for portion in portioned(proposed):
            with runtime.database.write() as writes:
                dossiers += compose(writes, portion, composition, runtime.clocks.wall())
    return dossiers


def portioned(proposed: Iterable[Proposed]) -> Iterator[list[Proposed]]:
    """Whole units, as many as one transaction is to write."""
    portion: list[Proposed] = []
    size = 0
    for each in proposed:
        portion.append(each)
        size += len(each[1])
        if size >= REQUESTS_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


HANDLERS: Handlers = {
    "propose_certificates": Together(propose_certificates, UNITS_AT_ONCE),
    "send_dossier": send_by_job,
    "publish_revocations": publish_list,
}
