"""The whole country as a register of units without people: the real tables of 2025 before the day, and the decree of the day.

Names, administrative codes and shares are real; agency codes and the heirs of districts are examples (`trial.decree`).
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.plans import Plan, record_approval
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.installation import found_installation
from provisioning.merger.apply import apply_plan
from provisioning.merger.decree_file import read_decree
from provisioning.merger.planning import Author, make_plan
from trial.decree import build_decree, build_units_and_events, write_decree
from trial.offices import Unit as OldUnit
from trial.offices import agency_codes, build_units
from trial.places import Country, read_country
from trial.unit_file import begin_unit_file, build_unit_row

TERRITORIES = ("province", "district", "commune")
GLASS = Actor("break-glass:country", None, "country", "country")


def build_territories(country: Country, new_province: str) -> list[OldUnit]:
    """The old provinces, districts and communes that become one new province."""
    agencies = agency_codes(country)
    return [
        unit
        for province in country.old_provinces(new_province)
        for unit in build_units(country, province, agencies[province.code])
        if unit.level in TERRITORIES
    ]


def build_country_decree(country: Country, provinces: list[str]) -> dict[str, Any]:
    """One decree for these new provinces, their communes and districts."""
    agencies = agency_codes(country)
    begin: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for new in provinces:
        kept = country.old_provinces(new)[0]
        units, happened = build_units_and_events(country, new, agencies[kept.code], build_territories(country, new))
        begin += units
        events += happened
    return build_decree("Sắp xếp đơn vị hành chính năm 2025", begin, events, {"people": {"count": 0}})


def found_country(runtime: Runtime, folder: Path, provinces: list[str] | None = None) -> Country:
    """A register with every territory of before; with `provinces` only what becomes these new ones."""
    country = read_country()
    file = folder / "units-before.csv"
    wanted = provinces or list(country.provinces_after)
    with file.open("w", encoding="utf-8", newline="") as text:
        units = (unit for new in wanted for unit in build_territories(country, new))
        begin_unit_file(text).writerows(build_unit_row(unit) for unit in units)
    now = runtime.clocks.wall()
    with runtime.database.write() as writes:
        found_installation(writes, "Việt Nam", ["Nguyễn Văn Nam", "Trần Thị Lan"], now)
        root = writes.execute(sa.select(Unit.id)).scalar_one()
    import_units(runtime.database, read_units(file.read_bytes()), root, "country", now)
    return country


def merge_country(runtime: Runtime, folder: Path, country: Country, provinces: list[str] | None = None) -> Plan:
    """Plan and apply the decree of the day, the way people do it."""
    file = folder / "country.yaml"
    write_decree(file, build_country_decree(country, provinces or list(country.provinces_after)))
    now = runtime.clocks.wall()
    with runtime.database.read() as reads:
        plan = make_plan(
            reads, runtime.sealer, read_decree(file), [], folder / "country.plan", Author(GLASS.label, "country"), now
        )
    with runtime.database.write() as writes:
        record_approval(writes, plan, "another", now, plan.header.open)
    apply_plan(runtime, plan.path, GLASS)
    return plan
