"""Placement lists read in a process of their own, while the decree and the units of the register are read in this one.

Reading a long list takes as long as a fifth of its plan. What the other process cannot read this one reads again, so that a fault is
raised here, whole, with its place.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from foundation.collecting import rarely_collected
from foundation.errors import BadInput
from provisioning.merger.placement import PlacedRow, read_placements

WORTH_IT: Final = 100_000
"""Bytes of lists from which on another process is worth its start."""
AT_ONCE: Final = 5_000
"""Rows handed over in one piece."""


@contextmanager
def read_beside(paths: Sequence[Path]) -> Iterator[Iterator[PlacedRow]]:
    """The rows of the lists, to be asked for once; asking waits for them and raises what `read_placements` raises."""
    if sum(path.stat().st_size for path in paths if path.is_file()) < WORTH_IT:
        yield each_read(paths)
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    reader = context.Process(target=hand_over, args=(paths, theirs), daemon=True)
    reader.start()
    theirs.close()
    try:
        yield each_handed_over(paths, ours)
    finally:
        # Ended before its pipe is closed: it would tell of a reader that left it.
        reader.kill()
        reader.join()
        ours.close()


def each_read(paths: Sequence[Path]) -> Iterator[PlacedRow]:
    """The rows, read here when they are asked for."""
    yield from read_placements(paths)


@rarely_collected()
def hand_over(paths: Sequence[Path], out: Connection) -> None:
    """Read the lists and send their rows piece by piece, and a piece of nothing at the end; silence says that it could not be done.

    Who waited for them may be gone, and this process is not to be heard then.
    """
    try:
        rows = iter(read_placements(paths))
    except (BadInput, OSError):  # the other process meets it again, and raises it
        return
    with suppress(BrokenPipeError):
        while piece := list(islice(rows, AT_ONCE)):
            out.send(piece)
        out.send([])


def each_handed_over(paths: Sequence[Path], comes: Connection) -> Iterator[PlacedRow]:
    """The rows that the other process sends; read here what it did not send."""
    had = 0
    try:
        while piece := comes.recv():
            yield from piece
            had += len(piece)
    except EOFError:
        yield from read_placements(paths)[had:]
