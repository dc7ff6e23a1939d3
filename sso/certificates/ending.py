"""What a certificate opened ends when the register learns that it is revoked: sessions, and every token given in them.

Who had the device and its PIN may have laid something by in `/me`. So where the account that it opened has an app, a passkey or a link to
another provider, everything else of it that is open ends too, links go, and its owner is asked whose the factors are.

The signing room tells the register, and the register's outbox tells us; neither room knows the other. Until the worker gets there, an
open session and a refresh token are refused by a look of their own (`openings.is_opener_revoked`). What only a list says, the register
does not know: `second_look` ends by it.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from directory.certificates import REVOKED, KnownCertificate, find_certificate
from directory.models import Account
from foundation import audit
from foundation.database import Reads, Writes
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from sso.certificates.openings import find_opened
from sso.door.admission import lock_state
from sso.factors.devices import forget_devices
from sso.factors.review import ask_for_review
from sso.factors.standing import find_factors
from sso.models import BrowserSession
from sso.sessions import end_account_sessions, end_sessions_wholly
from sso.upstream.links import drop_links, list_links


def end_opened(runtime: Runtime, job: Job) -> None:
    """Outbox `certificate_revoked`, its key the SHA-256: see the module. One that the register still believes in ends nothing."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        known = find_certificate(writes, job.key)
        if known is not None and known.revoked_at is not None and known.revoked_at <= now:
            end_by(writes, known, "certificate revoked", now)


def end_by(writes: Writes, known: KnownCertificate, why: str, now: datetime) -> None:
    """End what this certificate opened, and what was laid by with it; `why` for the audit and the grants."""
    opened = find_opened(writes, known.sha256)
    entered = find_entered(writes, opened, known.person_id)
    for account_id in entered:
        lock_state(writes, account_id)
    ended = end_sessions_wholly(writes, opened, why, now)
    for account_id in entered:
        end_laid_by(writes, account_id, now)
    if ended:
        detail = {"why": why, "certificate": known.sha256, "sessions": ended}
        audit.record(writes, now, "sso.session.closed", "house", str(known.person_id), detail)


def find_entered(reads: Reads, session_ids: Sequence[uuid.UUID], person_id: uuid.UUID | None) -> Sequence[uuid.UUID]:
    """The accounts whose sessions these were; where a session's row is swept already, its person's own, which alone a device opens."""
    if not session_ids:
        return ()
    of_sessions = sa.select(BrowserSession.account_id).where(BrowserSession.id.in_(session_ids))
    own = sa.and_(Account.person_id == person_id, Account.kind == "business", Account.state != "closed")
    wanted = sa.select(Account.id).where(sa.or_(Account.id.in_(of_sessions), own)).order_by(Account.id)
    return reads.execute(wanted).scalars().all()


def end_laid_by(writes: Writes, account_id: uuid.UUID, now: datetime) -> None:
    """Leave nothing open that somebody could have come by while they had the device; what opens with a password stays its owner's."""
    if not find_factors(writes, account_id) and not list_links(writes, account_id):
        return
    end_account_sessions(writes, account_id, now)
    forget_devices(writes, account_id)
    drop_links(writes, account_id)
    ask_for_review(writes, account_id, now)


HANDLERS: Final[Handlers] = {REVOKED: end_opened}
