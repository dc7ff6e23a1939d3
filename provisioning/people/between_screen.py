"""What life did to a merger, as `merger status` tells it: one line for each person, who needs a decision first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from foundation.clocks import local_day
from foundation.i18n import _, translate
from foundation.terminal import as_shown
from provisioning.people.between import Between

OUTCOMES = {
    "carried": _("goes on there by the merger's rule or by decision"),
    "left": _("leaves before or on that day"),
    "undecided": _("nobody has decided; keeps the account, without duties"),
    "no_post": _("holds no post on that day"),
}
KINDS = {
    "person.hire": _("hired"),
    "person.move": _("moved"),
    "person.post": _("given a post"),
    "person.end": _("a post ended"),
    "person.leave": _("left"),
    "person.join": _("records joined"),
    "person.part": _("records parted"),
    "person.carry": _("carried by the merger's rule"),
    "person.undo": _("a change taken back"),
    "roster": _("brought by a roster"),
    "merger": _("another merger"),
}
"""What a kind of change did to somebody."""
COLUMNS = {
    name: name
    for name in ("name", "kind", "decision", "since", "actor", "outcome", "units", "open", "person", "change")
}


def describe_between(one: Between, actor: str, tongue: str) -> dict[str, Any]:
    """One person as a row of `merger status`."""
    return {
        "person": one.person,
        "name": one.name,
        "kind": one.kind,
        "decision": one.decision,
        "change": one.change,
        "actor": actor,
        "since": one.since,
        "outcome": one.outcome,
        "open": one.open,
        "units": list(one.units),
        "what": translate(tongue, KINDS.get(one.kind, one.kind)),
        "told": ", ".join(one.units) or translate(tongue, OUTCOMES[one.outcome]),
    }


def tell_between(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> Iterator[str]:
    """Each person for people: what happened, by whom, and where they stand on the day."""
    for row in rows:
        sign = "?" if row["open"] else "="
        by = f"{row['decision']}, {row['actor']}" if row["decision"] else row["actor"]
        yield f"  {sign} {row['name']} · {row['what']}, {as_shown(local_day(row['since'], zone))} ({by})"
        yield f"      → {row['told']}"
