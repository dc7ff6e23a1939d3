"""The job that mails one code. The outbox holds whose account and what for; the code is made here and lives in this one function.

1. is a code still wanted, by somebody who may get one by mail; 2. may it go to the address on record; 3. does the server take the
recipient; 4. the code's hash is kept, the earlier code is dead; 5. the message is handed over. What the server refuses at 5 is
withdrawn. A worker that dies after 4 does the job again: a new code, a new mail, and the newest works.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from directory.credentials import hash_code, keep_code, make_code
from directory.models import Account, Credential
from foundation import audit
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Reads, Writes
from foundation.outbox import GiveUp, Handlers, Job, OutboxJob, TryLater, enqueue_many, postpone
from foundation.runtime import Runtime
from provisioning.mail.contacts import find_contacts
from provisioning.mail.messages import Code, build_message
from provisioning.mail.settings import MailSection
from provisioning.mail.smtp import RefusedForGood, RefusedForNow, ServerAway, Wire, open_wire
from provisioning.rosters.hashes_command import is_letter_only

MAIL_CODE: Final = "mail_code"
ASKED: Final = "provisioning.code.ask"
MAILED: Final = "provisioning.code.mail"
LEFT_OUT: Final = "provisioning.code.leave_out"
PAUSE_AWAY: Final = timedelta(minutes=1)
PAUSE_REFUSED: Final = timedelta(minutes=10)
DOOR: Final = "the person, at the door"
"""Who asked for a code, where nobody knows who stood there."""
WANTED: Final = {"activation": ("issued",), "reset": ("issued", "active")}
"""In which states of the account a code of this purpose is still wanted."""


def ask_for_codes(writes: Writes, accounts: Iterable[uuid.UUID], purpose: str, actor: str, now: datetime) -> int:
    """Put a job for each account into the outbox, in the deed's transaction. Gives how many.

    An account whose mail waits already gets no second one.
    """
    payload = {"purpose": purpose, "asked": as_rfc3339(now), "by": actor}
    waiting = set(
        writes.execute(
            sa.select(OutboxJob.key).where(OutboxJob.kind == MAIL_CODE, OutboxJob.state == "waiting")
        ).scalars()
    )
    keyed: list[tuple[str, Mapping[str, Any]]] = [
        (str(account), payload) for account in accounts if str(account) not in waiting
    ]
    enqueue_many(writes, MAIL_CODE, keyed, now)
    return len(keyed)


def mail_code(runtime: Runtime, job: Job) -> None:
    """Outbox `mail_code` {purpose, asked, by}: make, keep and send one code. Raises GiveUp, TryLater."""
    policy, now = runtime.settings[MailSection], runtime.clocks.wall()
    account_id, purpose = uuid.UUID(job.key), str(job.payload["purpose"])
    if not policy.enabled:
        raise GiveUp("no mail server is set")
    recipient = find_recipient(runtime, account_id, purpose, str(job.payload["by"]), now)
    if recipient is None:
        leave_out(runtime, account_id, job, now)
        return
    try:
        with open_wire(policy) as wire:
            wire.offer(recipient)
            send(runtime, wire, account_id, purpose, recipient, job)
    except RefusedForGood as error:
        raise GiveUp(error.shown) from error
    except (RefusedForNow, ServerAway) as error:
        if now > parse_instant(str(job.payload["asked"])) + timedelta(hours=policy.retry_hours):
            raise GiveUp(error.shown) from error
        if isinstance(error, ServerAway):
            # Nobody waits in line for a server that is away: the others are put off with this one.
            postpone(runtime.database, MAIL_CODE, now + PAUSE_AWAY)
            raise TryLater(error.shown, PAUSE_AWAY) from error
        raise TryLater(error.shown, PAUSE_REFUSED) from error


def find_recipient(runtime: Runtime, account_id: uuid.UUID, purpose: str, by: str, now: datetime) -> str | None:
    """The address the code may go to; None where no code is wanted any more. Raises GiveUp where it may not go by mail.

    What was asked for `by` DOOR replaces no code that was handed over.
    """
    with runtime.database.read() as reads:
        account = reads.get(Account, account_id)
        if account is None or account.kind != "business" or account.state not in WANTED[purpose]:
            return None
        if by == DOOR and holds_code(reads, account_id, now):
            return None
        if is_letter_only(reads, account.person_id, now):
            raise GiveUp("who leads, approves or acts upon others gets a letter")
        contacts = find_contacts(reads, runtime.sealer, [account.person_id], runtime.settings[MailSection], now)
        contact = contacts[account.person_id]
        if contact.why is not None:
            raise GiveUp(str(contact.why))
        return contact.address


def holds_code(reads: Reads, account_id: uuid.UUID, now: datetime) -> bool:
    """Whether a code that still opens the account was handed over: on paper or by a person, not by a mail the door had asked for."""
    credential = reads.get(Credential, account_id)
    if credential is None or credential.code_until is None or credential.code_until <= now:
        return False
    mailed = sa.select(audit.AuditRow.id).where(
        audit.AuditRow.event == MAILED,
        audit.AuditRow.subject == str(account_id),
        audit.AuditRow.actor == DOOR,
        audit.AuditRow.at == credential.code_made_at,
    )
    return reads.execute(mailed.limit(1)).first() is None


def send(runtime: Runtime, wire: Wire, account_id: uuid.UUID, purpose: str, recipient: str, job: Job) -> None:
    """Steps 4 and 5; the code is known here only."""
    now, policy = runtime.clocks.wall(), runtime.settings[MailSection]
    code, until = make_code(), now + timedelta(hours=policy.code_hours)
    message = build_message(runtime.settings, recipient, Code(code, purpose, until, uuid.uuid4().hex), now)
    detail = {"purpose": purpose, "until": as_rfc3339(until), "job": job.id}
    with runtime.database.write() as writes:
        keep_code(writes, account_id, hash_code(code), now, until, purpose)
        audit.record(writes, now, MAILED, str(job.payload["by"]), str(account_id), detail)
    try:
        wire.send(message)
    except (RefusedForGood, RefusedForNow):
        with runtime.database.write() as writes:
            withdraw_code(writes, account_id, hash_code(code))
            audit.record(writes, now, MAILED, str(job.payload["by"]), str(account_id), detail, "failed")
        raise


def withdraw_code(writes: Writes, account_id: uuid.UUID, code_hash: bytes) -> None:
    """Take back a code nobody got, unless another one was made meanwhile."""
    writes.execute(
        sa.update(Credential)
        .where(Credential.account_id == account_id, Credential.code_hash == code_hash)
        .values(code_hash=None, code_until=None, code_purpose=None)
    )


def leave_out(runtime: Runtime, account_id: uuid.UUID, job: Job, now: datetime) -> None:
    """Write down that no code was wanted any more."""
    with runtime.database.write() as writes:
        audit.record(
            writes, now, LEFT_OUT, str(job.payload["by"]), str(account_id), {"purpose": job.payload["purpose"]}
        )


HANDLERS: Handlers = {MAIL_CODE: mail_code}
