"""When the interpreter looks for cycles among what it keeps: seldom where much is built that stays, and not at all during a start."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

SELDOM: Final = (50_000, 20, 20)
"""After so many new objects, not after 700: a planner keeps hundreds of thousands, and each look goes through them again."""

_changing = Lock()
_before: list[tuple[int, int, int]] = []
"""What was set before, once for each block that is open."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Fewer looks for cycles in this block, in the whole process; also a decorator. The last thread that leaves puts it back."""
    with _changing:
        if not _before:
            _before.append(gc.get_threshold())
            gc.set_threshold(*SELDOM)
        else:
            _before.append(_before[0])
    try:
        yield
    finally:
        with _changing:
            found = _before.pop()
            if not _before:
                gc.set_threshold(*found)


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
