"""Everything a merger needs, from the real tables and a seed, written into one folder.

```
units-before.csv      the old units (trial.unit_file)
rosters-first/        the rosters as they first arrive: with faults, to be reported whole
rosters/              the same after HR mended the faults; the other dirt is still there
answers-first.jsonl   what is wrong in rosters-first   (trial.answers; never shown to the importer)
answers.jsonl         what is wrong in rosters
decree.yaml           the merger                       (trial.decree)
placement.xlsx        who goes where                   (trial.placement)
small-placement.xlsx  the leaders of the small merger; its decree is written when the story knows the instant
old-documents.csv     what a document system still holds under old codes (trial.old_documents)
manifest.json         counts, known people with their log-ins, expected outcomes
```

The same seed gives the same bytes. One new province is in memory at a time, so the whole country flows through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from trial.answers import Answer, write_answers
from trial.decree import (
    Entry,
    build_decree,
    build_small_decree,
    build_units_and_events,
    new_commune_agency_codes,
    write_decree,
)
from trial.dirt import draw_faults, soil_books, walk
from trial.offices import Unit, agency_codes, bare_name, build_units
from trial.officials import Official, Register, build_officials
from trial.old_documents import write_old_documents
from trial.personas import PERSONAS
from trial.placement import (
    Placement,
    Placements,
    build_placements,
    build_small_placements,
    units_placed_by_name,
    write_placements,
)
from trial.places import Country, Province, read_country
from trial.posts import COUNTRY_SIZES, MERGER_SIZES, Sizes
from trial.roster_files import Faults, build_answers, write_books
from trial.rosters import Book, build_books
from trial.unit_file import write_unit_file

SEED = 2025
DEFAULT_PROVINCE = "86"


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the story as the manifest names them; `password` is empty where a letter is needed."""

    key: str
    name: str
    login: str
    personal_number: str
    birth_date: str
    email: str
    unit_name: str
    unit_agency: str
    unit_admin: str
    title: str
    password: str


@dataclass(frozen=True, slots=True)
class ProvinceTrial:
    """All that was made for one new province."""

    olds: list[Province]
    units: list[Unit]
    officials: list[Official]
    books: list[Book]
    faults: Faults
    begin: list[Entry]
    events: list[Entry]
    placements: Placements
    small_placements: list[Placement]

    @property
    def people(self) -> int:
        """How many people an importer knows that joins by personal number only."""
        return len({row.official.personal_number for _, _, row in walk(self.books)})


@dataclass(frozen=True, slots=True)
class Trial:
    """What was written: the folder and what the story must know about it."""

    folder: Path
    people: int
    rows: int
    leavers: int
    undecided: int
    conflicts: tuple[str, ...]
    known: dict[str, Known]

    @property
    def rosters(self) -> list[Path]:
        """The mended rosters, in the order in which they arrive."""
        return sorted(path for path in (self.folder / "rosters").iterdir())

    @property
    def rosters_first(self) -> list[Path]:
        """The rosters with faults."""
        return sorted(path for path in (self.folder / "rosters-first").iterdir())


def build_province_trial(
    country: Country, new_province: str, sizes: Sizes = MERGER_SIZES, seed: int = SEED
) -> ProvinceTrial:
    """Everything for one new province, as values."""
    olds, agencies = country.old_provinces(new_province), agency_codes(country)
    register = Register()
    units: list[Unit] = []
    officials: list[Official] = []
    books: list[Book] = []
    for old in olds:
        own = build_units(country, old, agencies[old.code])
        people = list(build_officials(own, old.code, sizes, seed, register))
        districts = {district.code: district.name for district in country.districts_of(old.code)}
        first_key = max((row.key for _, _, row in walk(books)), default=-1) + 1
        books += build_books(old, people, districts, first_key)
        units += own
        officials += people
    shares, agency = country.shares_of(new_province), agencies[olds[0].code]
    soil_books(books, register, seed, new_province, units_placed_by_name(units, shares))
    codes = new_commune_agency_codes((made[0].new for made in shares.values()), agency)
    begin, events = build_units_and_events(country, new_province, agency, units)
    placements = build_placements(officials, units, shares, codes, seed, new_province)
    small = build_small_placements(officials, units)
    return ProvinceTrial(
        olds, units, officials, books, draw_faults(books, seed, new_province), begin, events, placements, small
    )


def write_trial(
    folder: Path, provinces: Sequence[str] = (DEFAULT_PROVINCE,), *, sizes: Sizes | None = None, seed: int = SEED
) -> Trial:
    """Write the files of one or more new provinces; the whole country with `provinces=all_provinces()`."""
    country = read_country()
    chosen = sizes or (MERGER_SIZES if len(provinces) == 1 else COUNTRY_SIZES)
    folder.mkdir(parents=True, exist_ok=True)
    totals = _Totals(folder, seed)
    for code in provinces:
        totals.add(build_province_trial(country, code, chosen, seed))
    return totals.close(_title(country, provinces))


