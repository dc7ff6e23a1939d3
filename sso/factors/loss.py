"""When phone and codes are lost: every second factor of an account is taken away, by somebody who made sure who asks."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from foundation import audit
from foundation.database import Writes
from sso.factors.authenticators import drop_authenticator
from sso.factors.devices import forget_devices
from sso.factors.models import Passkey
from sso.factors.recovery_codes import drop_recovery_codes
from sso.factors.review import end_review
from sso.sessions import end_account_sessions
from sso.upstream.links import drop_links


def drop_factors(writes: Writes, account_id: uuid.UUID, actor: str, now: datetime) -> None:
    """Take away the app, the passkeys, the codes and the links to other providers; what is open ends.

    An administration account sets a new factor up at its next log-in.
    """
    drop_authenticator(writes, account_id)
    drop_recovery_codes(writes, account_id)
    writes.connection().execute(sa.delete(Passkey).where(Passkey.account_id == account_id))
    forget_devices(writes, account_id)
    end_review(writes, account_id)
    drop_links(writes, account_id)
    end_account_sessions(writes, account_id, now)
    audit.record(writes, now, "sso.factor.removed", actor, str(account_id), {"factor": "all, lost"})
