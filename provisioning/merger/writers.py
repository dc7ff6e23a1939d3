"""What each line of a plan writes: one function per `op`, gathering rows into a batch.

Identities and row numbers stand in the line; nothing is looked up and nothing is made up here, so that two runs of one plan, or
a run killed and resumed, write the same rows.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from directory.models import Login, MailAddress, Post, Unit, UnitCode, UnitEvent, UnitEventLink, UnitVersion
from directory.names import fold_name
from foundation.clocks import as_rfc3339, parse_instant
from provisioning.mail.address_lines import OP as GIVE_ADDRESS
from provisioning.mail.address_lines import change_address
from provisioning.merger.batches import Batch
from provisioning.people.closing_lines import CLOSE, close_account
from provisioning.rosters.plan import LOAD, load_person

Line = Mapping[str, Any]
PRINT_PERSON = "print_person"
PRINT_UNIT = "print_unit"
PROPOSE_CERTIFICATES = "propose_certificates"
REOPEN_LEAVERS = "reopen_leavers"


def end_unit(batch: Batch, line: Line) -> None:
    """A unit's version ends at the instant."""
    batch.withdraw(UnitVersion, [line["row"]])
    batch.end(UnitVersion, [line["row"]])
    batch.add_job(PRINT_UNIT, line["unit"])


def begin_unit(batch: Batch, line: Line) -> None:
    """A unit begins at the instant, under its parent."""
    unit_id = line["unit"]
    batch.add(Unit, id=unit_id, level=line["level"])
    batch.add(
        UnitVersion,
        unit_id=unit_id,
        name=line["name"],
        name_key=fold_name(line["name"]),
        short_name=line["short_name"],
        parent_id=line["parent"],
        kind=line["kind"],
        address=line["address"],
        phone=line["phone"],
        email=line["email"],
        hotline=line["hotline"],
        valid_from=batch.effective,
    )
    batch.add_job(PRINT_UNIT, line["unit"])


def change_unit(batch: Batch, line: Line) -> None:
    """A unit goes on under another name or parent: the old version ends, one with the differences begins."""
    changed = dict(line["set"])
    if "name" in changed:
        changed["name_key"] = fold_name(changed["name"])
    batch.withdraw(UnitVersion, [line["row"]])
    batch.end(UnitVersion, [line["row"]])
    batch.vary(UnitVersion, line["row"], valid_from=batch.effective, **changed)
    batch.add_job(PRINT_UNIT, line["unit"])


def correct_unit(batch: Batch, line: Line) -> None:
    """What was recorded wrong of a unit is withdrawn and written right, for the same time."""
    changed = dict(line["set"])
    if "name" in changed:
        changed["name_key"] = fold_name(changed["name"])
    batch.withdraw(UnitVersion, [line["row"]])
    batch.vary(UnitVersion, line["row"], **changed)
    batch.add_job(PRINT_UNIT, line["unit"])


def correct_code(batch: Batch, line: Line) -> None:
    """A code that was written wrong is withdrawn and written right, for the same time."""
    batch.withdraw(UnitCode, [line["row"]])
    batch.vary(UnitCode, line["row"], code=line["code"])
    batch.add_job(PRINT_UNIT, line["unit"])


def end_code(batch: Batch, line: Line) -> None:
    """A code is closed at the instant; it stays resolvable."""
    batch.withdraw(UnitCode, [line["row"]])
    batch.end(UnitCode, [line["row"]])
    batch.add_job(PRINT_UNIT, line["unit"])


def begin_code(batch: Batch, line: Line) -> None:
    """A unit bears a code from the instant on."""
    batch.add(
        UnitCode,
        unit_id=line["unit"],
        scheme=line["scheme"],
        level=line["level"],
        code=line["code"],
        continued_from=line["continued_from"],
        example=line["example"],
        valid_from=batch.effective,
        **read_decision(line),
    )
    batch.add_job(PRINT_UNIT, line["unit"])


def happen(batch: Batch, line: Line) -> None:
    """An event with its links; each unit that receives something has certificates to propose."""
    event_id = line["id"]
    batch.add(
        UnitEvent,
        id=event_id,
        kind=line["kind"],
        instant=batch.effective,
        note=line["note"],
        example=line["example"],
        **read_decision(line),
        **read_documents(line),
    )
    for link in line["links"]:
        batch.add(
            UnitEventLink,
            event_id=event_id,
            predecessor_id=link["from"],
            successor_id=link["to"],
            share=link["share"],
            principal=link["principal"],
        )
    for unit in dict.fromkeys(link["to"] for link in line["links"] if link["to"]):
        payload = {"units": [unit], "instant": as_rfc3339(batch.effective), "change": batch.change_id}
        batch.add_job(PROPOSE_CERTIFICATES, unit, payload)
        batch.add_job(PRINT_UNIT, unit)  # it shows the codes of those who came to it


