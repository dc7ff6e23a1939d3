"""What docs/run-a-merger.md has a clerk type: its file of units and its decree work as they stand there."""

import re
from pathlib import Path

from directory.unit_file import read_units
from directory.unit_import import import_units
from directory.units import list_units
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.runtime import Runtime
from provisioning.installation import found_installation
from provisioning.merger.decree_file import read_decree
from provisioning.merger.planning import Author, make_plan
from tests.services.clock import MovableClock

PAGE = (Path(__file__).parents[3] / "docs" / "run-a-merger.md").read_text(encoding="utf-8")
(UNITS,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
DECREE = next(found for found in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if found.startswith("format:"))


def test_units_and_decree_of_the_page_become_a_plan(runtime: Runtime, clock: MovableClock, tmp_path: Path) -> None:
    clock.set("2025-06-20T09:00:00+07:00")
    now = AsOf(clock.now)
    with runtime.database.write() as writes:
        found_installation(writes, "Bộ Nội vụ", ["Lê Thị Thu Hoa", "Trần Văn Nam"], clock.now)
    with runtime.database.read() as reads:
        (root,) = list_units(reads, now)
    assert import_units(runtime.database, read_units(UNITS.encode()), root.id, "tester", clock.now) == 5
    decree = tmp_path / "decree.yaml"
    decree.write_text(re.sub(r"(?m)^expect: .*$", "expect: {people: {count: 0}}", DECREE), encoding="utf-8")
    with runtime.database.read() as reads:
        plan = make_plan(
            reads, runtime.sealer, read_decree(decree), [], tmp_path / "vinh-long.plan", Author("x", "x"), clock.now
        )
    assert plan.header.effective == "2025-06-30T17:00:00Z"
    assert parse_instant(plan.header.effective) > clock.now
    ended = [line["name"] for line in plan.each_line() if line["op"] == "unit.end"]
    assert sorted(ended) == ["Phường An Hội", "Phường Phú Khương", "Tỉnh Bến Tre", "Tỉnh Trà Vinh"]
    assert all(guard.holds for guard in plan.header.guards)
    assert "expect: {people: {count: 8100" in DECREE, "its own numbers are those of a province with people"
