"""Rosters: the check and the plan of a load, in people a second and megabytes, at three sizes of one roster, as CSV and as XLSX.

Each step runs in a process of its own, so that its memory is its own; the people are made here, none alike, in communes of sixty.
`HOPNHAT_BENCH_PEOPLE` sets the sizes (`20000,60000` here; `300000` is the size of the country).
"""

import csv
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter

import provisioning.tables
from directory.models import Unit
from directory.unit_file import read_units
from directory.unit_import import import_units
from foundation.clocks import parse_instant
from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from provisioning.installation import found_installation
from provisioning.merger.planning import Author
from provisioning.rosters.check import Check
from provisioning.rosters.deliveries import Delivery
from provisioning.rosters.loading import plan_load
from provisioning.rosters.unit_book import open_unit_book
from tests.bench.figures import Figure, measure
from tests.services.schema import create_schema

assert provisioning.tables.ROOMS
SIZES = tuple(int(size) for size in os.environ.get("HOPNHAT_BENCH_PEOPLE", "20000,60000").split(","))
AT = parse_instant("2025-06-24")
PLAN_RATE = 5000
MEGABYTES = 500
HEADINGS = (
    "STT", "Họ và tên", "Ngày sinh", "Số định danh cá nhân (CCCD)", "Mã đơn vị", "Loại mã", "Chức vụ", "Nhiệm vụ",
    "Khối (Đảng/HĐND/UBND…)", "Chính/kiêm nhiệm", "Thư điện tử công vụ", "Điện thoại", "Tên đăng nhập", "Mã CBCCVC",
)  # fmt: skip
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
MIDDLES = ("Văn", "Thị", "Hữu", "Ngọc", "Minh", "Thanh", "Quốc", "Mỹ", "Hoàng", "Thị Kim", "Đức", "Xuân", "Công")
GIVEN = (
    "Hoa",
    "Lan",
    "Dũng",
    "Phượng",
    "Ánh",
    "Nam",
    "Tuấn",
    "Hằng",
    "Yến",
    "Khánh",
    "Thảo",
    "Quỳnh",
    "Sơn",
    "Tâm",
    "Việt",
    "Lộc",
    "Tú",
)
TITLES = (
    "Văn thư",
    "Phó Chủ tịch UBND",
    "Công chức Tư pháp – Hộ tịch",
    "Kế toán",
    "Chuyên viên",
    "Công chức Địa chính – Xây dựng",
)
COMMUNE = 60


@dataclass(frozen=True)
class Step:
    """What a process says of its step: seconds of wall and of the processor, and its peak in megabytes."""

    wall: float
    processor: float
    memory: float


@measure("rosters")
def measure_rosters() -> list[Figure]:
    """Every size, both formats, check and plan."""
    return [figure for size in SIZES for figure in measure_size(size)]


def measure_size(size: int) -> Iterator[Figure]:
    """One roster of so many people."""
    with tempfile.TemporaryDirectory(prefix="hn-bench-rosters-") as folder:
        place = Path(folder)
        apart(partial(found_register, place, size))
        for kind in ("csv", "xlsx"):
            file = place / f"roster.{kind}"
            apart(partial(write_roster, file, size))
            for name, act in (("check", check_roster), ("→ plan", plan_roster)):
                step = apart(partial(act, place, file))
                beside = f"{size:,} people, {kind.upper()}: roster {name}"
                goal = PLAN_RATE if name == "→ plan" else None
                yield Figure(beside, size / step.wall, "people/s", goal, "more")
                yield Figure(f"{beside}, of processor time", size / step.processor, "people/s")
                yield Figure(f"{beside}, peak memory", step.memory, "MB", MEGABYTES)


def people(size: int) -> Iterator[tuple[Any, ...]]:
    """So many people, none alike, as the cells of a roster."""
    for number in range(size):
        born = date(1962, 1, 1) + timedelta(days=number * 7919 % 16000)
        names = FAMILIES[number % 11], MIDDLES[number // 11 % 13], GIVEN[number // 143 % 17]
        sex = number % 2 + (2 if born.year >= 2000 else 0)
        identity = f"086{sex}{born:%y}{number + 100001:06}"
        login = f"canbo{number}"
        yield (
            number + 1, " ".join(names), born, identity, f"H61.{number // COMMUNE + 1}", "agency", TITLES[number % 6],
            "văn thư" if number % 20 == 0 else "", "UBND", "Chính", f"{login}@vinhlong.gov.example", f"09{number:08}", login,
            f"VL{number:06}",
        )  # fmt: skip


def write_roster(path: Path, size: int) -> None:
    """The roster as CSV or XLSX, true dates in the workbook."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADINGS)
            writer.writerows(
                [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in row] for row in people(size)
            )
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("Danh sách"), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADINGS)
        for line, row in enumerate(people(size), 1):
            for column, cell in enumerate(row):
                sheet.write(line, column, cell, day if isinstance(cell, date) else None)


def found_register(folder: Path, size: int) -> None:
    """A register with a province and its communes, on SQLite."""
    with open_register(folder) as runtime:
        create_schema(runtime.database)
        now = runtime.clocks.wall()
        with runtime.database.write() as writes:
            found_installation(writes, "Việt Nam", ["Nguyễn Văn Nam", "Trần Thị Lan"], now)
            root = writes.execute(sa.select(Unit.id)).scalar_one()
        head = "ref,level,kind,name,short_name,parent_ref,valid_from,scheme1,code1,scheme2,code2,hotline,example\n"
        lines = ["p,province,office,Tỉnh Vĩnh Long,,,2004-07-08,agency,H61,,,,"] + [
            f"x{number},commune,office,Xã {number},,p,2004-07-08,agency,H61.{number},,,,"
            for number in range(1, size // COMMUNE + 2)
        ]
        import_units(runtime.database, read_units((head + "\n".join(lines) + "\n").encode()), root, "bench", now)


def open_register(folder: Path) -> Any:
    """The register of this folder, closed again at the end of the block."""
    return Opened(
        open_runtime(build_settings({"database": f"sqlite:///{folder}/register.db", "data": str(folder / "data")}))
    )


class Opened:
    """A runtime as a block."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def __enter__(self) -> Runtime:
        return self.runtime

    def __exit__(self, *_: object) -> None:
        self.runtime.close()


def check_roster(folder: Path, file: Path) -> None:
    """Every row read and judged, every line asked for once."""
    with (
        open_register(folder) as runtime,
        runtime.database.read() as reads,
        Check(open_unit_book(reads, AT, None)) as check,
    ):
        check.read([file])
        outcomes = {line.outcome for line in check.lines() if line.place.row}
    assert outcomes == {"ignored", "ok"}, outcomes


def plan_roster(folder: Path, file: Path) -> None:
    """From the file to the plan, what `roster import` notes of the delivery included."""
    with open_register(folder) as runtime, runtime.database.read() as reads:
        units = open_unit_book(reads, AT, None)
        with Check(units) as check:
            check.read([file])
            now, author = runtime.clocks.wall(), Author("break-glass:bench", "bench")
            plan_load(reads, runtime.sealer, units, check, folder / "a.plan", author, now, on_line=Delivery(units).note)


def apart(act: Callable[[], None]) -> Step:
    """The act in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=run_apart, args=(act, there))
    process.start()
    there.close()
    step: Step = here.recv()
    process.join()
    return step


def run_apart(act: Callable[[], None], pipe: Any) -> None:
    """In the process: the act, and what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    act()
    step = Step(
        time.perf_counter() - wall,
        time.process_time() - processor,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    pipe.send(step)
