"""What processes cost is counted once, also while some of them end."""

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
    accounts = processes.read_accounts()
    assert sum(one.own + one.ended for one in accounts.values()) > 0
