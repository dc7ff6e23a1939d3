"""The decree of a merger as `hopnhat merger plan` reads it: the real units and shares, example codes and heirs.

Rules by which the tables become events:

* one old commune, whole, same code and name: it stands on (`reparent` to the province, and its new codes);
* a new commune whose code and name are those of one old whole commune that absorbs others: `merge_into_existing`;
* any other new commune: a unit of its own that continues the code of the old commune which bore it: `merge_into_new`;
* the province whose name stays takes the others in; departments merge pairwise into the kept province's;
* districts and their offices end: heirs of a district are the new communes on its territory (its documents' keepers),
  the principal one being the one with most of its old communes; heir of an office is the department of its field.

A unit that gains a code of a scheme it already bears gives up the older one that day; the old code stays resolvable.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from trial.offices import DISTRICT_OFFICES, FIRST_NEW_COMMUNE, Unit, bare_name
from trial.places import Commune, Country, Province, Share

Entry = dict[str, Any]

NATIONAL_ASSEMBLY = {"number": "202/2025/QH15", "date": "2025-06-12", "issuer": "Quốc hội"}
EFFECTIVE = "2025-07-01T00:00:00+07:00"
OLD_LOGINS_UNTIL = "2030-06-30"
"""Five years: the story runs on the real clock, long after the merger, and old log-ins must still open the door."""


def new_commune_agency_codes(communes: Iterable[Commune], agency: str) -> dict[str, str]:
    """An example agency code for every new commune: H61.101, H61.102 … in the order of their administrative codes."""
    ordered = sorted(commune.code for commune in communes)
    return {code: f"{agency}.{number}" for number, code in enumerate(ordered, FIRST_NEW_COMMUNE)}


def stands_on(code: str, shares: list[Share]) -> bool:
    """Whether the new commune is an old one that continues, with or without others: same code and name, whole."""
    return any(share.whole and (share.old.code, share.old.name) == (code, share.new.name) for share in shares)


def build_units_and_events(
    country: Country, new_province: str, agency: str, units: list[Unit]
) -> tuple[list[Entry], list[Entry]]:
    """The units that begin and the events of the day for one new province; `units` are all its old ones."""
    olds = country.old_provinces(new_province)
    shares = country.shares_of(new_province)
    codes = new_commune_agency_codes((made[0].new for made in shares.values()), agency)
    begin = [
        _new_unit(code, made, codes[code], olds[0].code) for code, made in shares.items() if not stands_on(code, made)
    ]
    events = [
        *_province_events(olds, new_province),
        *_department_events(olds, units),
        *_commune_events(shares, codes, olds[0].code),
        *_district_events(shares, units, olds[0].code),
    ]
    return begin, events


def build_decree(title: str, begin: list[Entry], events: list[Entry], expect: Entry) -> Entry:
    """The whole decree with its rules for people whom the placement list does not name."""
    return {
        "format": "hopnhat-decree/1",
        "title": title,
        "decision": NATIONAL_ASSEMBLY,
        "effective": EFFECTIVE,
        "example": True,
        "units": begin,
        "events": events,
        "rules": RULES,
        "old_logins_until": OLD_LOGINS_UNTIL,
        "expect": expect,
    }


RULES: list[Entry] = [
    {"level": "province", "duties": ["leader", "deputy"], "to": "undecided"},
    {"level": "department", "duties": ["leader", "deputy"], "to": "undecided"},
    {"level": "commune", "duties": ["leader", "deputy"], "to": "undecided"},
    {"level": "district", "to": "undecided"},
    {"level": "division", "to": "undecided"},
    {"level": "department", "to": "principal"},
    {"level": "commune", "to": "principal"},
]


def build_small_decree(effective: datetime, agency: str, units: list[Unit], old_provinces: list[Province]) -> Entry:
    """A second, small merger of the example: two departments become one at an instant that the story names.

    It comes after the big one: both departments are then those of the kept province. `effective` is an aware datetime.
    """
    by_ref = {unit.ref: unit for unit in units}
    kept = old_provinces[0].code
    into, absorbed = by_ref[f"p{kept}-so-noi-vu"], by_ref[f"p{kept}-so-dan-toc"]
    return {
        "format": "hopnhat-decree/1",
        "title": f"Nhập {absorbed.name} vào {into.name} (ví dụ)",
        "decision": {
            "number": "01/2026/NQ-HĐND (ví dụ)",
            "date": "2026-01-15",
            "issuer": f"HĐND {old_provinces[0].name}",
        },
        "effective": effective.isoformat(timespec="seconds"),
        "example": True,
        "units": [],
        "events": [
            {
                "kind": "merge_into_existing",
                "into": _agency(into.agency),
                "from": [{"unit": _agency(absorbed.agency), "share": "whole", "principal": True}],
            }
        ],
        "rules": [
            {"level": "department", "duties": ["leader", "deputy"], "to": "undecided"},
            {"level": "department", "to": "principal"},
        ],
        "old_logins_until": f"{effective.year + 1}-12-31",
    }


def write_decree(path: Path, decree: Entry) -> None:
    """Write the decree as YAML that people can read: one unit, one event, one rule a line."""
    with DecreeSpool(path) as spool:
        spool.add(decree["units"], decree["events"])
        spool.finish(decree)


class DecreeSpool:
    """A decree being written: units and events wait in files beside it until its head is known."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting = {key: tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent) for key in SPOOLED}  # noqa: SIM115 — closed in __exit__
        self._counts = dict.fromkeys(SPOOLED, 0)

    def __enter__(self) -> DecreeSpool:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._waiting.values():
            file.close()

    def add(self, units: Iterable[Entry], events: Iterable[Entry]) -> None:
        """Some more units that begin, some more events."""
        for key, entries in (("units", units), ("events", events)):
            for entry in entries:
                self._waiting[key].write(f"  - {_flow(entry)}\n")
                self._counts[key] += 1

    def finish(self, decree: Entry) -> None:
        """Write the file: the decree's own entries, with what waits in its place."""
        with self._path.open("w", encoding="utf-8") as file:
            file.write(
                "# Ví dụ / example: agency codes (Decision 20/2020) and the heirs of districts are made up for this file.\n"
            )
            for key, value in decree.items():
                if key in SPOOLED:
                    file.write(f"{key}:{'' if self._counts[key] else ' []'}\n")
                    self._waiting[key].seek(0)
                    shutil.copyfileobj(self._waiting[key], file)
                elif isinstance(value, list):
                    file.write(f"{key}:{'' if value else ' []'}\n")
                    file.writelines(f"  - {_flow(entry)}\n" for entry in value)
                else:
                    file.write(f"{key}: {_flow(value)}\n")


