"""How much memory the threads of a process keep for themselves."""

import ctypes
from typing import Final

ARENAS: Final = 1
M_ARENA_MAX: Final = -8
"""glibc's number for the option of mallopt(3)."""


def share_memory() -> bool:
    """Let all threads take memory from one place. Gives whether the C library took it.

    By default glibc gives each thread a place of its own, up to eight a processor, and each keeps the 19 MiB of the hash that was
    computed there: 330 MB where two hashes at a time need 40. It costs no hash any time; giving the memory back after each
    would (half as much again). Other C libraries do not do this and are left alone.
    """
    try:
        return bool(ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError):
        return False
