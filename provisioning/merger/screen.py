"""The one screen of a plan: what it is, what happens to units and people, what is open, what to do next.

Words and signs are the same everywhere: `+` new, `>` move, `~` change, `-` leave, `=` stay.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from foundation.clocks import local_day, parse_instant
from foundation.i18n import _, format_day, translate
from foundation.plans import Guard, Plan
from provisioning.merger.rehearsal import Rehearsal
from provisioning.merger.report import Report

MARGIN = "  "
LABEL = 11
SPACE = "     "
LEVELS = {
    "province": (_("provinces"), _("{count} provinces end")),
    "department": (_("departments"), _("{count} departments end")),
    "district": (_("districts"), _("{count} districts end")),
    "division": (_("district offices"), _("{count} district offices end")),
    "commune": (_("communes"), _("{count} communes end")),
    "central": (_("central units"), _("{count} central units end")),
}
ORDER = ("central", "province", "commune", "department", "district", "division")
GUARDS = {
    "people": _("people"),
    "move": _("move"),
    "stay": _("stay"),
    "leave": _("leave"),
    "undecided": _("undecided"),
    "conflicts": _("conflicts"),
    "units_begin": _("units that begin"),
    "units_end": _("units that end"),
}


@dataclass(frozen=True)
class Standing:
    """Where the plan stands in the register: who approved it, how its run goes."""

    approved_by: str | None = None
    run_state: str | None = None
    position: int = 0


@dataclass(frozen=True)
class Reader:
    """Who reads: language, zone and the moment."""

    language: str
    zone: ZoneInfo
    now: datetime

    def say(self, message: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return translate(self.language, message, **values)

    def count(self, number: int) -> str:
        """A number grouped as the reader groups it."""
        grouped = f"{number:,}"
        return grouped.replace(",", ".") if self.language == "vi" else grouped

    def moment(self, instant: datetime) -> str:
        """An instant in the reader's zone, with the offset."""
        local = instant.astimezone(self.zone)
        offset = local.strftime("%z")
        day = local.strftime("%d/%m/%Y") if self.language == "vi" else local.strftime("%Y-%m-%d")
        return f"{day} {local:%H:%M} ({offset[:3]}:{offset[3:]})"

    def day(self, instant: datetime) -> str:
        """The calendar day."""
        day = local_day(instant, self.zone)
        return format_day(self.language, day) if self.language == "vi" else day.isoformat()

    def distance(self, instant: datetime) -> str:
        """How far away an instant is, in days or hours."""
        hours = round((instant - self.now).total_seconds() / 3600)
        if abs(hours) < 48:
            return (
                self.say(_("in {count} hours"), count=hours)
                if hours > 0
                else self.say(_("{count} hours ago"), count=-hours)
            )
        days = round(hours / 24)
        return self.say(_("in {count} days"), count=days) if days > 0 else self.say(_("{count} days ago"), count=-days)


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


def label(reader: Reader, word: str, first: str, *rest: str) -> list[str]:
    """A labelled block: the label once, every line aligned."""
    lines = [f"{MARGIN}{reader.say(word):<{LABEL}}{first}"]
    return lines + [f"{MARGIN}{'':<{LABEL}}{line}" for line in rest if line]


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
    parts = [reader.say(_("Decree {number}"), number=header.decision)] if header.decision else []
    parts.append(reader.say(_("plan {digest}"), digest=plan.short_digest))
    made = reader.moment(parse_instant(header.made_at))
    parts.append(reader.say(_("made {moment} by {name}"), moment=made, name=header.made_by))
    yield MARGIN + " · ".join(parts)
    yield MARGIN + tell_standing(plan, standing, reader)


def choose_effect(at: datetime, standing: Standing, reader: Reader) -> str:
    """The clause about the instant: ahead, past and applied, or past and still to be applied."""
    if at > reader.now:
        return _("takes effect {moment}, {distance}")
    if standing.run_state == "done":
        return _("in effect since {moment}, {distance}")
    return _("takes effect back from {moment}, {distance}")


def tell_standing(plan: Plan, standing: Standing, reader: Reader) -> str:
    """One clause: approved or not, applied or not."""
    if standing.run_state == "done":
        return reader.say(_("approved by {name} · applied"), name=standing.approved_by or "—")
    if standing.run_state == "running":
        share = standing.position * 100 // max(plan.header.lines, 1)
        return reader.say(
            _("approved by {name} · interrupted at {share} %"), name=standing.approved_by or "—", share=share
        )
    if standing.run_state == "undone":
        return reader.say(_("applied and undone"))
    if standing.run_state == "abandoned":
        return reader.say(_("begun and given up"))
    if standing.approved_by:
        return reader.say(_("approved by {name} · not yet applied"), name=standing.approved_by)
    return reader.say(_("not yet approved"))


