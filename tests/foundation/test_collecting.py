"""Looks for cycles are seldom inside and as before outside."""

import gc
import sys

import pytest

from foundation.collecting import SELDOM, rarely_collected, starting


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


def test_whoever_leaves_last_puts_it_back() -> None:
    before = gc.get_threshold()
    first, second = rarely_collected(), rarely_collected()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == SELDOM
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_a_start_that_imports_nothing_sets_nothing_aside() -> None:
    kept = gc.get_freeze_count()
    with starting():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == kept


def test_what_a_start_imports_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    with starting():
        monkeypatch.setitem(sys.modules, "a_module_of_this_test", sys)
    assert frozen == [True]
    assert gc.isenabled()
