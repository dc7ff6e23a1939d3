"""How a web process writes its log: lines of some milliseconds go out together, by one thread.

A write lets other threads in, and who serves a request then waits to go on: a tenth of what a short answer costs. What is worse than
news is written at once, with everything before it. A process that is killed loses the lines of its last moment; one that ends writes
them.
"""

import logging
import threading
import time
from collections import deque
from multiprocessing.util import Finalize
from typing import Final, TextIO

EVERY_SECONDS: Final = 0.05
AT_MOST: Final = 1_000
"""So many lines wait; then whoever brings one writes them, and waits as long as the reader of the log takes."""


class Together(logging.Handler):
    """Keeps lines for a moment."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: deque[str] = deque()
        self._writing = threading.Lock()
        self._due = threading.Event()
        self._writer: threading.Thread | None = None
        # A process that was forked ends without what `atexit` keeps.
        Finalize(self, self.flush, exitpriority=0)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; write it, where it cannot wait."""
        try:
            self._lines.append(self.format(record))
            if record.levelno > logging.INFO or len(self._lines) > AT_MOST:
                self.flush()
            elif not self._due.is_set():
                self._due.set()
                self._have_writer()
        except Exception:  # noqa: BLE001  # As handlers do: a line that cannot be written stops nobody.
            self.handleError(record)

    def flush(self) -> None:
        """Write what is kept, in its order."""
        with self._writing:
            lines = []
            while self._lines:
                lines.append(self._lines.popleft())
            if lines:
                self._stream.write("\n".join([*lines, ""]))
                self._stream.flush()

    def _have_writer(self) -> None:
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, name="log", daemon=True)
            self._writer.start()

    def _write_on(self) -> None:
        while True:
            self._due.wait()
            time.sleep(EVERY_SECONDS)
            self._due.clear()
            try:
                self.flush()
            except (OSError, ValueError):
                continue  # Nobody reads the log any more; the next line is tried all the same.
