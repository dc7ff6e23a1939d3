"""An order for addresses whose day is moved: the new ones begin then, and the old ones go on for as long after it as they would have."""

from datetime import timedelta

import pytest

from foundation.clocks import parse_instant
from foundation.plans import Plan, find_run
from provisioning.merger.planning import Author
from provisioning.merger.retiming import plan_retime
from tests.provisioning.loads import Installation
from tests.provisioning.mail.test_new_addresses import DAY_ONE, END, Call, call, digest, give, held, installation, make

__all__ = ["call", "installation"]
MOMENT = timedelta(seconds=1)


def postpone(installation: Installation, plan: Plan, to: str) -> Plan:
    runtime, one = installation.runtime, installation.administrators[0]
    with runtime.database.read() as reads:
        run = find_run(reads, plan.digest)
        assert run is not None
        out, author = installation.folder / f"to-{to}.plan", Author(str(one.person_id), one.name)
        made = plan_retime(reads, run, parse_instant(to), out, author, "9/QĐ", runtime.clocks.wall())
    give(installation, made)
    return made


@pytest.mark.parametrize("to", ["2025-09-01", "2025-06-28"], ids=["later", "sooner"])
def test_old_addresses_are_delivered_as_long_after_the_new_day(installation: Installation, call: Call, to: str) -> None:
    runtime = installation.runtime
    plan = make(installation, call)
    give(installation, plan)
    before = digest(runtime)
    moved = postpone(installation, plan, to)
    day, end = parse_instant(to), END + (parse_instant(to) - DAY_ONE)
    new, old = "hoa.lt@anbinh.vinhlong.gov.vn", "hoa@cu.bentre.gov.vn"
    assert held(runtime, "Lê Thị Hoa", day - MOMENT) == (old,)
    assert held(runtime, "Lê Thị Hoa", day) == held(runtime, "Lê Thị Hoa", end - MOMENT) == (new, old)
    assert held(runtime, "Lê Thị Hoa", end) == (new,)
    assert held(runtime, "Trần Thị Lan", day - MOMENT) == ()
    assert held(runtime, "Trần Thị Lan", day) == ("lan.tt@vinhlong.gov.vn",)
    postpone(installation, moved, "2025-07-01")
    assert digest(runtime) == before


def test_an_address_that_was_old_before_ends_later_too(installation: Installation, call: Call) -> None:
    runtime = installation.runtime
    give(installation, make(installation, call))
    second = make(
        installation, call, title="Lần hai", effective="2025-08-01", old_until="2025-12-31", keep=False,
        domains=[{"unit": "H61", "domain": "moi.vinhlong.gov.vn"}],
    )  # fmt: skip
    give(installation, second)
    middle = "hoa.lt@anbinh.vinhlong.gov.vn"
    assert middle in held(runtime, "Lê Thị Hoa", parse_instant("2025-12-31") - MOMENT)
    postpone(installation, second, "2025-08-11")
    assert middle in held(runtime, "Lê Thị Hoa", parse_instant("2026-01-10") - MOMENT)
    assert middle not in held(runtime, "Lê Thị Hoa", parse_instant("2026-01-10"))
    assert held(runtime, "Lê Thị Hoa", parse_instant("2025-08-10"))[0] == middle
