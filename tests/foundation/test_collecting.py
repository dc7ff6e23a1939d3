"""Looks for cycles are seldom inside and as before outside."""

import gc

import pytest

from foundation.collecting import SELDOM, rarely_collected


@rarely_collected()
def divide(whole: int, part: int) -> tuple[float, tuple[int, int, int]]:
    """A quotient, and how seldom the interpreter looks meanwhile."""
    return whole / part, gc.get_threshold()


def test_the_interpreter_looks_seldom_inside_and_as_before_outside() -> None:
    before = gc.get_threshold()
    assert divide(4, 2) == (2.0, SELDOM)
    assert gc.get_threshold() == before
    with pytest.raises(ZeroDivisionError):
        divide(4, 0)
    assert gc.get_threshold() == before
