"""Deliveries in the register's database: recorded when a roster comes for import, read when the next one comes.

Compared with is what each unit was last named with, and whom the register has in it: both ask about people whom the new list leaves out.
"""

import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from directory.models import SEAL_NUMBER, PersonDetail, Post, UnitVersion
from directory.units import chunked
from foundation.changes import AsOf, in_force
from foundation.database import Reads, Writes
from foundation.sealing import Sealer
from provisioning.rosters.comparison import Difference, compare_units
from provisioning.rosters.deliveries import Delivery, SentRow, count_people, unpack_rows
from provisioning.rosters.models import SEAL_SENT, RosterSending, RosterSentUnit


def seal_units(sealer: Sealer, delivery: Delivery) -> list[dict[str, object]]:
    """The rows of a delivery by unit, packed and sealed: the longest part of writing it down, before anybody waits for the writer."""
    return [
        {
            "unit_id": unit_id,
            "rows": unit.rows,
            "faults": unit.faults,
            "people": sealer.seal(zlib.compress(unit.packed), SEAL_SENT),
        }
        for unit_id, unit in delivery.units.items()
    ]


def record_sending(
    writes: Writes,
    sealed: Sequence[Mapping[str, object]],
    delivery: Delivery,
    sender: uuid.UUID | None,
    files: Sequence[str],
    actor: str,
    now: datetime,
    plan_digest: str | None,
) -> int:
    """Write a delivery down, also one that was refused for its faults, with what `seal_units` made of it; gives its id."""
    sending = RosterSending(
        sender_id=sender,
        sent_at=now,
        speaks_of=delivery.book.at,
        actor=actor,
        files=[Path(file).name for file in files],
        rows=delivery.rows,
        people=count_people(delivery),
        faults=delivery.faults,
        plan_digest=plan_digest,
    )
    writes.add(sending)
    writes.flush()
    for units in chunked(sealed):
        writes.execute(sa.insert(RosterSentUnit), [{"sending_id": sending.id, **unit} for unit in units])
    return sending.id


def find_sender(reads: Reads, units: Iterable[uuid.UUID], at: datetime) -> uuid.UUID | None:
    """The lowest unit that covers all these on this day: whose list it is, where nobody says so."""
    wanted = sa.select(UnitVersion.unit_id, UnitVersion.parent_id).where(in_force(UnitVersion, AsOf(at)))
    parents = {row.unit_id: row.parent_id for row in reads.execute(wanted)}
    chain: list[uuid.UUID] | None = None
    for unit in units:
        above = dict.fromkeys(list_upwards(unit, parents))
        chain = list(above) if chain is None else [each for each in chain if each in above]
    return chain[0] if chain else None


def list_upwards(unit: uuid.UUID, parents: Mapping[uuid.UUID, uuid.UUID | None]) -> list[uuid.UUID]:
    """The unit and all above it, from below."""
    found = [unit]
    while (parent := parents.get(found[-1])) is not None and parent not in found:
        found.append(parent)
    return found


def compare_delivery(
    reads: Reads, sealer: Sealer, delivery: Delivery, sender: uuid.UUID | None
) -> tuple[list[Difference], datetime | None]:
    """What differs from before, and when the newest earlier delivery came; nothing differs where nothing was before.

    Units that the sender's last delivery named and this one does not are compared too: their people are all missing.
    """
    newest: list[datetime] = []
    units = dict.fromkeys((*delivery.units, *find_units_of_last(reads, sender)))
    found = compare_units(each_pair(reads, sealer, delivery, units, newest))
    forgotten = find_forgotten(reads, sealer, delivery)
    told = {(each.unit, blind(sealer, each.number)) for each in found if each.kind == "missing" and each.number}
    left_out = [each for each in forgotten if (each.unit, each.key) not in told]
    return [*found, *left_out], max(newest, default=None)


