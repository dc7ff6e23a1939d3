"""The one screen of a plan: what it is, what happens to units and people, what is open, what to do next.

Words and signs are the same everywhere: `+` new, `>` move, `~` change, `-` leave, `=` stay.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.clocks import parse_instant
from foundation.i18n import _
from foundation.plans import Guard, Plan, PlanHeader
from provisioning.merger.levels import LEVEL_ORDER
from provisioning.merger.plan_words import ALOUD, COUNTED, GUARDS, OPEN
from provisioning.merger.reader import LEVELS, MARGIN, SPACE, Reader, label

MOST_GUARDS = 8


@dataclass(frozen=True)
class Standing:
    """Where the plan stands in the register: who approved it, how its run goes."""

    approved_by: str | None = None
    own_reason: str | None = None
    run_state: str | None = None
    position: int = 0


def build_screen(plan: Plan, standing: Standing, reader: Reader, command: str = "hopnhat merger") -> list[str]:
    """The lines of the screen, without colour."""
    header = plan.header
    lines = ["", *build_title(plan, standing, reader), ""]
    if header.kind == "merger":
        lines += [*build_units(header.summary["units"], reader), *build_people(header.summary, reader)]
    else:
        lines += build_counts(header.counts, reader)
    lines += build_open(header.open, header.summary, reader)
    lines += ["", *build_guards(header.guards, reader), *build_next(plan, standing, reader, command), ""]
    return lines


def build_title(plan: Plan, standing: Standing, reader: Reader) -> Iterator[str]:
    """What it is, when it takes effect, who made and who approved it."""
    header = plan.header
    if header.effective:
        at = parse_instant(header.effective)
        told = choose_effect(at, standing, reader)
        when = reader.say(told, moment=reader.moment(at), distance=reader.distance(at))
        yield f"{MARGIN}{header.title}"
        yield f"{MARGIN}{when}"
    else:
        yield f"{MARGIN}{header.title}"
    parts = [tell_ground(header, reader)] if header.decision else []
    parts.append(reader.say(_("plan {digest}"), digest=plan.short_digest))
    made = reader.moment(parse_instant(header.made_at))
    parts.append(reader.say(_("made {moment} by {name}"), moment=made, name=header.made_by))
    yield MARGIN + " · ".join(parts)
    yield MARGIN + tell_standing(plan, standing, reader)


def tell_ground(header: PlanHeader, reader: Reader) -> str:
    """The decree, or the reason for which a merger is taken back."""
    if "undoes" in header.summary:
        return reader.say(_("reason: {reason}"), reason=header.decision)
    return reader.say(_("Decree {number}"), number=header.decision)


def choose_effect(at: datetime, standing: Standing, reader: Reader) -> str:
    """The clause about the instant: ahead, past and applied, or past and still to be applied."""
    if at > reader.now:
        return _("takes effect {moment}, {distance}")
    if standing.run_state == "done":
        return _("in effect since {moment}, {distance}")
    return _("takes effect back from {moment}, {distance}")


def tell_standing(plan: Plan, standing: Standing, reader: Reader) -> str:
    """One clause: approved or not, applied or not; and that nobody but the author approved it, with the reason."""
    told = tell_run(plan, standing, reader)
    if standing.own_reason is None:
        return told
    return f"{told} · {reader.say(_('by its own author: {reason}'), reason=standing.own_reason)}"


def tell_run(plan: Plan, standing: Standing, reader: Reader) -> str:
    """How far it is."""
    if standing.run_state == "done":
        return reader.say(_("approved by {name} · applied"), name=standing.approved_by or "—")
    if standing.run_state == "running":
        share = standing.position * 100 // max(plan.header.lines, 1)
        return reader.say(
            _("approved by {name} · interrupted at {share} %"), name=standing.approved_by or "—", share=share
        )
    if standing.run_state == "postponed":
        return reader.say(_("applied, then moved to another instant"))
    if standing.run_state == "undone":
        return reader.say(_("applied and undone"))
    if standing.run_state == "abandoning":
        return reader.say(_("being given up; nothing of it was ever seen"))
    if standing.run_state == "abandoned":
        return reader.say(_("begun and given up"))
    if standing.approved_by:
        return reader.say(_("approved by {name} · not yet applied"), name=standing.approved_by)
    return reader.say(_("not yet approved"))


def build_units(units: Mapping[str, int], reader: Reader) -> list[str]:
    """How many of each level there were and are, and what becomes of codes."""
    parts = []
    for level in LEVEL_ORDER:
        before, after = units.get(f"{level}.before", 0), units.get(f"{level}.after", 0)
        plural, ends = LEVELS[level]
        if before and not after:
            parts.append(reader.say(ends, count=reader.count(before)))
        elif before or after:
            parts.append(f"{reader.count(before)} {reader.say(plural)} → {reader.count(after)}")
    codes = [
        reader.say(_("{count} codes continue"), count=reader.count(units["codes_continue"])),
        reader.say(_("{count} close"), count=reader.count(units["codes_close"])),
    ]
    agency = reader.say(_("{count} agency codes"), count=reader.count(units["agency_codes"]))
    if units["codes_to_confirm"]:
        agency += reader.say(_(" ({count} to confirm)"), count=reader.count(units["codes_to_confirm"]))
    return label(reader, _("Units"), SPACE.join(parts[:3]), SPACE.join(parts[3:]), " · ".join([*codes, agency]))


def build_people(summary: Mapping[str, Any], reader: Reader) -> list[str]:
    """Who moves, stays, comes and leaves; what opens their accounts."""
    people = summary["people"]
    count = reader.count
    ways = [
        f"{count(people['move'])} > {reader.say(_('move'))}",
        f"{count(people['stay'])} = {reader.say(_('stay'))}",
        f"{count(people.get('new', 0))} + {reader.say(_('new'))}",
        f"{count(people['leave'])} - {reader.say(_('leave (suspended that day)'))}",
    ]
    if people["undecided"]:
        ways.append(f"{count(people['undecided'])} ? {reader.say(_('undecided'))}")
    units = (
        reader.say(_("{count} units without anybody"), count=count(people["empty_units"]))
        if people["empty_units"]
        else ""
    )
    lines = label(
        reader, _("People"), SPACE.join(part for part in (count(people["people"]), units) if part), SPACE.join(ways)
    )
    collisions = reader.say(_("{count} collisions solved"), count=count(summary["collisions"]))
    if summary["collisions"] and summary["old_logins_until"]:
        until = reader.day(parse_instant(summary["old_logins_until"]))
        collisions += reader.say(_(" (old ones stay valid until {day})"), day=until)
    keep = reader.say(_("{count} keep theirs"), count=count(people["people"]))
    lines += label(reader, _("Log-ins"), f"{keep} · {collisions}")
    known = reader.say(_("{count} go on working"), count=count(summary["passwords"]))
    letters = reader.say(_("{count} letters to print"), count=count(summary["letters"]))
    return lines + label(reader, _("Passwords"), f"{known} · {letters}")


def build_counts(counts: Mapping[str, int], reader: Reader) -> list[str]:
    """A plan of another kind: how many changes of each sort."""
    parts = [
        reader.say(COUNTED[op], count=reader.count(number)) if op in COUNTED else f"{reader.count(number)} × {op}"
        for op, number in counts.items()
    ]
    return label(reader, _("Changes"), *(parts or ["0"]))


def build_open(open_: Mapping[str, int], summary: Mapping[str, Any], reader: Reader) -> list[str]:
    """What a person must decide."""
    parts = [reader.say(told, count=reader.count(open_[what])) for what, told in OPEN.items() if open_.get(what)]
    unnamed = [what for what in open_ if what not in OPEN and what not in ALOUD and open_[what]]
    parts += [f"{reader.count(open_[what])} {what}" for what in unnamed]
    aloud = [reader.say(told, count=reader.count(open_[what])) for what, told in ALOUD.items() if open_.get(what)]
    example = reader.say(_("Codes and heirs of this decree are examples.")) if summary.get("example") else ""
    return label(reader, _("Open"), SPACE.join(parts) or ("" if aloud else reader.say(_("nothing"))), *aloud, example)


def build_guards(guards: list[Guard], reader: Reader) -> list[str]:
    """What the decree declares against what was found."""
    if not guards:
        return []
    # What was broken comes first: it is what must be mended before anything else.
    told = [tell_guard(guard, reader) for guard in sorted(guards, key=lambda guard: guard.holds)]
    more = reader.say(_("… and {count} more: --output json"), count=reader.count(len(told) - MOST_GUARDS))
    mend = reader.say(_("what is meant is declared in the decree: expect: {leave: {count: …}}"))
    undeclared = any(not guard.holds and is_undeclared(guard) for guard in guards)
    return label(
        reader,
        _("Guards"),
        *told[:MOST_GUARDS],
        more if len(told) > MOST_GUARDS else "",
        mend if undeclared else "",
    )


def is_undeclared(guard: Guard) -> bool:
    """Whether the limit is the installation's, because the decree declares nothing."""
    return bool(guard.where) or guard.name == "leave_in_all"


