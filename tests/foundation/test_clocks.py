"""Instants as people and programs write them."""

from datetime import UTC, datetime

import pytest

from foundation.clocks import Clocks, as_rfc3339, local_day, parse_instant
from foundation.errors import BadInput

MERGER = datetime(2025, 6, 30, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2025-07-01", " 2025-07-01 ", "2025-07-01T00:00:00+07:00", "2025-06-30T17:00:00Z", "2025-07-01T00:00:00"]
)
def test_one_instant_in_many_writings(text: str) -> None:
    assert parse_instant(text) == MERGER


@pytest.mark.parametrize("text", ["", "01/07/2025", "2025-13-01", "2025-02-29", "soon", "2025-07-01T25:00"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_instant(text)


def test_the_registers_clock_may_stand_elsewhere_the_walls_never() -> None:
    clocks = Clocks(lambda: datetime(2025, 5, 1, tzinfo=UTC))
    assert clocks.at(MERGER).register() == MERGER
    assert clocks.at(MERGER).wall() == clocks.wall() == clocks.register()
    assert Clocks().wall().tzinfo is UTC


def test_machine_output_is_utc_and_days_are_local() -> None:
    assert as_rfc3339(MERGER) == "2025-06-30T17:00:00Z"
    assert str(local_day(MERGER)) == "2025-07-01"
