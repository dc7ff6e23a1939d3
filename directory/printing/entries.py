"""What stands in the directory: entries built from plain values, without a server and without a database.

Flat and permanent: `hopnhatPersonId=<uuid>,ou=people,<base>` and `hopnhatUnitId=<uuid>,ou=units,<base>`. The RDN never
changes and never needs escaping; units, names and log-ins are attributes, so that a merger is only modifies (DESIGN §4).
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from directory.names import normalize_text, split_name

Values = tuple[bytes, ...]
PrintedState = Literal["none", "issued", "active", "suspended", "closed"]

CERTIFICATE = "userCertificate;binary"
PERSON_CLASSES: Values = (b"hopnhatPerson", b"inetOrgPerson", b"organizationalPerson", b"person", b"top")
UNIT_CLASSES: Values = (b"hopnhatUnit", b"organizationalUnit", b"top")
OWN_NAME = re.compile(r"hopnhat(Person|Unit)Id=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}),ou=(?:people|units),")
SHARED: Final = 8192
"""Titles, units and lists of codes that are kept as a server takes them: the same few stand in thousands of entries."""
# RFC 4517 §3.3.31 builds a telephone number of the letters of a PrintableString (§3.2).
TELEPHONE = re.compile(r"[A-Za-z0-9'()+,\-./:? ]+")


@dataclass(frozen=True)
class Entry:
    """One entry as it should stand: attribute names in our spelling, values sorted, none empty."""

    dn: str
    attributes: Mapping[str, Values]


@dataclass(frozen=True)
class PersonPrinting:
    """Everything of a person that is printed, as of one instant."""

    person_id: uuid.UUID
    name: str
    state: PrintedState = "none"
    logins: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    phone: str | None = None
    staff_code: str | None = None
    title: str | None = None
    unit_id: uuid.UUID | None = None
    unit_name: str | None = None
    unit_codes: tuple[str, ...] = ()
    former_unit_codes: tuple[str, ...] = ()
    certificates: tuple[bytes, ...] = ()
    password_hash: str | None = field(default=None, repr=False)
    """argon2id as a PHC string, or None where nobody has activated."""
    survivor_id: uuid.UUID | None = None
    """The person this id was joined to: the entry stays, without log-ins, and points there."""


@dataclass(frozen=True)
class UnitPrinting:
    """Everything of a unit that is printed, as of one instant."""

    unit_id: uuid.UUID
    name: str
    level: str
    standing: bool = True
    parent_id: uuid.UUID | None = None
    codes: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()
    successor_ids: tuple[uuid.UUID, ...] = ()
    mail: str | None = None
    phone: str | None = None
    address: str | None = None
    certificates: tuple[bytes, ...] = ()


def people_branch(base: str) -> str:
    """Where people stand."""
    return f"ou=people,{base}"


def units_branch(base: str) -> str:
    """Where units stand."""
    return f"ou=units,{base}"


def person_dn(person_id: uuid.UUID, base: str) -> str:
    """The permanent name of a person's entry."""
    return f"hopnhatPersonId={person_id},{people_branch(base)}"


def unit_dn(unit_id: uuid.UUID, base: str) -> str:
    """The permanent name of a unit's entry."""
    return f"hopnhatUnitId={unit_id},{units_branch(base)}"


def find_identity(dn: str) -> tuple[Literal["person", "unit"] | None, uuid.UUID | None]:
    """Whose entry a name is: the kind and the id, or nothing for an entry that is not ours."""
    found = OWN_NAME.match(dn)
    if found is None:
        return None, None
    return ("person" if found[1] == "Person" else "unit"), uuid.UUID(found[2])


