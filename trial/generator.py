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
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from trial.answers import write_answers
from trial.casting import Casting, cast
from trial.decree import (
    DecreeSpool,
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
from trial.old_documents import OldDocuments
from trial.placement import (
    Placement,
    PlacementBook,
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
from trial.unit_file import begin_unit_file, build_unit_row

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

    casting: Casting
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
    units: int = 0

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
    casting = cast(country, new_province)
    register = Register(casting.by_chair)
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
    placements = build_placements(officials, units, shares, codes, seed, new_province, casting.commune)
    small = build_small_placements(officials, units)
    faults = draw_faults(books, seed, new_province)
    return ProvinceTrial(casting, olds, units, officials, books, faults, begin, events, placements, small)


def write_trial(
    folder: Path, provinces: Sequence[str] = (DEFAULT_PROVINCE,), *, sizes: Sizes | None = None, seed: int = SEED
) -> Trial:
    """Write the files of one or more new provinces; the whole country with `provinces=all_provinces()`."""
    country = read_country()
    chosen = sizes or (MERGER_SIZES if len(provinces) == 1 else COUNTRY_SIZES)
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in ("rosters", "rosters-first"):
        shutil.rmtree(folder / earlier, ignore_errors=True)
    totals = _Totals(folder, seed, DEFAULT_PROVINCE if DEFAULT_PROVINCE in provinces else provinces[0])
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
    """Writes, province by province, what goes into one file for all of them; only counts and the known people are kept."""

    def __init__(self, folder: Path, seed: int, story: str) -> None:
        self.folder = folder
        self.story = story
        self.known: dict[str, Known] = {}
        self.conflicts: list[str] = []
        self.people = self.rows = self.leavers = self.undecided = self.units = 0
        self.stack = ExitStack()
        self.unit_rows = begin_unit_file(self._open("units-before.csv", newline=""))
        self.documents = OldDocuments(self._open("old-documents.csv", newline=""), seed)
        self.answers = self._open("answers.jsonl")
        self.first_answers = self._open("answers-first.jsonl")
        self.decree = self.stack.enter_context(DecreeSpool(folder / "decree.yaml"))
        self.placements = PlacementBook(folder / "placement.xlsx")
        self.stack.callback(self.placements.close)

    def _open(self, name: str, newline: str | None = None) -> TextIO:
        return self.stack.enter_context((self.folder / name).open("w", encoding="utf-8", newline=newline))

    def add(self, trial: ProvinceTrial) -> None:
        """Write what one new province brings."""
        write_books(self.folder / "rosters", trial.books, {})
        write_first_books(self.folder, trial)
        write_answers(self.answers, build_answers(trial.books, {}))
        write_answers(self.first_answers, build_answers(trial.books, trial.faults))
        self.unit_rows.writerows(build_unit_row(unit) for unit in trial.units)
        self.documents.add(trial.units)
        self.decree.add(trial.begin, trial.events)
        self.placements.add(trial.placements.rows)
        if trial.casting.province == self.story:
            small = self.folder / "small-placement.xlsx"
            write_placements(small, trial.small_placements, "1/QĐ-UBND (ví dụ)")
            self.known = {known.key: known for known in _known_people(trial)}
        self.conflicts += trial.placements.conflicts
        self.people += trial.people
        self.rows += sum(1 for _ in walk(trial.books))
        self.leavers += len(trial.placements.leavers)
        self.undecided += len(trial.placements.undecided)
        self.units += len(trial.units)

    def close(self, title: str) -> Trial:
        """Write what needs the totals, and the manifest."""
        expect = {
            "people": {"count": self.people, "tolerance": 20},
            "leave": {"at_most": self.leavers + 10},
            "undecided": {"at_most": self.undecided + 10},
        }
        self.decree.finish(build_decree(title, [], [], expect))
        self.stack.close()
        trial = Trial(
            self.folder,
            self.people,
            self.rows,
            self.leavers,
            self.undecided,
            tuple(self.conflicts),
            self.known,
            self.units,
        )
        (self.folder / "manifest.json").write_text(
            json.dumps(_manifest(trial), ensure_ascii=False, indent=1), encoding="utf-8"
        )
        return trial


def write_first_books(folder: Path, trial: ProvinceTrial) -> None:
    """The rosters as they first arrive; a file without a fault is the mended one."""
    target = folder / "rosters-first"
    target.mkdir(exist_ok=True)
    for book in trial.books:
        if any(row.key in trial.faults for sheet in book.sheets for row in sheet.rows):
            write_books(target, [book], trial.faults)
        else:
            shutil.copyfile(folder / "rosters" / book.file, target / book.file)


def _manifest(trial: Trial) -> dict[str, Any]:
    known = {key: {field: getattr(one, field) for field in Known.__slots__} for key, one in trial.known.items()}
    return {
        "people": trial.people, "units": trial.units, "rows": trial.rows, "leavers": trial.leavers, "undecided": trial.undecided,
        "conflicts": list(trial.conflicts), "known": known,
    }  # fmt: skip


def _known_people(trial: ProvinceTrial) -> Iterator[Known]:
    passwords = {persona.key: persona.password for persona in trial.casting.personas}
    for official in trial.officials:
        if official.persona:
            unit = official.unit
            yield Known(
                official.persona, official.name.full, official.login, official.personal_number,
                official.born.isoformat(), official.email, unit.name, unit.agency, unit.admin,
                official.chair.posts[0].title, passwords[official.persona],
            )  # fmt: skip
