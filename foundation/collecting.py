"""When the interpreter looks for cycles among what it keeps: seldom, where much is built that stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SELDOM: Final = (50_000, 20, 20)
"""After so many new objects, not after 700: a planner keeps hundreds of thousands, and each look goes through them again."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Fewer looks for cycles in this block, in the whole process; also a decorator."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
