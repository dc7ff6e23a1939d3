"""Random histories of units, decree after decree: what must hold whatever happened (by property)."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.models import UnitCode, UnitVersion
from directory.succession import answer_predecessors, answer_successors
from directory.unit_heirs import answer_heirs, answer_many_heirs
from foundation.changes import AsOf, small_change, visible
from foundation.clocks import as_rfc3339, parse_instant
from foundation.database import Reads
from foundation.runtime import Runtime
from provisioning.merger.batches import Batch
from provisioning.merger.book import read_units
from provisioning.merger.decree_file import DecreeFaulty, parse_decree
from provisioning.merger.events import unfold
from provisioning.merger.writers import WRITERS
from tests.directory.conftest import World

FIRST = parse_instant("2010-01-01")
YEAR = timedelta(days=366)
KINDS = ("merge_into_new", "merge_into_existing", "split", "part", "dissolve", "rename", "recode", "recreate")
STEP = st.tuples(st.sampled_from(KINDS), st.integers(0, 99), st.integers(0, 99), st.booleans())


class History:
    """A province of its own in the register, with a few communes, living through decrees; codes are drawn from a counter."""

    numbers = iter(range(10_000, 99_999))

    def __init__(self, runtime: Runtime, world: World) -> None:
        self.runtime, self.year = runtime, 0
        self.province = f"P{uuid.uuid4().hex[:8]}"
        self.above = f"H{len(world.units) % 90 + 10}.{next(self.numbers)}"
        world.unit(self.province, level="province", begins=FIRST - YEAR, agency=self.above)
        self.standing: list[str] = []
        self.codes: list[str] = []
        for _ in range(4):
            code = self.draw()
            world.unit(f"Xã {code}", parent=self.province, begins=FIRST - YEAR, admin_2004=code)
            self.standing.append(code)

    def draw(self) -> str:
        """A code nobody ever bore."""
        code = f"{next(self.numbers)}"
        self.codes.append(code)
        return code

    def decree(self, kind: str, first: int, second: int, keep: bool) -> dict[str, Any] | None:
        """One event between standing communes; None where too few stand."""
        if not self.standing:
            kind = "recreate"
        one = self.standing[first % len(self.standing)] if self.standing else ""
        two = self.standing[second % len(self.standing)] if self.standing else ""
        if kind in ("merge_into_new", "merge_into_existing") and one == two:
            kind = "rename"
        new = {"ref": "n", "level": "commune", "name": "Mới", "parent": {"scheme": "agency", "code": self.above}}
        build: dict[str, Callable[[], tuple[list[dict[str, Any]], dict[str, Any], list[str], list[str]]]] = {
            "merge_into_new": lambda: self.merge_new(new, one, two, keep),
            "merge_into_existing": lambda: ([], {"into": name(one), "from": [{"unit": name(two)}]}, [two], []),
            "split": lambda: self.split(new, one, two),
            "part": lambda: self.part(new, one),
            "dissolve": lambda: ([], {"unit": name(one)} | ({"heirs": [{"unit": name(two), "share": "part"}]}
                                 if keep and one != two else {}), [one], []),
            "rename": lambda: ([], {"unit": name(one), "name": f"Xã {self.year}"}, [], []),
            "recode": lambda: self.recode(one),
            "recreate": lambda: self.create(new),
        }  # fmt: skip
        units, event, gone, come = build[kind]()
        word = {"part": "split", "recreate": "create"}.get(kind, kind)
        self.standing = [code for code in self.standing if code not in gone] + come
        self.year += 1
        return {
            "format": "hopnhat-decree/1", "title": kind, "effective": as_rfc3339(FIRST + self.year * YEAR),
            "decision": {"number": f"{self.year}", "date": "2010-01-01", "issuer": "x"}, "units": units,
            "events": [{"kind": word, **event}], "expect": {"people": {"count": 0}},
        }  # fmt: skip

    def coded(self, unit: dict[str, Any], code: dict[str, Any]) -> dict[str, Any]:
        return unit | {"codes": [code]}

    def merge_new(self, new: dict[str, Any], one: str, two: str, keep: bool) -> Any:
        if keep:  # the code goes on to the unit that continues
            code = {"scheme": "admin-2004", "code": one, "continues": name(one)}
            come = one
        else:
            come = self.draw()
            code = {"scheme": "admin-2004", "code": come}
        givers = [{"unit": name(one)}, {"unit": name(two)}]
        return [self.coded(new, code)], {"into": {"ref": "n"}, "from": givers}, [one, two], [come]

    def split(self, new: dict[str, Any], one: str, two: str) -> Any:
        code, other = self.draw(), {"unit": name(two), "share": "part", "principal": False}
        into = [{"unit": {"ref": "n"}, "share": "part"}, *([other] if two != one else [])]
        return (
            [self.coded(new, {"scheme": "admin-2004", "code": code})],
            {"unit": name(one), "into": into},
            [one],
            [code],
        )

    def part(self, new: dict[str, Any], one: str) -> Any:
        code = self.draw()
        into = [{"unit": name(one), "share": "part"}, {"unit": {"ref": "n"}, "share": "part", "principal": False}]
        return [self.coded(new, {"scheme": "admin-2004", "code": code})], {"unit": name(one), "into": into}, [], [code]

    def recode(self, one: str) -> Any:
        code = self.draw()
        return [], {"unit": name(one), "codes": [{"scheme": "admin-2004", "code": code}]}, [one], [code]

    def create(self, new: dict[str, Any]) -> Any:
        code = self.draw()
        return [self.coded(new, {"scheme": "admin-2004", "code": code})], {"unit": {"ref": "n"}}, [], [code]

    def live(self, decree: dict[str, Any]) -> None:
        """The decree unfolds over the register and is written, as applying a plan would write it."""
        text = parse_decree(yaml.safe_dump(decree).encode())
        now = self.runtime.clocks.wall()
        with self.runtime.database.write() as writes:
            change = small_change(writes, "merger", "test", now)
            batch = Batch(change.id, text.decree.effective, now)
            for op, line in unfold(text, read_units(writes, text.decree.effective)).lines:
                WRITERS[op](batch, {"op": op, **line})
            batch.write(writes)


def name(code: str) -> dict[str, str]:
    return {"scheme": "admin-2004", "code": code}


def check_rows(reads: Reads) -> None:
    """One version in force, one bearer of a code, no code without a unit that stood."""
    tables: list[tuple[Any, list[str]]] = [(UnitVersion, ["unit_id"]), (UnitCode, ["scheme", "level", "code"])]
    for model, keys in tables:
        one, other = sa.orm.aliased(model), sa.orm.aliased(model)
        same = sa.and_(*(getattr(one, key) == getattr(other, key) for key in keys))
        overlapping = sa.and_(
            sa.or_(other.valid_to.is_(None), one.valid_from < other.valid_to),
            sa.or_(one.valid_to.is_(None), other.valid_from < one.valid_to),
        )
        twice = sa.select(sa.func.count()).select_from(one).join(other, sa.and_(same, one.row_id < other.row_id))
        assert reads.execute(twice.where(overlapping, visible(one), visible(other))).scalar_one() == 0


def check_succession(reads: Reads, history: History, at: AsOf) -> None:
    """Every code resolves for ever; what stands is answered by itself; predecessors are the inverse; one principal at most."""
    forth: set[tuple[str, str, str, bool]] = set()
    for answer in answer_successors(reads, history.codes, at):
        for origin in answer["origins"]:
            heirs = origin["successors"]
            assert sum(heir["principal"] for heir in heirs) <= 1
            assert not any(heir["share"] == "whole" for heir in heirs) or len(heirs) == 1
            assert origin["ended"] or origin["unit"] in {heir["unit"] for heir in heirs}
    # A code a unit bore from its first day: every step it ever took counts, as it does from the other end.
    first: dict[str, str] = {}
    rows = reads.execute(
        sa.select(UnitCode.unit_id, UnitCode.code).where(visible(UnitCode), UnitCode.code.in_(history.codes))
        .order_by(UnitCode.valid_from)
    )  # fmt: skip
    for unit, code in rows:
        first.setdefault(str(unit), code)
    for answer in answer_successors(reads, list(first.values()), at):
        for origin in answer["origins"]:
            if first[origin["unit"]] == answer["code"]:
                forth |= {
                    (origin["unit"], h["unit"], h["share"], h["principal"]) for h in origin["successors"] if h["path"]
                }
    back = set()
    for answer in answer_predecessors(reads, history.codes, at):
        for origin in answer["origins"]:
            back |= {
                (h["unit"], origin["unit"], h["share"], h["principal"]) for h in origin["predecessors"] if h["path"]
            }
    assert forth <= back


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime.database)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEP, min_size=1, max_size=5))
def test_whatever_happens_to_units(runtime: Runtime, world: World, steps: list[Any]) -> None:
    history = History(runtime, world)
    for step in steps:
        decree = history.decree(*step)
        if decree is not None:
            history.live(decree)
    end = AsOf(FIRST + (len(steps) + 2) * YEAR)
    with runtime.database.read() as reads:
        check_rows(reads)
        check_succession(reads, history, end)
        for code in history.codes:
            (answer,) = answer_successors(reads, [code], end)
            assert answer["origins"], "every code is resolvable for ever"
        for code, many in zip(history.codes, answer_many_heirs(reads, history.codes, end), strict=True):
            alone = answer_heirs(reads, code, end)
            for origin in alone["origins"]:
                own = [heir for heir in origin["heirs"] if heir["rule"] == "own"]
                assert bool(own) is not origin["ended"]
                for heir in origin["heirs"]:
                    del heir["posts"]
            assert many == alone, "many codes at once are answered as each alone"


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="{}[]:, \n-'abcAH0159.", max_size=200))
def test_no_text_breaks_the_reader_of_decrees(text: str) -> None:
    with pytest.raises(DecreeFaulty):
        parse_decree(text.encode())
