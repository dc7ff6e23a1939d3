"""What processes cost is counted once, also while some of them end."""

import os

import pytest

from tests.bench import processes
from tests.bench.processes import Account, processor_seconds

ROOT, BELOW, STRANGER = 7, 8, 9
BESIDE = {STRANGER: Account(1, 90.0, 0.0)}
ALIVE = {ROOT: Account(1, 1.0, 0.0), BELOW: Account(ROOT, 5.0, 0.0), **BESIDE}
IN_NONE = {ROOT: Account(1, 1.0, 0.0), **BESIDE}
IN_BOTH = {ROOT: Account(1, 1.0, 5.0), BELOW: Account(ROOT, 5.0, 0.0), **BESIDE}
GONE = {ROOT: Account(1, 1.0, 5.0), **BESIDE}


@pytest.mark.parametrize(
    "readings",
    [
        pytest.param([ALIVE, ALIVE], id="nobody-ends"),
        pytest.param([ALIVE, IN_NONE, GONE, GONE], id="ends-after-its-parent-was-read"),
        pytest.param([IN_NONE, GONE, GONE], id="ends-in-the-first-reading"),
        pytest.param([ALIVE, IN_BOTH, GONE, GONE], id="ends-after-it-was-read"),
    ],
)
def test_a_process_that_ends_meanwhile_is_counted_once(
    monkeypatch: pytest.MonkeyPatch, readings: list[dict[int, Account]]
) -> None:
    left = iter(readings)
    monkeypatch.setattr(processes, "read_accounts", lambda: next(left))
    assert processor_seconds(ROOT) == 6.0


def test_our_own_time_is_among_them() -> None:
    """As the operating system tells it ourselves; it counts in ticks of a hundredth of a second."""
    before = os.times()
    account = processes.read_accounts()[os.getpid()]
    after = os.times()
    assert account.parent == os.getppid()
    tick = 2 / os.sysconf("SC_CLK_TCK")  # User and system time are cut off each by itself.
    assert before.user + before.system - tick <= account.own <= after.user + after.system + tick
    ended = after.children_user + after.children_system
    assert ended - tick <= account.ended <= ended + tick, "nobody ended meanwhile"
    assert account.own > 0
