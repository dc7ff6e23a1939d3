"""When the interpreter looks for cycles among what it keeps: seldom where much is built that stays, and not at all during a start."""

import gc
import sys
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


@contextmanager
def starting() -> Iterator[None]:
    """Import in peace: left alone, the looks for cycles are a sixth of a start's time.

    What is there afterwards counts as permanent (gc.freeze in the Python library reference). Where nothing was imported nothing
    is set aside: a process that runs many verbs would keep the litter of each for good.
    """
    collecting, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if collecting:
            gc.enable()
