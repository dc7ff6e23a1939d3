"""Asking that the directory be told whether an account is shut: a job in the transaction that shut or opened it."""

import uuid
from datetime import datetime
from typing import Final

from foundation.database import Writes
from foundation.outbox import enqueue

CARRY_LOCK: Final = "carry_lock"


def ask_to_carry(writes: Writes, account_id: uuid.UUID, now: datetime) -> None:
    """Have the directory brought to what stands here when the courier comes by."""
    enqueue(writes, CARRY_LOCK, str(account_id), now)
