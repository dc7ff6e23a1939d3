"""What a certificate opened ends when the register learns that it is revoked: sessions, and every token given in them.

The signing room tells the register, and the register's outbox tells us; neither room knows the other. Until the worker gets there, an
open session and a refresh token are refused by a look of their own (`openings.is_opener_revoked`).
"""

from typing import Final

from directory.certificates import REVOKED, find_certificate
from foundation import audit
from foundation.outbox import Handlers, Job
from foundation.runtime import Runtime
from sso.certificates.openings import find_opened
from sso.sessions import end_sessions_wholly


def end_opened(runtime: Runtime, job: Job) -> None:
    """Outbox `certificate_revoked`, its key the SHA-256: see the module. One that the register still believes in ends nothing."""
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        known = find_certificate(writes, job.key)
        if known is None or known.revoked_at is None or known.revoked_at > now:
            return
        ended = end_sessions_wholly(writes, find_opened(writes, job.key), "certificate revoked", now)
        if ended:
            detail = {"why": "certificate revoked", "certificate": job.key, "sessions": ended}
            audit.record(writes, now, "sso.session.closed", "house", str(known.person_id), detail)


HANDLERS: Final[Handlers] = {REVOKED: end_opened}
