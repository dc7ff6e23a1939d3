"""Two transactions write beside each other, and the journal still moves in the plan's order."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.errors import TryAgain
from provisioning.merger.turns import Turns, may_write_beside


def test_the_second_waits_for_the_first() -> None:
    turns, order = Turns(0), []
    second_waits = threading.Event()

    def second() -> None:
        second_waits.set()
        turns.wait(5)
        order.append("second")

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(second)
        assert second_waits.wait(5)
        order.append("first")
        turns.move(5)
        done.result(timeout=5)
    assert order == ["first", "second"]
    assert turns.position == 5


def test_nobody_commits_after_a_gap() -> None:
    turns = Turns(0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(turns.wait, 5)
        turns.give_up()
        with pytest.raises(TryAgain):
            waiting.result(timeout=5)
    with pytest.raises(TryAgain):
        turns.wait(0)


@pytest.mark.parametrize(
    ("op", "beside"),
    [("person.load", True), ("person.move", True), ("login.until", True), ("unit.end", True),
     ("code.end", True), ("event", True), ("unit.begin", False), ("unit.change", False), ("code.begin", False),
     ("undo.units", False), ("a word nobody knows", False)],
)  # fmt: skip
def test_only_what_points_to_nothing_new_is_written_beside(op: str, beside: bool) -> None:
    assert may_write_beside({"op": op}) is beside