SPOOLED = ("units", "events")
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _flow(value: Any) -> str:
    """One value on one line."""
    text: str = yaml.dump(
        value, Dumper=DUMPER, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _admin_2004(code: str) -> Entry:
    return {"scheme": "admin-2004", "code": code}


def _agency(code: str) -> Entry:
    return {"scheme": "agency", "code": code}


def _new_codes(code: str, agency: str) -> list[Entry]:
    return [{"scheme": "admin", "code": code}, {"scheme": "agency", "code": agency, "status": "proposed"}]


def _new_unit(code: str, made: list[Share], agency: str, kept_province: str) -> Entry:
    admin, own = _new_codes(code, agency)
    if any(share.old.code == code for share in made):
        admin["continues"] = _admin_2004(code)
    name = made[0].new.name
    return {
        "ref": f"c{code}", "level": "commune", "kind": "office", "name": name, "short_name": bare_name(name),
        "parent": _admin_2004(kept_province), "codes": [admin, own],
    }  # fmt: skip


def _from(share: Share) -> Entry:
    return {
        "unit": _admin_2004(share.old.admin_code),
        "share": "whole" if share.whole else "part",
        "principal": share.principal,
    }


def _province_events(olds: list[Province], new_province: str) -> Iterator[Entry]:
    kept = olds[0].code
    code: list[Entry] = [{"scheme": "admin", "code": new_province}]
    if kept != new_province:  # the name is one province's, the seat, and with it the number, another's
        code[0]["continues"] = _admin_2004(new_province)
    if len(olds) == 1:
        yield {"kind": "recode", "unit": _admin_2004(kept), "codes": code}
        return
    absorbed = [{"unit": _admin_2004(old.code), "share": "whole", "principal": True} for old in olds[1:]]
    yield {"kind": "merge_into_existing", "into": _admin_2004(kept), "from": absorbed, "codes": code}


def _department_events(olds: list[Province], units: list[Unit]) -> Iterator[Entry]:
    by_place = {(unit.province, unit.office): unit for unit in units if unit.level == "department"}
    for (province, office), into in by_place.items():
        others = [by_place[old.code, office] for old in olds[1:] if (old.code, office) in by_place]
        if province == olds[0].code and others:
            absorbed = [{"unit": _agency(other.agency), "share": "whole", "principal": True} for other in others]
            yield {"kind": "merge_into_existing", "into": _agency(into.agency), "from": absorbed}


def _commune_events(shares: dict[str, list[Share]], codes: dict[str, str], kept_province: str) -> Iterator[Entry]:
    parent = _admin_2004(kept_province)
    for code, made in shares.items():
        if not stands_on(code, made):
            yield {"kind": "merge_into_new", "into": {"ref": f"c{code}"}, "from": [_from(share) for share in made]}
            continue
        itself = _admin_2004(code)
        yield {"kind": "reparent", "unit": itself, "parent": parent}
        absorbed = [_from(share) for share in made if share.old.code != code]
        if absorbed:
            new_codes = _new_codes(code, codes[code])
            yield {"kind": "merge_into_existing", "into": itself, "from": absorbed, "codes": new_codes}
        else:
            yield {"kind": "recode", "unit": itself, "codes": _new_codes(code, codes[code])}


def _district_events(shares: dict[str, list[Share]], units: list[Unit], kept_province: str) -> Iterator[Entry]:
    territory: dict[str, Counter[str]] = {}
    standing = {code for code, made in shares.items() if stands_on(code, made)}
    for code, made in shares.items():
        for share in made:
            territory.setdefault(share.old.district, Counter())[code] += 1
    # A district without communes merges as a commune does, in the events of the communes.
    own_events = {share.old.district for made in shares.values() for share in made if not share.old.code}
    departments = {(unit.province, unit.office): unit for unit in units if unit.level == "department"}
    heirs_of_field = {office.key: office.heir for office in DISTRICT_OFFICES}
    for unit in units:
        if unit.level == "district" and unit.district not in own_events:
            heirs = [_heir(code, standing) for code, _ in territory[unit.district].most_common()]
            heirs[0]["principal"] = True
            yield {"kind": "dissolve", "unit": _admin_2004(unit.admin), "heirs": heirs}
        elif unit.level == "division":
            department = departments[kept_province, heirs_of_field[unit.office]]
            heir = {"unit": _agency(department.agency), "share": "part", "principal": True}
            yield {"kind": "dissolve", "unit": _agency(unit.agency), "heirs": [heir]}


def _heir(code: str, standing: set[str]) -> Entry:
    unit = _admin_2004(code) if code in standing else {"ref": f"c{code}"}
    return {"unit": unit, "share": "part", "principal": False}
