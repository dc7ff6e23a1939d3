"""Rows between the first look and the second: in memory while they are few, then in a nameless file that only this process can read."""

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO, Final, Generic, TypeVar

T = TypeVar("T")
KEPT_IN_MEMORY: Final = 16 << 20


class Spool(Generic[T]):
    """Values written once in order, read again in order or by their index. Only what this process wrote is ever unpickled."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 — closed in `close`
        self._starts = array("Q")
        self._end = 0

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, value: T) -> int:
        """Write one value; gives its index."""
        raw = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        self._file.seek(self._end)
        self._file.write(raw)
        self._starts.append(self._end)
        self._end += len(raw)
        return len(self._starts) - 1

    def get(self, index: int) -> T:
        """The value of an index."""
        start = self._starts[index]
        end = self._starts[index + 1] if index + 1 < len(self._starts) else self._end
        self._file.seek(start)
        value: T = pickle.loads(self._file.read(end - start))  # noqa: S301 — our own nameless file, written by this very process
        return value

    def each(self) -> Iterator[T]:
        """All values in their order; other values may be fetched in between."""
        for index in range(len(self._starts)):
            yield self.get(index)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
