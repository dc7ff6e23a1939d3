"""Addresses outside: who has one, since when, and whether a code may go there.

A code may go only to an address that (1) lies outside every domain whose mailboxes open with the account itself, or its owner could
not read it; and (2) has been on record for a while, so that whoever has just changed it gets nothing.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from directory.models import MailAddress
from directory.units import chunked
from foundation.changes import AsOf, in_force
from foundation.database import Reads, Writes
from foundation.i18n import Message, _
from foundation.sealing import Sealer
from provisioning.mail.addresses import AddressRefused, is_address, is_inside
from provisioning.mail.models import SEAL_ADDRESS, ContactAddress
from provisioning.mail.settings import MailSection

WHY: Final = {
    "shape": _("it is not a mail address"),
    "inside": _("its mailbox opens with the account itself"),
    "official": _("it is the person's official address here"),
    "fresh": _("it has been on record for less than {hours} hours"),
    "none": _("no address outside is on record"),
}


@dataclass(frozen=True)
class Contact:
    """A person's address outside; `why` says why no code may go there, None if one may."""

    person_id: uuid.UUID
    address: str | None
    recorded_at: datetime | None
    why: Message | None

    def __repr__(self) -> str:
        """Without the address."""
        return f"Contact({self.person_id})"


def clean_address(typed: str, policy: MailSection) -> str:
    """The address in lower case. Raises AddressRefused for no address, and for one inside."""
    address = typed.strip().lower()
    if not is_address(address):
        raise AddressRefused(address=typed.strip()[:80], why=Message(WHY["shape"]))
    if is_inside(address, policy.own_domains):
        raise AddressRefused(address=address, why=Message(WHY["inside"]))
    return address


def keep_contact(
    writes: Writes, sealer: Sealer, person_id: uuid.UUID, address: str, actor: str, proof: str, now: datetime
) -> bool:
    """Put an address on record; the same one again changes nothing. Gives whether it is new, and so has to rest."""
    row = writes.get(ContactAddress, person_id)
    if row is not None and open_address(sealer, row) == address:
        return False
    sealed = sealer.seal(address.encode(), SEAL_ADDRESS)
    if row is None:
        row = ContactAddress(person_id=person_id)
        writes.add(row)
    row.address_sealed, row.recorded_at, row.recorded_by, row.proof = sealed, now, actor, proof
    writes.flush()
    return True


def forget_contact(writes: Writes, person_id: uuid.UUID) -> bool:
    """Take an address off the record. Gives whether there was one."""
    done = writes.connection().execute(sa.delete(ContactAddress).where(ContactAddress.person_id == person_id))
    return done.rowcount > 0


def open_address(sealer: Sealer, row: ContactAddress) -> str:
    """The address in clear."""
    return sealer.open(row.address_sealed, SEAL_ADDRESS).decode()


def find_contacts(
    reads: Reads, sealer: Sealer, person_ids: Iterable[uuid.UUID], policy: MailSection, now: datetime
) -> dict[uuid.UUID, Contact]:
    """The contact of each of these people, whether it may be used or not."""
    found: dict[uuid.UUID, Contact] = {}
    for part in chunked(person_ids):
        rows = {
            row.person_id: row
            for row in reads.execute(sa.select(ContactAddress).where(ContactAddress.person_id.in_(part))).scalars()
        }
        official = find_official(reads, part, now)
        for person_id in part:
            row = rows.get(person_id)
            found[person_id] = judge(sealer, person_id, row, official.get(person_id, set()), policy, now)
    return found


def find_official(reads: Reads, person_ids: list[uuid.UUID], now: datetime) -> dict[uuid.UUID, set[str]]:
    """Their official addresses in force."""
    wanted = sa.select(MailAddress.person_id, MailAddress.address_key).where(
        MailAddress.person_id.in_(person_ids), in_force(MailAddress, AsOf(now))
    )
    found: dict[uuid.UUID, set[str]] = {}
    for person_id, key in reads.execute(wanted):
        found.setdefault(person_id, set()).add(key)
    return found


def judge(
    sealer: Sealer,
    person_id: uuid.UUID,
    row: ContactAddress | None,
    official: set[str],
    policy: MailSection,
    now: datetime,
) -> Contact:
    """Whether a code may go to this address now; the settings may have changed since it was put on record."""
    if row is None:
        return Contact(person_id, None, None, Message(WHY["none"]))
    address = open_address(sealer, row)
    why = None
    if is_inside(address, policy.own_domains):
        why = Message(WHY["inside"])
    elif address in official:
        why = Message(WHY["official"])
    elif row.recorded_at > now - timedelta(hours=policy.rest_hours):
        why = Message(WHY["fresh"], {"hours": policy.rest_hours})
    return Contact(person_id, address, row.recorded_at, why)
