"""Rows between the first look and the second: in memory while they are few, then in a nameless file that only this process can read.

They are written in blocks: one call for many rows, and what they share (units, titles) stands once in a block.
"""

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Final, Generic, TypeVar

T = TypeVar("T")
KEPT_IN_MEMORY: Final = 16 << 20
BLOCK: Final = 64


class Spool(Generic[T]):
    """Values written once in order, read again in order or by their index. Only what this process wrote is ever unpickled."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 — closed in `close`
        self._starts = array("Q", (0,))
        self._open: list[T] = []
        self._last: tuple[int, list[T]] = (-1, [])

    def __len__(self) -> int:
        return (len(self._starts) - 1) * BLOCK + len(self._open)

    def add(self, value: T) -> int:
        """Write one value; gives its index."""
        self._open.append(value)
        index = len(self) - 1
        if len(self._open) == BLOCK:
            raw = pickle.dumps(self._open, pickle.HIGHEST_PROTOCOL)
            self._file.seek(self._starts[-1])
            self._file.write(raw)
            self._starts.append(self._starts[-1] + len(raw))
            self._open = []
        return index

    def get(self, index: int) -> T:
        """The value of an index."""
        block, place = divmod(index, BLOCK)
        return self._block(block)[place]

    def each(self) -> Iterator[T]:
        """All values in their order; other values may be fetched in between."""
        for block in range(len(self._starts)):
            yield from self._block(block)

    def _block(self, block: int) -> list[T]:
        """The values of a block; the one that was read last is kept, because most are asked for in order."""
        if block == len(self._starts) - 1:
            return self._open
        if self._last[0] != block:
            start, end = self._starts[block], self._starts[block + 1]
            self._file.seek(start)
            values: list[T] = pickle.loads(self._file.read(end - start))  # noqa: S301 — our own nameless file, written by this very process
            self._last = (block, values)
        return self._last[1]

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