def each_pair(
    reads: Reads, sealer: Sealer, delivery: Delivery, units: Iterable[uuid.UUID], newest: list[datetime]
) -> Iterator[tuple[uuid.UUID, list[SentRow], list[SentRow]]]:
    """The units that came before, with their rows then and now, a few hundred in memory at a time; `newest` takes the instants."""
    for part in chunked(units):
        for row in reads.execute(select_last(part)).all():
            newest.append(row.sent_at)
            before = list(unpack_rows(zlib.decompress(sealer.open(row.people, SEAL_SENT))))
            yield row.unit_id, before, list(named_in(delivery, row.unit_id))


def named_in(delivery: Delivery, unit: uuid.UUID) -> Iterator[SentRow]:
    """The rows of a unit in this delivery, none where it is not named."""
    return unpack_rows(delivery.units[unit].packed if unit in delivery.units else b"")


def find_units_of_last(reads: Reads, sender: uuid.UUID | None) -> list[uuid.UUID]:
    """The units that the sender's last delivery named."""
    if sender is None:
        return []
    last = sa.select(sa.func.max(RosterSending.id)).where(RosterSending.sender_id == sender).scalar_subquery()
    return list(reads.execute(sa.select(RosterSentUnit.unit_id).where(RosterSentUnit.sending_id == last)).scalars())


def select_last(units: Sequence[uuid.UUID]) -> "sa.Select[uuid.UUID, datetime, str]":
    """The newest delivery of each unit."""
    last = (
        sa.select(RosterSentUnit.unit_id, sa.func.max(RosterSentUnit.sending_id).label("sending_id"))
        .where(RosterSentUnit.unit_id.in_(units))
        .group_by(RosterSentUnit.unit_id)
        .subquery()
    )
    return (
        sa.select(RosterSentUnit.unit_id, RosterSending.sent_at, RosterSentUnit.people)
        .join(RosterSending, RosterSending.id == RosterSentUnit.sending_id)
        .join(last, (last.c.unit_id == RosterSentUnit.unit_id) & (last.c.sending_id == RosterSentUnit.sending_id))
    )


def find_forgotten(reads: Reads, sealer: Sealer, delivery: Delivery) -> list[Difference]:
    """People whom the register has in a unit on this day and who stand on no list of this delivery, by number."""
    left_out: dict[uuid.UUID, list[tuple[str, str, str]]] = {}
    for part in chunked(delivery.units):
        for unit, people in read_held(reads, part, delivery.book.at).items():
            named = {blind(sealer, row.number) for row in named_in(delivery, unit) if row.number}
            if rest := [(key, *person) for key, person in people.items() if key not in named]:
                left_out[unit] = rest
    if not left_out:
        return []
    asked = {key for people in left_out.values() for key, _name, _title in people}
    elsewhere = {
        key
        for unit in delivery.units
        for row in named_in(delivery, unit)
        if row.number and (key := blind(sealer, row.number)) in asked
    }
    return [
        Difference("missing", unit, key, name, "", {"title": title})
        for unit, people in left_out.items()
        for key, name, title in people
        if key not in elsewhere
    ]


def read_held(reads: Reads, units: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, dict[str, tuple[str, str]]]:
    """Whom the register has in each unit on this day: by the blind index of the number, name and title."""
    as_of = AsOf(at)
    wanted = (
        sa.select(Post.unit_id, PersonDetail.number_index, PersonDetail.name, Post.title)
        .join(PersonDetail, PersonDetail.person_id == Post.person_id)
        .where(Post.unit_id.in_(units), in_force(Post, as_of), in_force(PersonDetail, as_of))
    )
    held: dict[uuid.UUID, dict[str, tuple[str, str]]] = {}
    for unit_id, index, name, title in reads.execute(wanted):
        if index is not None:
            held.setdefault(unit_id, {})[index.hex()] = (name, title)
    return held


def blind(sealer: Sealer, number: str) -> str:
    """The blind index of a number as text."""
    return sealer.blind_index(number, SEAL_NUMBER).hex()