def all_provinces() -> tuple[str, ...]:
    """The codes of all 34 new provinces."""
    return tuple(read_country().provinces_after)


def write_small_decree(trial: Trial, effective: datetime, province: str = DEFAULT_PROVINCE) -> Path:
    """Write the decree of the small merger for an instant (aware), beside the other files."""
    country = read_country()
    olds, agencies = country.old_provinces(province), agency_codes(country)
    units = build_units(country, olds[0], agencies[olds[0].code])
    path = trial.folder / "small-decree.yaml"
    write_decree(path, build_small_decree(effective, agencies[olds[0].code], units, olds))
    return path


def _title(country: Country, provinces: Sequence[str]) -> str:
    if len(provinces) > 1:
        return f"Sắp xếp {len(provinces)} đơn vị hành chính cấp tỉnh"
    olds = country.old_provinces(provinces[0])
    if len(olds) == 1:
        return f"Sắp xếp các đơn vị hành chính của {olds[0].name}"
    return f"Sáp nhập các tỉnh {', '.join(bare_name(old.name) for old in olds)}"


class _Totals:
    """Collects, province by province, what goes into one file for all of them; people flow through to the disk."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.begin: list[Entry] = []
        self.events: list[Entry] = []
        self.answers: list[Answer] = []
        self.first_answers: list[Answer] = []
        self.placements: list[Placement] = []
        self.small: list[Placement] = []
        self.units: list[Unit] = []
        self.known: dict[str, Known] = {}
        self.conflicts: list[str] = []
        self.people = self.rows = self.leavers = self.undecided = 0

    def add(self, trial: ProvinceTrial) -> None:
        """Write the rosters of one new province and keep its share of the common files."""
        write_books(self.folder / "rosters", trial.books, {})
        write_books(self.folder / "rosters-first", trial.books, trial.faults)
        self.answers += build_answers(trial.books, {})
        self.first_answers += build_answers(trial.books, trial.faults)
        self.begin += trial.begin
        self.events += trial.events
        self.placements += trial.placements.rows
        self.small = self.small or trial.small_placements
        self.units += trial.units
        self.known |= {known.key: known for known in _known_people(trial.officials)}
        self.conflicts += trial.placements.conflicts
        self.people += trial.people
        self.rows += sum(1 for _ in walk(trial.books))
        self.leavers += len(trial.placements.leavers)
        self.undecided += len(trial.placements.undecided)

    def close(self, title: str) -> Trial:
        """Write the common files and the manifest."""
        write_unit_file(self.folder / "units-before.csv", self.units)
        write_old_documents(self.folder / "old-documents.csv", self.units, self.seed)
        write_answers(self.folder / "answers.jsonl", self.answers)
        write_answers(self.folder / "answers-first.jsonl", self.first_answers)
        expect = {
            "people": {"count": self.people, "tolerance": 20},
            "leave": {"at_most": self.leavers + 10},
            "undecided": {"at_most": self.undecided + 10},
        }
        write_decree(self.folder / "decree.yaml", build_decree(title, self.begin, self.events, expect))
        write_placements(self.folder / "placement.xlsx", self.placements)
        write_placements(self.folder / "small-placement.xlsx", self.small, "1/QĐ-UBND (ví dụ)")
        trial = Trial(
            self.folder, self.people, self.rows, self.leavers, self.undecided, tuple(self.conflicts), self.known
        )
        (self.folder / "manifest.json").write_text(
            json.dumps(_manifest(trial), ensure_ascii=False, indent=1), encoding="utf-8"
        )
        return trial


def _manifest(trial: Trial) -> dict[str, Any]:
    known = {key: {field: getattr(one, field) for field in Known.__slots__} for key, one in trial.known.items()}
    return {
        "people": trial.people, "rows": trial.rows, "leavers": trial.leavers, "undecided": trial.undecided,
        "conflicts": list(trial.conflicts), "known": known,
    }  # fmt: skip


def _known_people(officials: list[Official]) -> Iterator[Known]:
    passwords = {persona.key: persona.password for persona in PERSONAS}
    for official in officials:
        if official.persona:
            unit = official.unit
            yield Known(
                official.persona, official.name.full, official.login, official.personal_number,
                official.born.isoformat(), official.email, unit.name, unit.agency, unit.admin,
                official.chair.posts[0].title, passwords[official.persona],
            )  # fmt: skip
