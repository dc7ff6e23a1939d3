"""The alias file of the mail server: every old address that is still delivered, and the address it goes to (Postfix virtual(5)).

Written whole or not at all. An address is written only if it is one plain mailbox, so that no line can name a program, a file or a
list; an old address that two people share goes to nobody, for nobody can say whose mail it is.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from directory.models import Account, MailAddress
from foundation.changes import AsOf, in_force, visible
from foundation.clocks import as_rfc3339
from foundation.database import Reads
from foundation.i18n import Message, _
from provisioning.mail.addresses import is_address

SHARED = _("two people bring it; it goes to nobody")
ODD = _("it is no plain mailbox")
SHUT = _("the account is suspended or closed")
HOMELESS = _("the person has no own address")


@dataclass(frozen=True)
class LeftOut:
    """An old address that is not written, and why."""

    address: str
    why: Message


@dataclass(frozen=True)
class AliasFile:
    """What is written: old → new, sorted; what is left out; when the file will say something else."""

    at: datetime
    lines: Sequence[tuple[str, str]]
    left_out: Sequence[LeftOut]
    changes_at: datetime | None

    def text(self) -> str:
        """The file."""
        head = [
            "# Old addresses of officials and where their mail goes now; written by hopnhat, do not edit.",
            f"# As of {as_rfc3339(self.at)}; {len(self.lines)} addresses.",
        ]
        if self.changes_at is not None:
            head.append(
                f"# The next of them begins or ends at {as_rfc3339(self.changes_at)}: write the file anew then."
            )
        return "\n".join([*head, *(f"{old}\t{new}" for old, new in self.lines)]) + "\n"


def build_aliases(reads: Reads, as_of: AsOf) -> AliasFile:
    """The file as of an instant."""
    own = dict(read_rows(reads, as_of, "own"))
    states = {person: state for person, state in reads.execute(  # noqa: C416 — rows do not type as pairs
        sa.select(Account.person_id, Account.state).where(Account.kind == "business")
    )}  # fmt: skip
    bringing: dict[str, set[uuid.UUID]] = {}
    for person_id, address in read_rows(reads, as_of, "alias"):
        if own.get(person_id) != address:
            bringing.setdefault(address, set()).add(person_id)
    taken = set(own.values())
    lines: list[tuple[str, str]] = []
    left_out: list[LeftOut] = []
    for address, people in sorted(bringing.items()):
        why = judge(address, people, own, states, taken)
        if why is None:
            lines.append((address, own[next(iter(people))]))
        else:
            left_out.append(LeftOut(address, Message(why)))
    return AliasFile(as_of.at, lines, left_out, find_next(reads, as_of))


def judge(
    address: str,
    people: set[uuid.UUID],
    own: dict[uuid.UUID, str],
    states: dict[uuid.UUID, str],
    taken: set[str],
) -> str | None:
    """Why an old address is not written, or None."""
    if not is_address(address):
        return ODD
    if len(people) > 1 or address in taken:
        return SHARED
    person = next(iter(people))
    if states.get(person) not in ("issued", "active"):
        return SHUT
    return None if is_address(own.get(person, "")) else HOMELESS


def read_rows(reads: Reads, as_of: AsOf, kind: str) -> Iterator[tuple[uuid.UUID, str]]:
    """The addresses of a kind in force, in lower case."""
    wanted = sa.select(MailAddress.person_id, MailAddress.address).where(
        MailAddress.kind == kind, in_force(MailAddress, as_of)
    )
    for person_id, address in reads.execute(wanted.order_by(MailAddress.row_id)):
        yield person_id, address.strip().lower()


def find_next(reads: Reads, as_of: AsOf) -> datetime | None:
    """The next instant at which an address begins or ends."""
    at = as_of.at
    instants = []
    for column in (MailAddress.valid_from, MailAddress.valid_to):
        wanted = sa.select(sa.func.min(column)).where(visible(MailAddress, as_of.known_at), column > at)
        found = reads.execute(wanted).scalar()
        instants += [found] if found is not None else []
    return min(instants) if instants else None
