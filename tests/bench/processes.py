"""What processes cost, from the operating system's accounts: user and system time of a process and all below it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
READINGS = 50


@dataclass(frozen=True)
class Account:
    """What one process used so far, seconds: itself, and those below it that ended and were waited for."""

    parent: int
    own: float
    ended: float


def processor_seconds(*roots: int) -> float:
    """Processor time used so far by the process trees of `roots`, their ended children included.

    What ends while the accounts are read may stand in none of them, or in two: they are read until nobody ended between two readings.
    """
    before = read_trees(roots)
    for _again in range(READINGS):
        after = read_trees(roots)
        if {pid: one.ended for pid, one in before.items()} == {pid: one.ended for pid, one in after.items()}:
            break
        before = after
    return sum(one.own + one.ended for one in after.values())


def read_trees(roots: Sequence[int]) -> dict[int, Account]:
    """The accounts of these processes and of all below them."""
    accounts = read_accounts()
    found = {pid: accounts[pid] for pid in roots if pid in accounts}
    waiting = list(found)
    while waiting:
        above = waiting.pop()
        below = [pid for pid, one in accounts.items() if one.parent == above and pid not in found]
        found |= {pid: accounts[pid] for pid in below}
        waiting += below
    return found


def read_accounts() -> dict[int, Account]:
    """Every process of the machine."""
    accounts = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            # The name in brackets may hold blanks and brackets itself; the numbers follow the last one.
            numbers = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended while we were reading.
        own, ended = sum(map(int, numbers[11:13])), sum(map(int, numbers[13:15]))
        accounts[int(place.name)] = Account(int(numbers[1]), own / TICK, ended / TICK)
    return accounts


def resident_megabytes(root: int) -> float:
    """Memory of the largest process of a tree."""
    return max(read_resident(pid) for pid in tree(root)) / 1e6


def tree(root: int) -> list[int]:
    """The process and all below it."""
    return [root, *(pid for pid in read_trees([root]) if pid != root)]


def read_resident(pid: int) -> int:
    """Bytes of memory a process holds."""
    try:
        return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
