"""The lines of a plan for people: what needs somebody, what touches one unit; names looked up, numbers left out."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from directory.codes import clean_code
from directory.unit_words import KINDS, SCHEME_WORDS
from directory.units import last_facts
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.i18n import Message, _, translate
from foundation.plans import Plan
from foundation.terminal import as_shown, language
from provisioning.merger.book import EVE

# Signs as everywhere: + new, > move, ~ change, - leave, = stay, ? somebody must decide.
SIGNS = {"person.move": ">", "person.stay": "=", "person.leave": "-", "person.undecided": "?", "person.load": "+",
         "unit.begin": "+", "unit.end": "-", "unit.change": "~", "code.begin": "+", "code.end": "-", "login.until": "~"}  # fmt: skip
EDITS = {
    "name": _("Name"),
    "short_name": _("Short name"),
    "parent_id": _("Belongs to"),
    "address": _("Address"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "hotline": _("Hotline"),
}
"""What may become different of a unit."""
BY = {
    "placement": _("placement list"),
    "rule": _("rule of the decree"),
    "principal": _("principal heir of the unit"),
    "undecided": _("nobody has decided"),
    "leave": _("leaves, by the list"),
    "stay": _("the unit goes on"),
}


@dataclass(frozen=True)
class Names:
    """Names and codes of the units a plan speaks of, old and new."""

    by_id: Mapping[str, tuple[str, str]]
    by_code: Mapping[str, str]

    def show(self, unit_id: str | None) -> str:
        """Name and code, as people know the unit."""
        if unit_id is None:
            return "—"
        name, code = self.by_id.get(unit_id, (unit_id[:8], ""))
        return f"{name} ({code})" if code else name

    def find(self, code: str) -> set[str]:
        """The units with this code, or id, or exactly this name."""
        wanted = clean_code(code)
        found = {
            unit_id
            for unit_id, (name, own) in self.by_id.items()
            if wanted in (own, unit_id.upper()) or name.casefold() == code.strip().casefold()
        }
        return found | ({self.by_code[wanted]} if wanted in self.by_code else set())


def read_names(reads: Reads, plan: Plan) -> Names:
    """The names of all units in the plan: those of the eve from the register, new ones from the plan itself."""
    names: dict[str, tuple[str, str]] = {}
    begun: dict[str, tuple[str, str]] = {}
    codes: dict[str, str] = {}
    for line in plan.each_line():
        if line["op"].startswith("person.") or line["op"] == "login.until":
            break
        if line["op"] == "unit.begin":
            begun[line["unit"]] = (line["name"], line["code"])
        elif line["op"] == "code.begin" and line["scheme"] == "agency":
            codes[line["code"]] = line["unit"]
    if plan.header.effective:
        eve = AsOf(parse_instant(plan.header.effective) - EVE)
        units = (uuid.UUID(unit) for unit in plan.header.state)
        names = {str(unit.id): (unit.name, unit.code or "") for unit in last_facts(reads, units, eve).values()}
    return Names(names | begun, codes)


def is_open(line: Mapping[str, Any]) -> bool:
    """Whether a person must be asked: undecided, two for one chair, a password of who leads or approves, not put back."""
    return line["op"] in ("person.undecided", "undo.left") or bool(line.get("chairs") or line.get("ask"))


def touches(line: Mapping[str, Any], units: Iterable[str]) -> bool:
    """Whether the line speaks of one of these units."""
    wanted = set(units)
    named = {line.get("unit")} | {post["unit"] for post in line.get("posts", ())}
    named |= {end for link in line.get("links", ()) for end in (link["from"], link["to"])}
    return bool(wanted & named)


def describe(line: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """One line as a row of a table."""
    op = line["op"]
    row: dict[str, Any] = {"n": line["n"], "sign": SIGNS.get(op, "~"), "op": op}
    if op.startswith("person."):
        posts = line.get("posts", ())
        row |= {
            "who": f"{line['name']} ({line.get('login', '')})" if line.get("login") else line.get("name", ""),
            "before": describe_before(line, names),
            "after": "; ".join(f"{post['title']} — {names.show(post['unit'])}" for post in posts) or "—",
            "why": Message(find_why(line)),
            "source": line.get("source") or "",
        }
        return row
    why = Message(_("the decree says so")) if line.get("source") else ""
    row |= {
        "who": names.show(line.get("unit")),
        "before": "",
        "after": "",
        "why": why,
        "source": line.get("source") or "",
    }
    if op == "code.correct":
        row |= {"before": say_code(line["scheme"], line["was"]), "after": say_code(line["scheme"], line["code"])}
    elif op.startswith("code."):
        row |= {"after" if op == "code.begin" else "before": say_code(line["scheme"], line["code"])}
    elif op in ("unit.change", "unit.correct"):
        row |= {"before": line["was"], "after": ", ".join(describe_edits(line["set"], names))}
    elif op == "event":
        row |= {
            "who": translate(language(), KINDS[line["kind"]]),
            "before": ", ".join(dict.fromkeys(names.show(link["from"]) for link in line["links"] if link["from"])),
            "after": ", ".join(dict.fromkeys(names.show(link["to"]) for link in line["links"] if link["to"])),
        }
    elif op == "login.until":
        row |= {"who": line["login"], "after": until(line["until"])}
    return row


def say_code(scheme: str, code: str) -> str:
    """A code with what kind it is, in the reader's language."""
    return f"{translate(language(), SCHEME_WORDS[scheme])} {code}"


def until(instant: str) -> str:
    """The end of something old."""
    return translate(language(), _("accepted until {end}"), end=as_shown(parse_instant(instant)))


def tell_line(row: Mapping[str, Any]) -> Iterator[str]:
    """One row as people read it: who, from where to where, and why."""
    yield f"  {row['sign']} {row['who']}"
    if row["before"]:
        yield f"      {row['before']}"
    if row["after"] and row["after"] != "—":
        yield f"    → {row['after']}"
    reason = " · ".join(part for part in (row["why"], row["source"]) if part)
    if reason:
        yield f"      ({reason})"


def describe_before(line: Mapping[str, Any], names: Names) -> str:
    """What somebody held and where; nothing for a newcomer."""
    if line["op"] == "person.load":
        return ""
    return f"{'; '.join(line.get('from', ()))} — {names.show(line.get('unit'))}".lstrip(" —")


def describe_edits(edits: Mapping[str, Any], names: Names) -> Iterator[str]:
    """What becomes different of a unit that goes on."""
    for key, value in edits.items():
        told = names.show(value) if key == "parent_id" else value
        yield f"{translate(language(), EDITS.get(key, key))}: {told}"


def find_why(line: Mapping[str, Any]) -> str:
    """The reason as an English sentence."""
    if line.get("chairs"):
        return _("two hold a post for one; nobody who comes leads until a person decides")
    if line.get("ask"):
        return _("leads, approves or acts upon others, and brings a password along")
    by = str(line.get("by") or "")
    return BY.get(by, by)


def select_lines(plan: Plan, names: Names, only_open: bool, unit: str | None) -> Iterator[dict[str, Any]]:
    """The lines that were asked for."""
    wanted = names.find(unit) if unit is not None else None
    for line in plan.each_line():
        if only_open and not is_open(line):
            continue
        if wanted is not None and not touches(line, wanted):
            continue
        yield line
