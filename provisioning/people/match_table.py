"""Cases of possible doubles as people see them: two records side by side, or one row of a file that can be filled in and fed back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from rich.table import Table
from rich.text import Text

from directory.chains import find_ancestors, full_name
from directory.models import SEAL_NUMBER, Account, PersonDetail
from directory.people import PersonFacts, find_people
from foundation.changes import AsOf, Change, visible
from foundation.clocks import local_day
from foundation.database import Reads
from foundation.i18n import _, translate
from foundation.sealing import Sealer
from foundation.terminal import language, show_day
from provisioning.people.models import MatchCase
from provisioning.people.scoring import REASONS
from provisioning.people.showing import STATES

FIELDS: Final = {
    "name": _("Name"),
    "birth_date": _("Birth date"),
    "personal_number": _("Personal number"),
    "staff_code": _("Staff code"),
    "phone": _("Phone"),
    "posts": _("Posts"),
    "logins": _("Log-ins"),
    "account": _("Account"),
    "since": _("In the register since"),
    "person": _("Id"),
}
DAYS: Final = ("birth_date", "since")
COLUMNS: Final = (
    "case", "answer", "score", "reasons", "source",
    *(f"{side}_{field}" for field in FIELDS for side in ("a", "b")),
)  # fmt: skip


@dataclass(frozen=True)
class Sides:
    """A case with what is known of both records, as texts."""

    case: MatchCase
    left: Mapping[str, str]
    right: Mapping[str, str]

    def row(self) -> dict[str, object]:
        """One row of a file; the answer is empty."""
        sides = {f"{side}_{field}": record[field] for field in FIELDS for side, record in self.both()}
        plain = {"case": self.case.id, "answer": "", "score": self.case.score, "source": self.case.source or ""}
        return {**plain, "reasons": "; ".join(tell_reasons(self.case)), **sides}

    def both(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """Both records with the letter a file names them by."""
        return ("a", self.left), ("b", self.right)


def tell_reasons(case: MatchCase) -> list[str]:
    """Why somebody is asked, in the reader's language."""
    return [translate(language(), REASONS.get(reason, reason)) for reason in case.reasons]


def read_sides(reads: Reads, sealer: Sealer, cases: Sequence[MatchCase], as_of: AsOf) -> list[Sides]:
    """Both records of each case."""
    ids = list(dict.fromkeys(person for case in cases for person in (case.left_id, case.right_id)))
    people = find_people(reads, ids, as_of)
    states = {
        account.person_id: account.state
        for account in reads.execute(
            sa.select(Account).where(Account.person_id.in_(ids), Account.kind == "business")
        ).scalars()
    }
    numbers: dict[uuid.UUID, tuple[str, str]] = {}
    details = (
        sa.select(PersonDetail, Change.published_at)
        .join(Change, Change.id == PersonDetail.change_id)
        .where(PersonDetail.person_id.in_(ids), visible(PersonDetail))
    )
    for detail, since in reads.execute(details):
        numbers[detail.person_id] = (mask(sealer, detail.number_sealed), local_day(since).isoformat() if since else "")

    def side(person: uuid.UUID) -> dict[str, str]:
        facts = people.get(person)
        number, since = numbers.get(person, ("", ""))
        state = translate(language(), STATES.get(states.get(person), ""))
        return describe(reads, facts, as_of) | {
            "personal_number": number, "since": since, "account": state, "person": str(person),
        }  # fmt: skip

    return [Sides(case, side(case.left_id), side(case.right_id)) for case in cases]


def mask(sealer: Sealer, sealed: str | None) -> str:
    """A personal number of which a clerk sees enough to compare it with a paper: province and the last four digits."""
    if sealed is None:
        return ""
    number = sealer.open(sealed, SEAL_NUMBER).decode()
    return f"{number[:3]}•••••{number[-4:]}"


def describe(reads: Reads, facts: PersonFacts | None, as_of: AsOf) -> dict[str, str]:
    """What is told of one record."""
    if facts is None:
        return dict.fromkeys(FIELDS, "")
    posts = [f"{post.title} — {full_name(find_ancestors(reads, post.unit_id, as_of))}" for post in facts.posts]
    return {
        "name": facts.name,
        "birth_date": facts.birth_date.isoformat() if facts.birth_date else "",
        "staff_code": facts.staff_code or "",
        "phone": facts.phone or "",
        "posts": "; ".join(posts),
        "logins": ", ".join(facts.logins),
    }


def build_table(sides: Sides) -> Table:
    """Two records side by side; what is the same on both sides is marked."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("")
    table.add_column("A", overflow="fold", ratio=1)
    table.add_column("", width=1)
    table.add_column("B", overflow="fold", ratio=1)
    for field, heading in FIELDS.items():
        left, right = (show_day(side[field]) if field in DAYS else side[field] for side in (sides.left, sides.right))
        sign = "" if not left or not right else "=" if left == right else "≠"
        table.add_row(*(Text(text) for text in (translate(language(), heading), left or "—", sign, right or "—")))
    return table


def as_json(sides: Sides) -> dict[str, Any]:
    """A case as data."""
    case = sides.case
    return {
        "case": case.id, "score": case.score, "reasons": case.reasons, "source": case.source,
        "found_at": case.found_at, "a": dict(sides.left), "b": dict(sides.right),
    }  # fmt: skip
