"""The go/no-go list: each thing a person would ask before the day, answered, with what speaks for it and what against."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import Message, _
from foundation.outbox import OutboxJob
from foundation.plans import Plan
from provisioning.merger.directory_rehearsal import DirectoryRehearsal


@dataclass(frozen=True)
class Finding:
    """One answer: whether it is well, and the sentence."""

    ok: bool
    told: Message


def judge(
    reads: Reads, plan: Plan, approved: bool, seconds: float, printed: DirectoryRehearsal | None, now: datetime
) -> list[Finding]:
    """The whole list, in the order in which people ask."""
    return [
        *judge_agreement(plan, approved),
        *judge_time(plan, seconds, now),
        *judge_directory(printed),
        *judge_worker(reads, now),
    ]


def judge_agreement(plan: Plan, approved: bool) -> Iterator[Finding]:
    """Approved, and nothing left open. The guards held, or nothing would have been applied to the copy."""
    yield Finding(
        approved,
        Message(_("the plan is approved") if approved else _("nobody has approved the plan yet")),
    )
    undecided, conflicts = plan.header.open.get("undecided", 0), plan.header.open.get("conflicts", 0)
    yield Finding(
        not undecided,
        Message(_("{count} people are undecided") if undecided else _("nobody is undecided"), {"count": undecided}),
    )
    yield Finding(
        not conflicts,
        Message(
            _("{count} chairs have two holders") if conflicts else _("no chair has two holders"), {"count": conflicts}
        ),
    )
    yield Finding(True, Message(_("{count} guards hold"), {"count": len(plan.header.guards)}))


def judge_time(plan: Plan, seconds: float, now: datetime) -> Iterator[Finding]:
    """Whether it can be applied before the instant."""
    if plan.header.effective is None:
        return
    left = (parse_instant(plan.header.effective) - now).total_seconds()
    if left <= 0:
        yield Finding(
            True,
            Message(_("it takes effect back from its instant; applying takes {seconds} s"), {"seconds": ceil(seconds)}),
        )
    else:
        told = _("applying takes {seconds} s; {left} are left until the instant")
        yield Finding(seconds * 2 < left, Message(told, {"seconds": ceil(seconds), "left": tell_time(left)}))


def judge_directory(printed: DirectoryRehearsal | None) -> Iterator[Finding]:
    """Whether the directory takes it, and how long it shows old and new side by side."""
    if printed is None:
        return
    told = _("the directory shows old and new side by side for about {seconds} s, while {count} entries are written")
    count = printed.added + printed.changed + printed.deleted
    yield Finding(True, Message(told, {"seconds": ceil(printed.seconds), "count": count}))
    if printed.refused:
        yield Finding(False, Message(_("the directory refuses {count} entries"), {"count": printed.refused}))
    if printed.unsafe:
        yield Finding(False, Message(_("the printing would stop: {why}"), {"why": printed.unsafe}))


def judge_worker(reads: Reads, now: datetime) -> Iterator[Finding]:
    """Whether the worker keeps up: what it gave up, and what it should have done an hour ago."""
    parked, late = (
        reads.execute(sa.select(sa.func.count()).select_from(OutboxJob).where(*where)).scalar_one()
        for where in (
            (OutboxJob.state == "parked",),
            (OutboxJob.state == "waiting", OutboxJob.due < now, OutboxJob.attempts > 0),
        )
    )
    if parked:
        yield Finding(
            False, Message(_("{count} jobs of the worker are parked; see: hopnhat doctor"), {"count": parked})
        )
    elif late:
        yield Finding(False, Message(_("{count} jobs of the worker are being tried again"), {"count": late}))
    else:
        yield Finding(True, Message(_("the worker has given up nothing")))


DAY = 86_400


def tell_time(seconds: float) -> Message:
    """A time as people say it: days, hours, minutes or seconds."""
    for unit, told in ((DAY, _("{count} days")), (3_600, _("{count} hours")), (60, _("{count} minutes"))):
        if seconds >= 2 * unit:
            # Days as the plan's own screen counts them; of less the whole ones that are left.
            return Message(told, {"count": round(seconds / unit) if unit == DAY else int(seconds // unit)})
    return Message(_("{count} seconds"), {"count": int(seconds)})


def ceil(seconds: float) -> int:
    """Whole seconds, at least one."""
    return max(1, round(seconds + 0.49))