def read_documents(line: Line) -> dict[str, Any]:
    """The rule for documents as columns."""
    rule = line.get("documents") or {}
    return {
        "documents": rule.get("to"),
        "archive_id": rule.get("archive"),
        "readers": rule.get("readers") or None,
    }


def read_decision(line: Line) -> dict[str, Any]:
    """The legal act as columns."""
    decision = line["decision"]
    return {
        "decision_number": decision["number"],
        "decision_date": date.fromisoformat(decision["date"]),
        "decision_issuer": decision["issuer"],
    }


def move_person(batch: Batch, line: Line) -> None:
    """Old posts end, new ones begin; undecided people keep their account without duties."""
    rows = line.get("rows", ())
    batch.withdraw(Post, rows)
    batch.end(Post, line.get("cut", ()))
    person_id = line["person"]
    for post in line.get("posts", ()):
        batch.add(
            Post,
            post_id=post["id"],
            person_id=person_id,
            unit_id=post["unit"],
            title=post["title"],
            body=post["body"],
            duties=post["duties"],
            main=post["main"],
            acting=post.get("acting", False),
            decision=post["decision"],
            valid_from=parse_instant(post["begins"]) if "begins" in post else batch.effective,
            valid_to=parse_instant(post["until"]) if "until" in post else None,
        )
    batch.add_job(PRINT_PERSON, line["person"])


def let_person_leave(batch: Batch, line: Line) -> None:
    """Posts end, and the account is suspended at the instant."""
    move_person(batch, line)
    batch.leavers.append(line["person"])


def keep_person(batch: Batch, line: Line) -> None:
    """Somebody stays: nothing is written."""


def close_login(batch: Batch, line: Line) -> None:
    """An old log-in is accepted until a date."""
    batch.withdraw(Login, [line["row"]])
    batch.end(Login, [line["row"]], parse_instant(line["until"]))
    batch.add_job(PRINT_PERSON, line["person"])


def take_back_units(batch: Batch, line: Line) -> None:
    """Rows of units are withdrawn or written again."""
    batch.take_back(line.get("withdraw", {}), line.get("again", {}))
    for unit in line["units"]:
        batch.add_job(PRINT_UNIT, unit)


def take_back_person(batch: Batch, line: Line) -> None:
    """Rows of one person are withdrawn and written again."""
    batch.take_back(line["withdraw"], line["again"])
    batch.add_job(PRINT_PERSON, line["person"])


def reopen(batch: Batch, line: Line) -> None:
    """Accounts that were suspended by what is taken back open again."""
    batch.add_job(REOPEN_LEAVERS, f"{batch.change_id}:{line['n']}", {"people": line["people"]})


MOVED = {"begin": "valid_from", "end": "valid_to", "instant": "instant"}
"""The column of a row that was at the old instant, by the word of a line."""


def move_rows(batch: Batch, line: Line) -> None:
    """Rows at the old instant are withdrawn and written again at the new one."""
    batch.take_back(line.get("withdraw", {}), {})
    for word, column in MOVED.items():
        batch.move(column, line.get(word, {}))
    for dated in line.get("addresses", ()):
        until = parse_instant(dated["until"])
        batch.withdraw(MailAddress, [*dated["begin"], *dated["stand"]])
        batch.move("valid_from", {MailAddress.__tablename__: dated["begin"]}, until)
        batch.end(MailAddress, dated["stand"], until)
    for unit in line.get("units", ()):
        batch.add_job(PRINT_UNIT, unit)
    if "person" in line:
        batch.add_job(PRINT_PERSON, line["person"])


def move_leavers(batch: Batch, line: Line) -> None:
    """Whoever was to be suspended at the old instant is suspended at the new one."""
    batch.leavers += line["people"]


def move_certificates(batch: Batch, line: Line) -> None:
    """Certificates are proposed at the new instant."""
    for unit in line["units"]:
        payload = {"units": [unit], "instant": as_rfc3339(batch.effective), "change": batch.change_id}
        batch.add_job(PROPOSE_CERTIFICATES, unit, payload)


Writer = Callable[[Batch, Line], None]
WRITERS: dict[str, Writer] = {
    "unit.end": end_unit,
    "code.end": end_code,
    "unit.begin": begin_unit,
    "unit.change": change_unit,
    "unit.correct": correct_unit,
    "code.correct": correct_code,
    "code.begin": begin_code,
    "event": happen,
    "person.move": move_person,
    "person.undecided": move_person,
    "person.leave": let_person_leave,
    "person.stay": keep_person,
    "login.until": close_login,
    LOAD: load_person,
    GIVE_ADDRESS: change_address,
    "retime.units": move_rows,
    "retime.person": move_rows,
    "retime.leavers": move_leavers,
    "retime.certificates": move_certificates,
    CLOSE: close_account,
    "undo.units": take_back_units,
    "undo.person": take_back_person,
    "undo.left": keep_person,
    "undo.reopen": reopen,
}
