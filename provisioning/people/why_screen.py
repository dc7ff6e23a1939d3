"""`person show --why` for people and as data: change by change, what it did, who stands behind it and where it came from."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from directory.rights import DUTY_NAMES
from directory.units import last_facts
from foundation.changes import AsOf
from foundation.clocks import local_day
from foundation.database import Reads
from foundation.i18n import _, translate
from foundation.terminal import as_shown
from provisioning.merger.lines import BY
from provisioning.merger.run_states import PLAN_KINDS
from provisioning.people.between_screen import KINDS
from provisioning.people.parting import TABLES
from provisioning.people.showing import WHYS
from provisioning.people.why import Touch, Why

WORDS: Final = {
    **PLAN_KINDS,
    **KINDS,
    "merger": _("merger"),
    "init": _("the installation was founded"),
    "person.external": _("invited from outside"),
    "person.extend": _("the engagement lasts longer"),
    "provisioning.account.suspend": _("account suspended"),
    "provisioning.account.resume": _("account opened again"),
    "provisioning.account.close": _("account closed"),
    "provisioning.account.reset": _("one-time code handed out"),
    "provisioning.account.unlock": _("account unlocked"),
    "sso.account.activated": _("account activated"),
}
Unit = Callable[[uuid.UUID], str]


def name_units(reads: Reads, told: Sequence[Why], now: datetime) -> Unit:
    """A function from a unit's id to its name, for every unit that is spoken of, past or to come."""
    rows = [row for why in told for touch in why.touches for row in (touch.before, touch.after) if row is not None]
    units = {row.unit_id for row in rows if getattr(row, "unit_id", None) is not None}
    latest = max([now, *(row.valid_from for row in rows if hasattr(row, "valid_from"))])
    names = {unit: facts.agency_name for unit, facts in last_facts(reads, units, AsOf(latest)).items()}
    return lambda unit: names.get(unit, str(unit))


def as_json(told: Sequence[Why], name_actor: Callable[[str], str], unit: Unit) -> list[dict[str, Any]]:
    """Everything as data; personal numbers never stand in it."""
    return [
        {
            "at": why.at, "kind": why.kind, "change": why.change, "actor": why.actor, "actor_name": name_actor(why.actor),
            "approved_by": why.approved_by, "approved_by_name": name_actor(why.approved_by) if why.approved_by else None,
            "decision": why.decision, "reason": why.reason, "plan": why.plan, "source": why.source, "by": why.by,
            "undone_by": why.undone_by, "outcome": why.outcome,
            "touches": [describe_touch(touch, unit) for touch in why.touches],
        }
        for why in told
    ]  # fmt: skip


def describe_touch(touch: Touch, unit: Unit) -> dict[str, Any]:
    """What a change did to one thing, as data."""
    row = touch.after if touch.after is not None else touch.before
    return {
        "sign": touch.sign, "table": touch.table, "what": tell_row(row, unit),
        "before": tell_period(touch.before), "after": tell_period(touch.after),
    }  # fmt: skip


def tell_period(row: Any) -> dict[str, Any] | None:
    """Since when and until when a row holds."""
    if row is None or not hasattr(row, "valid_from"):
        return None
    return {"from": row.valid_from, "to": row.valid_to}


def tell_row(row: Any, unit: Unit) -> str:
    """A row in a few words, without what identifies."""
    if hasattr(row, "post_id"):
        return f"{row.title} — {unit(row.unit_id)}" + (f" [{row.duties}]" if row.duties else "")
    if hasattr(row, "survivor_id"):
        return f"{row.person_id} → {row.survivor_id}"
    for name in ("login", "address", "foreign_id", "name", "sha256"):
        if hasattr(row, name):
            return str(getattr(row, name))
    return f"{row.why}, {row.at:%Y-%m-%d}"


# --- for people ----------------------------------------------------------------------------------------------------


def tell_why(
    told: Sequence[Why], name_actor: Callable[[str], str], unit: Unit, zone: ZoneInfo, tongue: str
) -> Iterator[str]:
    """Line by line, the oldest first."""

    def word(text: str, **values: object) -> str:
        return translate(tongue, text, **values)

    for why in told:
        yield f"{tell_moment(why.at, zone)}  {word(WORDS.get(why.kind, why.kind))}" + (
            f"  · {word(_('refused'))}" if why.outcome == "refused" else ""
        )
        for line in tell_ground(why, name_actor, word):
            yield f"    {line}"
        for touch in why.touches:
            yield f"    {touch.sign} {tell_touch(touch, unit, zone, word)}"


def tell_ground(why: Why, name_actor: Callable[[str], str], word: Callable[..., str]) -> Iterator[str]:
    """Who, approved by whom, by which decision, from which row, and whether it was taken back."""
    parts = [word(_("by {name}"), name=name_actor(why.actor))]
    parts += [word(_("approved by {name}"), name=name_actor(why.approved_by))] if why.approved_by else []
    parts += [word(_("decision {number}"), number=why.decision)] if why.decision else []
    parts += [word(_("change {change}"), change=why.change)] if why.change is not None else []
    yield " · ".join(parts)
    if why.reason:
        yield word(_("reason: {reason}"), reason=why.reason)
    if why.source or why.by:
        by = word(BY.get(why.by, why.by)) if why.by else ""
        yield word(_("from: {source}"), source=" · ".join(part for part in (why.source, by) if part))
    if why.undone_by is not None:
        yield word(_("taken back by change {change}"), change=why.undone_by)


def tell_touch(touch: Touch, unit: Unit, zone: ZoneInfo, word: Callable[..., str]) -> str:
    """One thing with its period, the new one where it was changed."""
    row = touch.after if touch.after is not None else touch.before
    label = word(TABLES.get(touch.table, touch.table))
    what = tell_row(row, unit)
    if hasattr(row, "why"):
        what = f"{word(WHYS[row.why])}, {as_shown(local_day(row.at, zone))}"
    elif getattr(row, "duties", ""):
        duties = ", ".join(word(DUTY_NAMES[duty]) for duty in row.duties.split())
        what = f"{row.title} — {unit(row.unit_id)} [{duties}]"
    if not hasattr(row, "valid_from"):
        return f"{label}: {what}"
    return f"{label}: {what}  ({tell_days(row, zone)})"


def tell_days(row: Any, zone: ZoneInfo) -> str:
    """From day to day as people write them."""
    ends = as_shown(local_day(row.valid_to, zone)) if row.valid_to else "…"
    return f"{as_shown(local_day(row.valid_from, zone))} → {ends}"


def tell_moment(instant: datetime | None, zone: ZoneInfo) -> str:
    """Day and minute in the administration's zone."""
    return f"{as_shown(local_day(instant, zone))} {instant.astimezone(zone):%H:%M}" if instant else "—"
