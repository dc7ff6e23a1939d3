"""Guess limits: each try is counted on its account before it is looked at, in one statement, so that parallel tries
count too.

After too many the account is shut for a while: the right password is refused then in the same words as a wrong one.
A browser the account knows has a count of its own, so nobody locks an official out of their own desk. All factors share
the count. A log-in nobody has is counted like one that somebody has. A success forgives.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Instant, Writes
from foundation.sealing import Sealer
from sso.locks.asking import ask_to_carry
from sso.models import Guess
from sso.settings import SsoSection

COUNT: Final = (
    sa.text(
        "INSERT INTO sso_guess (subject, failures, since, shut_until) VALUES (:subject, 1, :now, NULL) "
        "ON CONFLICT (subject) DO UPDATE SET "
        "failures = CASE WHEN sso_guess.since <= :window THEN 1 ELSE sso_guess.failures + 1 END, "
        "since = CASE WHEN sso_guess.since <= :window THEN :now ELSE sso_guess.since END, "
        "shut_until = CASE WHEN sso_guess.shut_until > :now THEN sso_guess.shut_until "
        "WHEN sso_guess.since > :window AND sso_guess.failures >= :most THEN :shut ELSE NULL END "
        "RETURNING shut_until"
    )
    .bindparams(
        *(sa.bindparam(name, type_=Instant()) for name in ("now", "window", "shut")),
        sa.bindparam("subject", type_=sa.LargeBinary()),
    )
    .columns(shut_until=Instant())
)

SHUT: Final = sa.text(
    "INSERT INTO sso_guess (subject, failures, since, shut_until) VALUES (:subject, :failures, :now, :until) "
    "ON CONFLICT (subject) DO UPDATE SET failures = :failures, since = :now, shut_until = :until"
).bindparams(
    *(sa.bindparam(name, type_=Instant()) for name in ("now", "until")),
    sa.bindparam("subject", type_=sa.LargeBinary()),
)

FORGIVE: Final = sa.delete(Guess).where(Guess.subject == sa.bindparam("subject"))


def account_subject(sealer: Sealer, account_id: uuid.UUID) -> bytes:
    """What the tries on an account are counted under."""
    return sealer.blind_index(str(account_id), "sso.guess.account")


def device_subject(sealer: Sealer, account_id: uuid.UUID, device_id: uuid.UUID) -> bytes:
    """What the tries of a browser the account knows are counted under: a stranger's guesses do not shut it."""
    return sealer.blind_index(f"{account_id}\x00{device_id}", "sso.guess.device")


def login_subject(sealer: Sealer, key: str) -> bytes:
    """What the tries on a log-in nobody has are counted under."""
    return sealer.blind_index(key, "sso.guess.login")


def name_tried(sealer: Sealer, key: str) -> str:
    """What failed tries on a log-in stand under in the audit: nobody reads what was typed, since a password is sometimes typed there."""
    return login_subject(sealer, key).hex()[:16]


def count_try(
    writes: Writes, subject: bytes, policy: SsoSection, now: datetime, *, locks: uuid.UUID | None = None
) -> bool:
    """Count a try before it is looked at. Gives whether it may be looked at: the subject is not shut.

    `locks`: the account that is locked in the directory too when this very try shuts it (`sso.locks`).
    """
    (counted,) = writes.ask(name_try(subject, policy, now))
    return is_open(writes, counted.scalar(), policy, now, locks=locks)


def name_try(subject: bytes, policy: SsoSection, now: datetime) -> tuple[Any, dict[str, Any]]:
    """What counts a try, for who asks more at once: its answer is until when the subject is shut."""
    given = {
        "subject": subject,
        "now": now,
        "window": now - timedelta(seconds=policy.guess_window_seconds),
        "most": policy.guesses,
        "shut": now + timedelta(seconds=policy.shut_seconds),
    }
    return COUNT, given


def is_open(
    writes: Writes,
    shut_until: datetime | None,
    policy: SsoSection,
    now: datetime,
    *,
    locks: uuid.UUID | None = None,
) -> bool:
    """Whether a try that was counted may be looked at; the directory is told of an account that this very try shuts."""
    if locks is not None and shut_until == now + timedelta(seconds=policy.shut_seconds):
        ask_to_carry(writes, locks, now)
    return shut_until is None or shut_until <= now


def take_back(writes: Writes, subject: bytes) -> None:
    """Take back one try that turned out to be meant for somebody else who shares the log-in; a lock that stands stays."""
    writes.execute(
        sa.update(Guess)
        .where(Guess.subject == subject, Guess.failures > 0, Guess.shut_until.is_(None))
        .values(failures=Guess.failures - 1)
        .execution_options(synchronize_session=False)
    )


def forgive(writes: Writes, subject: bytes) -> None:
    """Forget the tries on a subject: somebody came in, or the help desk opened the account."""
    writes.tell(FORGIVE, {"subject": subject})


def shut(writes: Writes, subject: bytes, policy: SsoSection, now: datetime, until: datetime) -> None:
    """Shut a subject until then, because guesses were counted elsewhere."""
    given = {"subject": subject, "failures": policy.guesses, "now": now, "until": until}
    writes.connection().execute(SHUT, given)


def open_account(writes: Writes, sealer: Sealer, account_id: uuid.UUID, now: datetime) -> None:
    """Open an account that guesses had shut, in the directory too: the help desk knows who stands before it."""
    forgive(writes, account_subject(sealer, account_id))
    ask_to_carry(writes, account_id, now)
