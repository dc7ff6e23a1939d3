"""The merger itself: planned, read, refused to its author, approved by another, applied; nobody sees half of it."""

import json
import time
from datetime import timedelta
from functools import partial

import httpx

from foundation.plans import read_plan
from trial.generator import write_small_decree
from trial.scenes.before import approve_and_apply, get
from trial.teller import Reading, Story
from trial.visitor import Visitor

AT_ONCE = 5_000
QUIET_SECONDS = 1.0
"""How long readers are watched before anything is written, to compare with."""


def plan_the_merger(story: Story) -> None:
    """Decree and placement become one file; the one screen."""
    folder = story.trial.folder
    plan = folder / "merger.plan"
    story.hopnhat("merger", "plan", folder / "decree.yaml", folder / "placement.xlsx", "--out", plan, show=False)
    story.hopnhat("merger", "show", plan)
    story.remembered["plan"] = plan
    former = story.setting.former
    before = get(story, f"/api/units/{former.code}/successors")["origins"][0]["successors"]
    story.check(f"a plan changes nothing: {former.name} still stands", [heir["name"] for heir in before], [former.name])
    header = read_plan(plan).header
    story.check("the plan says aloud how many are undecided", header.open.get("undecided", 0), story.trial.undecided)


def refuse_its_author(story: Story) -> None:
    """The author approving is exit 77 and an audit row."""
    plan = story.remembered["plan"]
    story.act_as(story.admins[0])
    story.hopnhat("merger", "approve", plan, "--digest", read_plan(plan).digest[:8], expect=77, show=False)
    rows = json.loads(story.hopnhat("audit", "list", "--event", "provisioning", "--output", "json", quiet=True))
    refused = [row for row in rows if row["outcome"] == "refused" and "approve" in row["event"]]
    story.check("the author's own approval was refused (77) and stands in the audit", len(refused) >= 1)


def apply_the_merger(story: Story) -> None:
    """Apply, with a reader asking the public API all the while what the old provinces are."""
    plan = story.remembered["plan"]
    olds = sorted(story.setting.olds, key=lambda province: province.code)
    with httpx.Client(timeout=10, trust_env=False) as client:

        def sample() -> str:
            body = {"codes": [province.code for province in olds], "code_at": "2025-06-30"}
            answers = client.post(f"{story.stage.issuer}/api/units/successors", json=body).json()["answers"]
            return " ".join(
                heir["name"] for answer in answers for origin in answer["origins"] for heir in origin["successors"]
            )

        with Reading(sample) as quiet, Reading(partial(log_in, story), 0.2) as entering_before:
            time.sleep(QUIET_SECONDS)
        with Reading(sample) as reading, Reading(partial(log_in, story), 0.2) as entering:
            approve_and_apply(story, plan)
        after = sample()
    story.say(f"the unit API: before, {quiet}; during the apply, {reading}")
    story.say(f"a log-in with password: before, {entering_before}; during the apply, {entering}")
    before = " ".join(province.name for province in olds)
    story.check(
        f"after it the old codes answer {story.setting.after.name}",
        after,
        " ".join([story.setting.after.name] * len(olds)),
    )
    story.check(
        f"a reader who asked {len(reading.samples)} times meanwhile never saw a mixture",
        reading.seen <= {before, after},
    )
    story.check(f"everybody who logged in meanwhile ({len(entering.samples)}) got in", entering.seen <= {True})


def log_in(story: Story) -> bool:
    """Whether somebody with the old password gets in: a fresh browser, from the first page to the last."""
    known = story.trial.known["commune_chair"]
    with Visitor() as visitor:
        visitor.open(f"{story.stage.issuer}/me")
        visitor.log_in(known.login, known.password)
        return known.name in visitor.page.text


def look_every_code_up(story: Story) -> None:
    """What each old commune has become, asked of the public API and held against the tables of the reform."""
    wanted: dict[str, set[str]] = {}
    setting = story.setting
    for province in setting.provinces:
        for made in setting.country.shares_of(province).values():
            for share in made:
                wanted.setdefault(share.old.admin_code, set()).add(share.new.code)
    codes, found, seconds = sorted(wanted), {}, 0.0
    with httpx.Client(timeout=120, trust_env=False) as client:
        for start in range(0, len(codes), AT_ONCE):
            body = {"codes": codes[start : start + AT_ONCE], "code_at": "2025-06-30", "scheme": "admin-2004"}
            since = time.monotonic()
            answers = client.post(f"{story.stage.issuer}/api/units/successors", json=body).raise_for_status().json()
            seconds += time.monotonic() - since
            for code, answer in zip(body["codes"], answers["answers"], strict=True):
                heirs = [heir for origin in answer["origins"] for heir in origin["successors"]]
                found[code] = {heir["codes"]["admin"] for heir in heirs}
    pairs = sum(map(len, wanted.values()))
    story.check(
        f"{len(codes):,} old codes lead to the {pairs:,} successors of the tables ({seconds:.1f} s)", found, wanted
    )


def begin_a_small_merger(story: Story) -> None:
    """A second, small merger dated a minute ahead: applied now, in force when the clock gets there."""
    runtime = story.stage.open_runtime()
    effective = (runtime.clocks.wall() + timedelta(seconds=20 + 9 * story.setting.patience)).replace(microsecond=0)
    runtime.close()
    folder = story.trial.folder
    decree = write_small_decree(story.trial, effective, story.setting.province)
    plan = folder / "small.plan"
    story.hopnhat("merger", "plan", decree, folder / "small-placement.xlsx", "--out", plan, show=False)
    approve_and_apply(story, plan)
    story.remembered["small-instant"] = effective
    story.remembered["small-codes"] = [line["code"] for line in read_plan(plan).each_line() if line["op"] == "code.end"]
    story.say(f"in force at {effective:%H:%M:%S} UTC; until then every answer is today's")


def wait_for_the_clock(story: Story) -> None:
    """No job, no batch: at the instant every answer is another."""
    from datetime import UTC, datetime

    effective = story.remembered["small-instant"]
    code = story.remembered["small-codes"][0]

    def ask(at: datetime) -> list[object]:
        origins = get(story, f"/api/units/{code}/successors", at=at.isoformat())["origins"]
        return [heir["unit"] for origin in origins for heir in origin["successors"]]

    before, after = ask(effective - timedelta(microseconds=1)), ask(effective)
    story.check("read a microsecond apart, the future and the present differ", before != after)

    def ask_today() -> tuple[object, ...]:
        origins = get(story, f"/api/units/{code}/successors")["origins"]
        return tuple(heir["unit"] for origin in origins for heir in origin["successors"])

    remaining = (effective - datetime.now(UTC)).total_seconds()
    with Reading(ask_today, 0.01) as reading:
        if remaining > 0:
            story.say(f"{remaining:.0f} s to go")
            time.sleep(remaining + 0.2)
        now = ask_today()
    story.check("the clock got there, and the answer without a date is the new one", list(now), after)
    story.check(
        f"asked through the instant, {reading}: only the one or the other", reading.seen <= {tuple(before), now}
    )
