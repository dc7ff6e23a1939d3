"""Chance that can be repeated: every stream of draws has a name and comes from the seed alone."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def open_draws(seed: int, *scope: str) -> random.Random:
    """A stream of draws that depends on the seed and its name only, not on what was drawn before.

    Not for secrets: what is drawn here is example data that anyone can draw again.
    """
    return random.Random(":".join((str(seed), *scope)))  # noqa: S311 - example data, repeatable on purpose


class Weighted(Generic[T]):
    """Values with weights, drawn in constant preparation and logarithmic time."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        listed = list(pairs)
        self.values: Sequence[T] = [value for value, _ in listed]
        self._sums = list(itertools.accumulate(weight for _, weight in listed))

    def draw(self, draws: random.Random) -> T:
        """One value, as often as its weight says."""
        return draws.choices(self.values, cum_weights=self._sums)[0]
