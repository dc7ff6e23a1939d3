"""Who was helped to a new password approves nothing for a while: the second pair of eyes must not be the help desk's own.

Whoever may reset an account could otherwise make a plan, reset its approver, and agree to it in the approver's name within
minutes. For `accounts.quiet_hours` the owner can notice and say so; their everyday work goes on.
"""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from directory.errors import HelpedLately
from directory.models import Account, Credential
from foundation.clocks import VIETNAM
from foundation.database import Reads


def check_not_helped(
    reads: Reads, person_id: uuid.UUID, quiet: timedelta, now: datetime, zone: ZoneInfo = VIETNAM
) -> None:
    """Refuse an approval by a person one of whose accounts took a new password by a reset within `quiet`. Raises HelpedLately."""
    wanted = (
        sa.select(sa.func.max(Credential.helped_at))
        .join(Account, Account.id == Credential.account_id)
        .where(Account.person_id == person_id)
    )
    helped = reads.execute(wanted).scalar_one_or_none()
    if helped is not None and now < helped + quiet:
        raise HelpedLately(until=f"{(helped + quiet).astimezone(zone):%H:%M %d/%m/%Y}")
