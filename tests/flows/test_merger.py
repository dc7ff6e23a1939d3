"""The long story of a merger: old units from a file, people from rosters with their dirt, a decree, a list, two people, one day.

Real tables of a small province of the reform (Bạc Liêu and Cà Mau), a few officials in each unit; every step by its verb, every
check read back by another way than the one that wrote.
"""

import csv
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from directory.command import unit_group
from directory.models import Account, Login, Person
from directory.people import find_accounts, find_former_units, find_people
from foundation.changes import AsOf, register_digest
from foundation.clocks import parse_instant
from foundation.handling import drain
from foundation.runtime import Runtime
from foundation.shell import Actor
from provisioning.installation import found_installation
from provisioning.merger.approval import SPOKEN
from provisioning.merger.command import merger_group
from provisioning.merger.jobs import HANDLERS
from provisioning.rosters.command import roster_group
from tests.provisioning.commands import Answer, build_caller
from tests.services.clock import MovableClock
from trial.generator import Trial, write_trial
from trial.posts import Sizes

pytestmark = pytest.mark.flow
PROVINCE = "96"
TABLES = Path(__file__).resolve().parents[2] / "data" / "vietnam-2025"
EVE, DAY = parse_instant("2025-06-30T23:59:59+07:00"), parse_instant("2025-07-01")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The files of the story."""
    return write_trial(
        tmp_path_factory.mktemp("trial"), (PROVINCE,), sizes=Sizes(department=1, district_office=0, commune=1)
    )


@dataclass
class Story:
    """Two administrators and the command line."""

    runtime: Runtime
    call: Callable[..., Answer]
    author: Actor
    second: Actor
    folder: Path

    def __call__(self, *words: str | Path, who: Actor | None = None) -> Answer:
        """One verb that must succeed."""
        answer = self.call(self.runtime, who or self.author, *words)
        assert answer.code == 0, answer
        return answer

    def adopt(self, plan: Path) -> None:
        """Approved by the second person and applied by the first."""
        header = json.loads(self("merger", "show", plan, "--output", "json").out)
        digest = header["digest"][:8]
        said = [
            word
            for what, flag in SPOKEN.items()
            if header["open"].get(what)
            for word in (flag, str(header["open"][what]))
        ]
        self("merger", "approve", plan, "--digest", digest, *said, who=self.second)
        self("merger", "apply", plan, "--digest", digest)


@pytest.fixture
def story(
    runtime: Runtime,
    clock: MovableClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Story:
    """The first day of an installation, a week before the merger."""
    monkeypatch.setenv("HOPNHAT_LANG", "en")
    with runtime.database.write() as writes:
        first = found_installation(writes, "Việt Nam", ["Nguyễn Văn Nam", "Trần Thị Lan"], clock.now)
    groups = {"unit": unit_group, "roster": roster_group, "merger": merger_group}
    author, second = (Actor(str(one.person_id), one.person_id, one.name, logged_in_at=clock.now) for one in first)
    return Story(runtime, build_caller(groups, {}, capsys), author, second, tmp_path)


def test_two_provinces_become_one(story: Story, trial: Trial, clock: MovableClock) -> None:
    runtime = story.runtime
    story("unit", "import", trial.folder / "units-before.csv")
    story("roster", "import", *trial.rosters, "--out", story.folder / "roster.plan")
    story.adopt(story.folder / "roster.plan")
    before = read_digest(runtime)

    plan = story.folder / "merger.plan"
    story("merger", "plan", trial.folder / "decree.yaml", trial.folder / "placement.xlsx", "--out", plan)
    header = json.loads(story("merger", "show", plan, "--output", "json").out)
    people = header["summary"]["people"]
    assert people["people"] == people["move"] + people["stay"] + people["leave"] + people["undecided"]
    assert people["leave"] == trial.leavers
    assert header["open"]["conflicts"] == len(trial.conflicts)
    assert header["open"]["undecided"] >= trial.undecided
    witness = find_witness(runtime, plan)
    story.adopt(plan)

    clock.set(EVE)
    assert drain(runtime, HANDLERS) == 0
    known_before = tell(runtime, witness, AsOf(EVE))
    clock.set(DAY)
    drain(runtime, HANDLERS)
    known_after = tell(runtime, witness, AsOf(DAY))
    assert known_after["unit"] != known_before["unit"]
    assert known_after["logins"] == known_before["logins"]
    assert known_before["unit"] in known_after["former"]
    check_every_commune(story)
    check_accounts(runtime, people["leave"])

    report = json.loads(story("merger", "report", "--at", "2025-07-01", "--output", "json").out)
    placed = people["people"] - people["leave"] - people["undecided"]
    assert report["totals"]["people"] == placed + 2
    back = story.folder / "undo.plan"
    story("merger", "undo", header["digest"][:8], "--reason", "Hoãn", "--out", back)
    story.second = replace(story.second, logged_in_at=clock.now)
    story.adopt(back)
    assert read_digest(runtime) == before
    assert tell(runtime, witness, AsOf(DAY))["unit"] == known_before["unit"]


def read_digest(runtime: Runtime) -> str:
    with runtime.database.read() as reads:
        return register_digest(reads)


def find_witness(runtime: Runtime, plan: Path) -> uuid.UUID:
    """Somebody whom the plan moves by name."""
    for raw in plan.read_text(encoding="utf-8").splitlines()[1:]:
        line = json.loads(raw)
        if line["op"] == "person.move" and line["by"] == "placement" and line["posts"][0]["main"]:
            return uuid.UUID(line["person"])
    raise AssertionError("nobody moves")


def tell(runtime: Runtime, person_id: uuid.UUID, as_of: AsOf) -> dict[str, Any]:
    """A person as the directory knows them: found again by the log-in they type."""
    with runtime.database.read() as reads:
        person = find_people(reads, [person_id], as_of)[person_id]
        accounts = find_accounts(reads, person.logins[0].upper(), as_of)
        assert person_id in {account.person_id for account in accounts}
        former = [one.unit.id for one in find_former_units(reads, person_id, as_of)]
        assert person.main_post is not None
        return {"unit": person.main_post.unit_id, "logins": person.logins, "former": former}


def check_every_commune(story: Story) -> None:
    """The published table, line by line, against the answers of `unit successors`."""
    with (TABLES / "commune_mergers.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["new_province_code"] == PROVINCE and row["old_code"]]
    wanted: dict[str, set[tuple[str, str, str]]] = {}
    for row in rows:
        wanted.setdefault(row["old_code"], set()).add((row["new_code"], row["share"], row["principal"]))
    for code, heirs in list(wanted.items())[::7]:
        said = story(
            "unit",
            "successors",
            code,
            "--scheme",
            "admin-2004",
            "--code-at",
            "2025-06-30",
            "--at",
            "2025-07-02",
            "--output",
            "json",
        )
        (origin,) = json.loads(said.out)["origins"]
        found = {(heir["codes"]["admin"], heir["share"], str(int(heir["principal"]))) for heir in origin["successors"]}
        assert found == heirs, code


def check_accounts(runtime: Runtime, leavers: int) -> None:
    """Leavers cannot come in any more; nobody lost a log-in or an identity."""
    with runtime.database.read() as reads:
        suspended = reads.execute(sa.select(sa.func.count()).select_from(Account).where(Account.state == "suspended"))
        assert suspended.scalar_one() == leavers
        people = reads.execute(sa.select(sa.func.count()).select_from(Person)).scalar_one()
        owned = reads.execute(
            sa.select(sa.func.count(sa.distinct(Login.account_id))).where(
                Login.kind == "own", Login.withdrawn_by.is_(None)
            )
        )
        assert owned.scalar_one() == people
