"""What a step costs is read from the operating system: processes below us count, and what has ended is not forgotten."""

import subprocess
import sys
import time

from trial.teller import Reading
from trial.watching import Watch

BUSY = """
import time
held = bytearray(60_000_000)
until = time.process_time() + 0.6
while time.process_time() < until:
    pass
time.sleep(0.6)
"""


def test_a_child_counts_with_its_memory_and_its_time() -> None:
    with Watch() as watch:
        watch.lap()
        subprocess.run([sys.executable, "-c", BUSY], check=True)
        cost = watch.lap()
        quiet = watch.lap()
    assert cost.memory > 60
    assert cost.largest >= 60
    assert cost.processors > 0.4
    assert quiet.wall < cost.wall
    assert "MB" in str(cost)


def test_a_reading_keeps_what_was_seen_and_who_was_not_served() -> None:
    answers = iter(["old", "old", "new"])
    with Reading(lambda: next(answers), 0.001) as reading:
        while len(reading.samples) < 4:
            time.sleep(0.001)
    assert {"old", "new"} < reading.seen
    assert any(str(seen).startswith("StopIteration") for seen in reading.seen)
    assert "at worst" in str(reading)
