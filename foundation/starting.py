"""A quick start: what a process imports stays to its end, so the collector of cycles need not look through it meanwhile.

Left alone it looks again and again at modules that are just being made, a sixth of a start's time; afterwards they are set aside
(gc.freeze in the Python library reference), and every later collection is shorter by them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting() -> Iterator[None]:
    """Import and build in peace; at the end everything there is counts as permanent."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