def tell_guard(guard: Guard, reader: Reader) -> str:
    """One guard: declared 7,962–8,002 people: 7,971 ok."""
    if guard.at_least is None:
        bounds = f"≤ {reader.count(guard.at_most or 0)}"
    elif guard.at_most is None:
        bounds = f"≥ {reader.count(guard.at_least)}"
    else:
        bounds = f"{reader.count(guard.at_least)}–{reader.count(guard.at_most)}"
    verdict = reader.say(_("ok")) if guard.holds else reader.say(_("NOT AS DECLARED"))
    name = reader.say(GUARDS.get(guard.name, guard.name))
    told = _("declared {bounds} {name}: {found} {verdict}")
    if is_undeclared(guard):
        told = _("undeclared {bounds} {name}: {found} {verdict}")
    if guard.where:
        told = _("undeclared {bounds} {name} in {where}: {found} {verdict}")
    return reader.say(
        told,
        where=guard.where,
        bounds=bounds,
        name=name,
        found=reader.count(guard.found),
        verdict=verdict,
    )


def build_next(plan: Plan, standing: Standing, reader: Reader, command: str) -> list[str]:
    """The commands that come next, with what they are for."""
    file = plan.path.name
    steps: list[tuple[str, str]] = []
    open_lines = plan.header.open.get("undecided", 0) + plan.header.open.get("conflicts", 0)
    if standing.run_state is None and open_lines:
        steps.append((f"{command} show {file} --open", reader.say(_("what needs a person"))))
    if standing.run_state == "running":
        steps.append((f"{command} resume {plan.digest[:8]}", reader.say(_("go on where it stopped"))))
    elif standing.run_state == "done":
        steps.append((f"{command} report", reader.say(_("what became of it"))))
        steps.append((f"{command} undo {plan.digest[:8]}", reader.say(_("take it back"))))
    elif standing.run_state is None and not all(guard.holds for guard in plan.header.guards):
        steps.append((f"{command} plan …", reader.say(_("correct the lists or the decree and plan again"))))
    elif standing.run_state is None and standing.approved_by:
        steps.append((f"{command} apply {file}", reader.say(_("nothing is seen before it is complete"))))
    elif standing.run_state is None:
        who = reader.say(_("someone other than {name}"), name=plan.header.made_by)
        steps.append((f"{command} approve {file}", who))
    width = max((len(step) for step, _why in steps), default=0)
    return label(reader, _("Next"), *(f"{step:<{width}}   {why}" for step, why in steps)) if steps else []
