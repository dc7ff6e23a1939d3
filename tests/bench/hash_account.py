"""What hashes cost within the service, told by the service itself: two at once, between other work, cost more than one alone."""

import os
import time
from pathlib import Path
from statistics import mean

from foundation import argon2id
from foundation.argon2id import Cost


def keep_account(place: str) -> None:
    """Have this process, and those forked from it, add a line for each hash: milliseconds of its thread's processor time."""
    file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    derive = argon2id.derive

    def derive_counted(password: bytes, salt: bytes, length: int, cost: Cost) -> bytes:
        start = time.thread_time()
        try:
            return derive(password, salt, length, cost)
        finally:
            os.write(file, b"%.3f\n" % ((time.thread_time() - start) * 1000))

    argon2id.derive = derive_counted


def mean_hash(place: Path) -> float:
    """Milliseconds of a hash in the middle of all that were written down."""
    return mean(float(line) for line in place.read_text().split())
