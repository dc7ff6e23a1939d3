"""What a step costs: its wall time, the processor time and the peak memory of every process the story has started.

Read from the operating system's accounts (Linux, proc(5)) a few times a second. Memory is proportional: what processes share is
counted once, so that the sum is what the machine must have.
"""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TICK = os.sysconf("SC_CLK_TCK")
PAUSE = 0.25


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and of processors, megabytes at the peak: of all processes together, and of the largest."""

    wall: float
    processors: float
    memory: float
    largest: float

    def __str__(self) -> str:
        return (
            f"{self.wall:.1f} s · {self.processors:.1f} s of processors · at most {self.memory:,.0f} MB in all processes, "
            f"{self.largest:,.0f} MB in the largest · load {os.getloadavg()[0]:.1f}"
        )


class Watch:
    """A thread that looks at this process and all below it; `lap` gives what was used since the last one."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._lock = threading.Lock()
        self._used: dict[int, float] = {}
        self._spent = 0.0
        self._peak = self._largest = 0.0
        self._began, self._before = time.monotonic(), 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def lap(self) -> Cost:
        """What was used since the last lap."""
        self._look()
        with self._lock:
            now, total = time.monotonic(), self._spent + sum(self._used.values())
            cost = Cost(now - self._began, total - self._before, self._peak, self._largest)
            self._began, self._before, self._peak, self._largest = now, total, 0.0, 0.0
        return cost

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            self._look()

    def _look(self) -> None:
        """One look at all processes."""
        accounts = read_accounts()
        sizes, used = [], {}
        for pid in tree(os.getpid(), accounts):
            used[pid] = accounts[pid][1]
            sizes.append(read_memory(pid))
        with self._lock:
            # Who has ended keeps what it had used when it was last seen.
            self._spent += sum(seconds for pid, seconds in self._used.items() if pid not in used)
            self._used = used
            self._peak = max(self._peak, sum(sizes))
            self._largest = max(self._largest, *sizes, 0.0)


def read_accounts() -> dict[int, tuple[int, float]]:
    """Process → parent, and seconds of processor used by itself."""
    accounts = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            # The name in brackets may hold blanks and brackets itself; the numbers follow the last one.
            numbers = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended while we were reading.
        accounts[int(place.name)] = (int(numbers[1]), (int(numbers[11]) + int(numbers[12])) / TICK)
    return accounts


def tree(root: int, accounts: dict[int, tuple[int, float]]) -> list[int]:
    """The process and all below it."""
    found = [root]
    for pid in found:
        found += [child for child, (parent, _) in accounts.items() if parent == pid]
    return [pid for pid in found if pid in accounts]


def read_memory(pid: int) -> float:
    """Megabytes of memory of one process: its own and its share of what it shares; 0 when it has ended."""
    try:
        text = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1000
