"""A figure of the benchmark: what one operation costs, beside the budget it has to meet."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Measure = Callable[[], "Sequence[Figure]"]
MEASURES: dict[str, Measure] = {}
BY_NAME: set[str] = set()
"""Measures that take so long that they are made only when they are asked for."""
RUNS = 1
"""How often a measure repeats what it measures, where it can: `--runs 3`."""


@dataclass(frozen=True)
class Figure:
    """`value` in `unit`; the goal is a most for costs and a least for rates, None where there is only something to know.

    `beside` tells the noise: least and most of the runs, processor time, load.
    """

    what: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["less", "more"] = "less"
    beside: str = ""

    @property
    def met(self) -> bool:
        """Whether the budget is kept; always, where there is none."""
        if self.goal is None:
            return True
        return self.value <= self.goal if self.better == "less" else self.value >= self.goal


def measure(name: str, *, by_name: bool = False) -> Callable[[Measure], Measure]:
    """Enter a measure under the name it is asked for by; `by_name` keeps it out of what is measured unasked."""

    def enter(act: Measure) -> Measure:
        MEASURES[name] = act
        if by_name:
            BY_NAME.add(name)
        return act

    return enter


def processor_milliseconds(act: Callable[[], object], repeats: int) -> float:
    """Median processor time of one call in this process, after one call to warm up."""
    act()
    costs = []
    for _ in range(repeats):
        start = time.process_time()
        act()
        costs.append(time.process_time() - start)
    return median(costs) * 1000


def rate(act: Callable[[], object], pieces: int) -> float:
    """Pieces per second of wall time for one call that handles `pieces` of them."""
    start = time.perf_counter()
    act()
    return pieces / (time.perf_counter() - start)
