"""The merger itself: planned, read, refused to its author, approved by another, applied; nobody sees half of it."""

import json
from datetime import timedelta

import httpx

from foundation.plans import read_plan
from trial.generator import write_small_decree
from trial.scenes.before import approve_and_apply, get
from trial.teller import Reading, Story

MERGER_DAY = "2025-07-01"
WATCHED = ("83", "84", "86")


def plan_the_merger(story: Story) -> None:
    """Decree and placement become one file; the one screen."""
    folder = story.trial.folder
    plan = folder / "merger.plan"
    story.hopnhat("merger", "plan", folder / "decree.yaml", folder / "placement.xlsx", "--out", plan, show=False)
    story.hopnhat("merger", "show", plan)
    story.remembered["plan"] = plan
    before = get(story, "/api/units/84/successors")["origins"][0]["successors"]
    story.check("a plan changes nothing: Trà Vinh still stands", [heir["name"] for heir in before], ["Tỉnh Trà Vinh"])
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
    """Apply, with a reader asking the public API all the while what three provinces are."""
    plan = story.remembered["plan"]
    with httpx.Client(timeout=10, trust_env=False) as client:

        def sample() -> str:
            body = {"codes": list(WATCHED), "code_at": "2025-06-30"}
            answers = client.post(f"{story.stage.issuer}/api/units/successors", json=body).json()["answers"]
            return " ".join(
                heir["name"] for answer in answers for origin in answer["origins"] for heir in origin["successors"]
            )

        with Reading(sample) as reading:
            approve_and_apply(story, plan)
        after = sample()
    seen = {found for _, found in reading.samples}
    before = "Tỉnh Bến Tre Tỉnh Trà Vinh Tỉnh Vĩnh Long"
    story.check(
        "after it the three old codes answer one province", after, "Tỉnh Vĩnh Long Tỉnh Vĩnh Long Tỉnh Vĩnh Long"
    )
    story.check(
        f"a reader who asked {len(reading.samples)} times meanwhile never saw a mixture", seen <= {before, after}
    )


def begin_a_small_merger(story: Story) -> None:
    """A second, small merger dated a minute ahead: applied now, in force when the clock gets there."""
    runtime = story.stage.open_runtime()
    effective = (runtime.clocks.wall() + timedelta(seconds=30)).replace(microsecond=0)
    runtime.close()
    folder = story.trial.folder
    decree = write_small_decree(story.trial, effective, story.province)
    plan = folder / "small.plan"
    story.hopnhat("merger", "plan", decree, folder / "small-placement.xlsx", "--out", plan, show=False)
    approve_and_apply(story, plan)
    story.remembered["small-instant"] = effective
    story.remembered["small-codes"] = [line["code"] for line in read_plan(plan).each_line() if line["op"] == "code.end"]
    story.say(f"in force at {effective:%H:%M:%S} UTC; until then every answer is today's")


def wait_for_the_clock(story: Story) -> None:
    """No job, no batch: at the instant every answer is another."""
    import time
    from datetime import UTC, datetime

    effective = story.remembered["small-instant"]
    code = story.remembered["small-codes"][0]

    def ask(at: datetime) -> list[object]:
        origins = get(story, f"/api/units/{code}/successors", at=at.isoformat())["origins"]
        return [heir["unit"] for origin in origins for heir in origin["successors"]]

    before, after = ask(effective - timedelta(microseconds=1)), ask(effective)
    story.check("read a microsecond apart, the future and the present differ", before != after)
    remaining = (effective - datetime.now(UTC)).total_seconds()
    if remaining > 0:
        story.say(f"{remaining:.0f} s to go")
        time.sleep(remaining + 0.2)
    now = [
        heir["unit"]
        for origin in get(story, f"/api/units/{code}/successors")["origins"]
        for heir in origin["successors"]
    ]
    story.check("the clock got there, and the answer without a date is the new one", now, after)
