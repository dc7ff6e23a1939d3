"""Who was helped to a new password, or a first one, approves nothing for a while: the second pair of eyes must not be the help desk's.

Whoever may reset an account could otherwise make a plan, reset its approver, and agree to it in the approver's name within
minutes. For `accounts.quiet_hours` the owner can notice and say so; their everyday work goes on. A letter is the same key, for plans:
whoever printed it had it in their hands. A head who activates with one goes on approving the certificates of their unit that day.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from directory.errors import ActivatedLately, HelpedLately
from directory.models import Account, Credential
from foundation.changes import Change
from foundation.clocks import VIETNAM
from foundation.database import Reads

FOUNDING: Final = "installation.init"
"""The kind of the change that writes the first administrators, whose codes are handed over by nobody of the register."""


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


def check_not_just_activated(
    reads: Reads, person_id: uuid.UUID, quiet: timedelta, now: datetime, zone: ZoneInfo = VIETNAM
) -> None:
    """Refuse an approval by a person whose account was opened for the first time within `quiet`, by a code somebody had printed or mailed.

    Old passwords that came along open without a code; the first administrators' own codes are no one else's. Raises ActivatedLately.
    """
    founded = sa.and_(Change.kind == FOUNDING, Credential.code_made_at == Change.opened_at)
    wanted = (
        sa.select(sa.func.max(Account.state_since))
        .join(Credential, Credential.account_id == Account.id)
        .join(Change, Change.id == Account.change_id)
        .where(
            Account.person_id == person_id,
            Account.state == "active",
            Account.state_since > now - quiet,
            Credential.code_made_at.is_not(None),
            sa.not_(founded),
        )
    )
    opened = reads.execute(wanted).scalar_one_or_none()
    if opened is not None:
        raise ActivatedLately(until=f"{(opened + quiet).astimezone(zone):%H:%M %d/%m/%Y}")