def build_person_entry(person: PersonPrinting, base: str) -> Entry:
    """The entry of a person. Only an active account with an argon2 hash carries a password."""
    family, middle, given = split_name(person.name)
    identity = str(person.person_id)
    attributes = {
        "objectClass": PERSON_CLASSES,
        "hopnhatPersonId": (identity.encode(),),
        "hopnhatAccountState": (person.state.encode(),),
        "cn": as_value(person.name),
        "sn": as_value(family or given),
        "givenName": as_value(f"{middle} {given}"),
        "uid": as_values(person.logins),
        "mail": as_values(person.mails, only=str.isascii),
        "telephoneNumber": as_value(person.phone, only=is_telephone),
        "employeeNumber": as_value(person.staff_code),
        "title": as_shared_value(person.title),
        "ou": as_shared_value(person.unit_name),
        "hopnhatUnitId": as_shared_value(person.unit_id),
        "hopnhatUnitCode": as_shared_codes(person.unit_codes),
        "hopnhatFormerUnitCode": as_shared_codes(person.former_unit_codes),
        CERTIFICATE: tuple(sorted(set(person.certificates))),
        "seeAlso": (person_dn(person.survivor_id, base).encode(),) if person.survivor_id else (),
        "userPassword": print_password(person.state, person.password_hash),
    }
    return Entry(
        f"hopnhatPersonId={identity},ou=people,{base}", {name: values for name, values in attributes.items() if values}
    )


def build_unit_entry(unit: UnitPrinting, base: str) -> Entry:
    """The entry of a unit; one that has ended keeps its entry, says so, and names who took over."""
    attributes = {
        "objectClass": UNIT_CLASSES,
        "hopnhatUnitId": as_value(unit.unit_id),
        "hopnhatUnitState": (b"standing",) if unit.standing else (b"ended",),
        "hopnhatUnitLevel": as_value(unit.level),
        "ou": as_value(unit.name),
        "hopnhatParentUnitId": as_value(unit.parent_id),
        "hopnhatUnitCode": as_values(unit.codes, only=str.isascii),
        "hopnhatFormerUnitCode": as_values(unit.former_codes, only=str.isascii),
        "hopnhatSuccessorUnitId": as_values(map(str, unit.successor_ids)),
        "mail": as_value(unit.mail, only=str.isascii),
        "telephoneNumber": as_value(unit.phone, only=is_telephone),
        "street": as_value(unit.address),
        CERTIFICATE: tuple(sorted(set(unit.certificates))),
    }
    return Entry(unit_dn(unit.unit_id, base), {name: values for name, values in attributes.items() if values})


def print_password(state: PrintedState, password_hash: str | None) -> Values:
    """{ARGON2} and the PHC string slapd compares with; nothing unless the account is active and the hash is argon2's."""
    if state != "active" or password_hash is None or not password_hash.startswith("$argon2"):
        return ()
    return (b"{ARGON2}" + password_hash.encode(),)


def as_value(text: object, only: Callable[[str], bool] = bool) -> Values:
    """One value as a server accepts it, or none: NFC, no blanks around, not empty.

    `only` is a test of the text; what does not pass is left off, because one refused value would keep the whole entry out.
    """
    value = "" if text is None else normalize_text(str(text))
    return (value.encode(),) if value and only(value) else ()


def as_values(texts: Iterable[str], only: Callable[[str], bool] = bool) -> Values:
    """Sorted values, each as `as_value` has it, no two that the server's matching calls equal."""
    kept: dict[str, bytes] = {}
    for text in texts:
        for value in as_value(text, only):
            kept.setdefault(value.decode().casefold(), value)
    return tuple(sorted(kept.values())) if len(kept) > 1 else tuple(kept.values())


@lru_cache(maxsize=SHARED)
def as_shared_value(text: object) -> Values:
    """The same for what many people have in common."""
    return as_value(text)


@lru_cache(maxsize=SHARED)
def as_shared_codes(codes: tuple[str, ...]) -> Values:
    """The codes of a unit as the entries of all its people have them."""
    return as_values(codes, only=str.isascii)


def is_telephone(text: str) -> bool:
    """Whether a directory takes the text as a telephone number."""
    return TELEPHONE.fullmatch(text) is not None
