"""A password set at once, hash and all; the product hashes before it opens a transaction."""

import uuid
from datetime import datetime

from directory.credentials import hash_password, keep_hash
from foundation.database import Writes


def set_password(writes: Writes, account_id: uuid.UUID, password: str, now: datetime) -> None:
    """Keep a new password; codes and old hashes end, an issued account becomes active."""
    keep_hash(writes, account_id, hash_password(password), now)
