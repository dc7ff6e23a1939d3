"""How old a password may become: administrators change theirs every two months (TCVN 14423:2026 §5), nobody else has to."""

from datetime import timedelta

import sqlalchemy as sa

from directory.models import Credential
from foundation.database import Reads
from sso.factors.standing import ALWAYS_TWO
from sso.provider import Provider
from sso.sessions import OpenSession


def is_password_over(provider: Provider, reads: Reads, session: OpenSession) -> bool:
    """Whether this session's password has to be changed before it goes on; looked up for administration accounts only."""
    if session.kind not in ALWAYS_TWO:
        return False
    wanted = sa.select(Credential.password_set_at).where(Credential.account_id == session.account_id)
    set_at = reads.connection().execute(wanted).scalar()
    return (
        set_at is not None and set_at + timedelta(days=provider.policy.administration_password_days) <= provider.now()
    )
