"""What processes hold of memory: by Linux's account of each, and whether it grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1e6


@dataclass(frozen=True)
class Held:
    """Megabytes: resident, and the share that is the process's own where pages are shared with others."""

    resident: float
    proportional: float


def read_held(pid: int) -> Held | None:
    """What a process holds now, or None when it ended or is not ours to look at."""
    try:
        lines = (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return Held(kilobytes["Rss"] * 1024 / MEGABYTE, kilobytes["Pss"] * 1024 / MEGABYTE)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The straight line's rise through (time, value), in values a unit of time; least squares."""
    if len(points) < 2:
        return 0.0
    middle = sum(time for time, _value in points) / len(points)
    level = sum(value for _time, value in points) / len(points)
    spread = sum((time - middle) ** 2 for time, _value in points)
    return sum((time - middle) * (value - level) for time, value in points) / spread
