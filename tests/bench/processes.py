"""What processes cost, from the operating system's accounts: user and system time of a process and all below it."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(*roots: int) -> float:
    """Processor time used so far by the process trees of `roots`, their ended children included."""
    accounts = read_accounts()
    below: dict[int, list[int]] = {}
    for pid, (parent, _) in accounts.items():
        below.setdefault(parent, []).append(pid)
    waiting, total = [pid for pid in roots if pid in accounts], 0.0
    while waiting:
        pid = waiting.pop()
        total += accounts[pid][1]
        waiting += below.get(pid, [])
    return total


def read_accounts() -> dict[int, tuple[int, float]]:
    """Process → parent and seconds used."""
    accounts = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            # The name in brackets may hold blanks and brackets itself; the numbers follow the last one.
            numbers = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended while we were reading.
        accounts[int(place.name)] = (int(numbers[1]), sum(map(int, numbers[11:15])) / TICK)
    return accounts


def resident_megabytes(root: int) -> float:
    """Memory of the largest process of a tree."""
    return max(read_resident(pid) for pid in tree(root)) / 1e6


def tree(root: int) -> list[int]:
    """The process and all below it."""
    accounts = read_accounts()
    found = [root]
    for pid in found:
        found += [child for child, (parent, _) in accounts.items() if parent == pid]
    return found


def read_resident(pid: int) -> int:
    """Bytes of memory a process holds."""
    try:
        return int((Path("/proc") / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
