"""The old documents of a document system: written before the merger, under codes of units that end with it.

A CSV with the columns `number`, `date` (ISO), `subject`, `unit_code` (agency code), `unit_name`, as the demonstration
document system imports it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TextIO

from trial.draws import open_draws
from trial.offices import Unit

COLUMNS = ("number", "date", "subject", "unit_code", "unit_name")

_FIRST, _LAST = date(2015, 1, 5), date(2025, 6, 27)
_SUBJECTS = {
    "province": (
        "V/v triển khai kế hoạch phát triển kinh tế - xã hội",
        "V/v tăng cường cải cách thủ tục hành chính",
        "Quyết định phê duyệt quy hoạch sử dụng đất",
    ),
    "department": ("V/v báo cáo công tác quý", "V/v góp ý dự thảo quy định của tỉnh", "V/v tập huấn nghiệp vụ"),
    "district": (
        "Quyết định thu hồi đất để xây dựng đường liên xã",
        "V/v phòng, chống xâm nhập mặn mùa khô",
        "Quyết định cấp kinh phí sửa chữa trường học",
    ),
    "division": ("Tờ trình bố trí kinh phí", "V/v cử công chức dự tập huấn", "Báo cáo kết quả kiểm tra"),
    "commune": (
        "Trích lục khai sinh",
        "Xác nhận tình trạng hôn nhân",
        "V/v xác nhận nguồn gốc đất",
        "Quyết định trợ cấp hộ nghèo",
        "Biên bản hòa giải",
    ),
}
_NOTATIONS = {"province": "UBND-NC", "department": "CV", "district": "UBND", "division": "TTr", "commune": "UBND"}


def build_old_documents(units: Iterable[Unit], draws: random.Random) -> Iterator[tuple[str, ...]]:
    """Two or three documents of each old unit, in the order of COLUMNS."""
    for unit in units:
        for _ in range(draws.choice((2, 2, 3))):
            yield _draw_document(draws, unit)


class OldDocuments:
    """The CSV being written, the units of one province after the other."""

    def __init__(self, file: TextIO, seed: int) -> None:
        self._draws = open_draws(seed, "documents")
        self._rows = csv.writer(file)
        self._rows.writerow(COLUMNS)

    def add(self, units: Iterable[Unit]) -> None:
        """The documents of these units."""
        self._rows.writerows(build_old_documents(units, self._draws))


def _draw_document(draws: random.Random, unit: Unit) -> tuple[str, ...]:
    day = _FIRST + timedelta(days=draws.randrange((_LAST - _FIRST).days))
    number = f"{draws.randrange(1, 900)}/{_NOTATIONS[unit.level]}"
    return number, day.isoformat(), draws.choice(_SUBJECTS[unit.level]), unit.agency, unit.name
