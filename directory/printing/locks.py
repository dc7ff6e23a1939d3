"""Locks on the wire: what the server's own ppolicy has locked, and locking and opening an entry as it does.

The server keeps `pwdAccountLockedTime`; an entry is locked from then on for the `pwdLockoutDuration` of the policy
(draft-behera-ldap-password-policy §5.3.3). A lock of ours is written so that it ends when ours ends. Opening takes the server's
count of failures away with the lock. Nothing else of the entry is touched.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from directory.printing.entries import find_identity, people_branch, person_dn
from directory.printing.errors import PrintingUnreadable
from directory.printing.server import Server

LOCKED: Final = "pwdAccountLockedTime"
INCARNATION: Final = "entryUUID"
FOR_EVER: Final = "000001010000Z"
"""An administrator's lock without end (§5.3.3)."""


@dataclass(frozen=True)
class EntryLock:
    """An entry that is locked until then; None without end. `incarnation` is another for an entry that was made anew."""

    person_id: uuid.UUID
    until: datetime | None
    incarnation: str

    def holds(self, now: datetime) -> bool:
        """Whether nobody can bind with it now."""
        return self.until is None or self.until > now


@dataclass(frozen=True)
class LockedEntry:
    """How an entry that was locked stands: whether it is the same one, and whether it is locked."""

    incarnation: str
    locked: bool


def find_duration(server: Server, policy: str = "") -> timedelta:
    """How long the server's locks last. Raises PrintingUnreadable where its policy cannot be read, or locks without end."""
    dn = policy or f"cn=policy,ou=services,{server.access.base}"
    found = server.read_operational(dn, ("pwdLockoutDuration", "pwdLockout"))
    seconds = int(found.get("pwdLockoutDuration", ["0"])[0]) if found else 0
    if not found or found.get("pwdLockout") != ["TRUE"] or seconds <= 0:
        raise PrintingUnreadable(
            "The password policy {policy} is not shown, or locks nobody for a time (pwdLockout, pwdLockoutDuration): "
            "locks are not carried.",
            policy=dn,
        )
    return timedelta(seconds=seconds)


def find_locks(server: Server, duration: timedelta) -> list[EntryLock]:
    """The people's entries that bear a lock, also one that is over: the server forgets it at the next bind."""
    locks = []
    for dn, values in server.search_operational(
        people_branch(server.access.base), f"({LOCKED}=*)", (LOCKED, INCARNATION)
    ):
        _, person_id = find_identity(dn)
        if person_id is not None:
            text = values[LOCKED][0]
            until = None if text == FOR_EVER else read_time(text) + duration
            locks.append(EntryLock(person_id, until, values[INCARNATION][0]))
    return locks


def find_locked_entry(server: Server, person_id: uuid.UUID) -> LockedEntry | None:
    """How one entry stands, or None where there is none."""
    found = server.read_operational(person_dn(person_id, server.access.base), (LOCKED, INCARNATION))
    return LockedEntry(found[INCARNATION][0], LOCKED in found) if found else None


def lock_entry(server: Server, person_id: uuid.UUID, until: datetime, duration: timedelta) -> None:
    """Lock an entry until then; nothing where there is none."""
    stamp = (until - duration).astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
    server.replace_value(person_dn(person_id, server.access.base), LOCKED, stamp)


def open_entry(server: Server, person_id: uuid.UUID) -> None:
    """Take the lock away; nothing where there is no entry or no lock."""
    server.replace_value(person_dn(person_id, server.access.base), LOCKED, None)


def read_time(text: str) -> datetime:
    """An instant as the server writes it (RFC 4517 §3.3.13), with or without a fraction."""
    return datetime.strptime(text.rstrip("Z").partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