def build_units(units: Mapping[str, int], reader: Reader) -> list[str]:
    """How many of each level there were and are, and what becomes of codes."""
    parts = []
    for level in ORDER:
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
        f"{count(people['move'] + people['undecided'])} > {reader.say(_('move'))}",
        f"{count(people['stay'])} = {reader.say(_('stay'))}",
        f"{count(people.get('new', 0))} + {reader.say(_('new'))}",
        f"{count(people['leave'])} - {reader.say(_('leave (suspended that day)'))}",
    ]
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
    parts = [f"{reader.count(number)} × {op}" for op, number in counts.items()]
    return label(reader, _("Changes"), *(parts or ["0"]))


def build_open(open_: Mapping[str, int], summary: Mapping[str, Any], reader: Reader) -> list[str]:
    """What a person must decide."""
    parts = []
    if open_.get("undecided"):
        parts.append(reader.say(_("{count} undecided (no placement)"), count=reader.count(open_["undecided"])))
    if open_.get("conflicts"):
        parts.append(reader.say(_("{count} conflicts (two chairs)"), count=reader.count(open_["conflicts"])))
    if open_.get("codes_to_confirm"):
        parts.append(reader.say(_("{count} codes to confirm"), count=reader.count(open_["codes_to_confirm"])))
    known = {"undecided", "conflicts", "codes_to_confirm"}
    parts += [f"{reader.count(number)} {what}" for what, number in open_.items() if what not in known and number]
    example = reader.say(_("Codes and heirs of this decree are examples.")) if summary.get("example") else ""
    return label(reader, _("Open"), SPACE.join(parts) or reader.say(_("nothing")), example)


def build_guards(guards: list[Guard], reader: Reader) -> list[str]:
    """What the decree declares against what was found."""
    if not guards:
        return []
    return label(reader, _("Guards"), *(tell_guard(guard, reader) for guard in guards))


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
    return reader.say(
        _("declared {bounds} {name}: {found} {verdict}"),
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


# --- a rehearsal ---------------------------------------------------------------------------------------------------


def build_rehearsal_screen(found: Rehearsal, against: Sequence[str], reader: Reader) -> list[str]:
    """How long it took, what the register will be, and what speaks against going on."""
    times = [
        reader.say(_("copied in {seconds} s"), seconds=f"{found.copied:.1f}"),
        reader.say(_("applied in {seconds} s"), seconds=f"{found.applied:.1f}"),
        reader.say(_("{rate} changes a second"), rate=reader.count(round(found.rate))),
    ]
    digests = f"{found.digest_before[:12]} → {found.digest_after[:12]}"
    lines = ["", *label(reader, _("Rehearsal"), " · ".join(times))]
    lines += label(reader, _("Register"), digests)
    lines += label(reader, _("Go"), *(against or [reader.say(_("nothing speaks against it"))]))
    return [*lines, ""]


# --- the report ----------------------------------------------------------------------------------------------------

MOST_LACKING = 12


def build_report_screen(report: Report, reader: Reader) -> list[str]:
    """The figures of a report on one screen, the instant first."""
    count = reader.count
    levels = Counter(unit.level for unit in report.units)
    shown = [f"{count(levels[level])} {reader.say(LEVELS[level][0])}" for level in ORDER if levels[level]]
    accounts = [
        reader.say(_("{count} active"), count=count(report.total("active"))),
        reader.say(_("{count} wait for a letter"), count=count(report.total("letters"))),
        reader.say(_("{count} suspended"), count=count(report.total("suspended"))),
    ]
    certificates = [
        reader.say(_("{count} of people"), count=count(report.total("certificates"))),
        reader.say(_("{count} of agencies"), count=count(report.total("agency_certificates"))),
    ]
    lacking = report.without_signers
    lines = ["", MARGIN + reader.say(_("As of {moment}"), moment=reader.moment(report.at))]
    if report.known_at is not None:
        lines.append(MARGIN + reader.say(_("as known {moment}"), moment=reader.moment(report.known_at)))
    lines += ["", *label(reader, _("Units"), SPACE.join(shown[:4]), SPACE.join(shown[4:]))]
    lines += label(reader, _("People"), count(report.total("people")))
    lines += label(reader, _("Accounts"), SPACE.join([count(report.total("accounts")), *accounts]))
    if report.without_post:
        alone, suspended = sum(report.without_post.values()), report.without_post.get("suspended", 0)
        told = reader.say(
            _("{count} without a post, {suspended} of them suspended"), count=count(alone), suspended=count(suspended)
        )
        lines += label(reader, _("Besides"), told)
    lines += label(reader, _("Signatures"), SPACE.join(certificates))
    heading = reader.say(_("{count} units with fewer than two signers"), count=count(len(lacking)))
    names = [f"{unit.name} ({unit.code}): {unit.signers}" for unit in lacking[:MOST_LACKING]]
    if len(lacking) > MOST_LACKING:
        names.append(reader.say(_("… and {count} more: --output csv"), count=count(len(lacking) - MOST_LACKING)))
    return [*lines, *label(reader, _("Signers"), heading, *names), ""]
