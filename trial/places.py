"""The real administrative units before and after 1 July 2025, read from the tables in `data/vietnam-2025`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Province:
    """A province; `code` has two digits."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class District:
    """A district of before; `code` has three digits."""

    code: str
    name: str
    province: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune; `code` has five digits, `district` is empty after the reform.

    Five island districts had no commune: `code` is empty for them and the district itself stands for the commune.
    """

    code: str
    name: str
    district: str
    province: str

    @property
    def ref(self) -> str:
        """The name of the unit inside files of the trial: c28756, or d755 for a district without communes."""
        return f"c{self.code}" if self.code else f"d{self.district}"

    @property
    def admin_code(self) -> str:
        """The code of Decision 124/2004 under which the unit is found."""
        return self.code or self.district


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the reform: the old commune passed, whole or in part, to the new one."""

    old: Commune
    new: Commune
    whole: bool
    principal: bool


@dataclass(frozen=True)
class Country:
    """All tables of the reform, indexed as the generator asks for them."""

    provinces_before: dict[str, Province]
    provinces_after: dict[str, Province]
    districts: dict[str, District]
    communes_before: tuple[Commune, ...]
    communes_after: dict[str, Commune]
    province_mergers: tuple[tuple[str, str], ...]
    shares: tuple[Share, ...]

    def old_provinces(self, new_code: str) -> list[Province]:
        """The provinces that become the given one; the one that keeps its name comes first."""
        kept = self.provinces_after[new_code].name
        olds = [self.provinces_before[old] for old, new in self.province_mergers if new == new_code]
        return sorted(olds, key=lambda province: (province.name != kept, province.code))

    def districts_of(self, province: str) -> list[District]:
        """The districts of an old province, by code."""
        return [district for district in self.districts.values() if district.province == province]

    def communes_of(self, district: str) -> list[Commune]:
        """The communes of an old district, by code; an island district has none."""
        return self._by_district.get(district, [])

    def shares_of(self, new_province: str) -> dict[str, list[Share]]:
        """For each new commune of a new province, by its code: what it is made of."""
        return self._by_new_province[new_province]

    @cached_property
    def _by_district(self) -> dict[str, list[Commune]]:
        found: dict[str, list[Commune]] = {}
        for commune in self.communes_before:
            if commune.code:
                found.setdefault(commune.district, []).append(commune)
        return found

    @cached_property
    def _by_new_province(self) -> dict[str, dict[str, list[Share]]]:
        found: dict[str, dict[str, list[Share]]] = {code: {} for code in self.provinces_after}
        for share in self.shares:
            found[share.new.province].setdefault(share.new.code, []).append(share)
        return found


def tables_folder() -> Path:
    """Where the tables of the reform lie: in the repository, beside the rooms."""
    return Path(__file__).resolve().parent.parent / "data" / "vietnam-2025"


def read_country(folder: Path | None = None) -> Country:
    """The whole reform from its seven tables."""
    where = folder or tables_folder()
    after = {
        row["code"]: Commune(row["code"], row["name"], "", row["province_code"])
        for row in _rows(where, "communes_after")
    }
    before = tuple(
        Commune(row["code"], row["name"], row["district_code"], row["province_code"])
        for row in _rows(where, "communes_before")
    )
    by_key = {(commune.code, commune.district): commune for commune in before}
    return Country(
        provinces_before={row["code"]: Province(row["code"], row["name"]) for row in _rows(where, "provinces_before")},
        provinces_after={row["code"]: Province(row["code"], row["name"]) for row in _rows(where, "provinces_after")},
        districts={
            row["code"]: District(row["code"], row["name"], row["province_code"])
            for row in _rows(where, "districts_before")
        },
        communes_before=before,
        communes_after=after,
        province_mergers=tuple((row["old_code"], row["new_code"]) for row in _rows(where, "province_mergers")),
        shares=tuple(
            Share(
                old=by_key[row["old_code"], row["old_district_code"]],
                new=after[row["new_code"]],
                whole=row["share"] == "whole",
                principal=row["principal"] == "1",
            )
            for row in _rows(where, "commune_mergers")
        ),
    )


def _rows(folder: Path, table: str) -> Iterator[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
