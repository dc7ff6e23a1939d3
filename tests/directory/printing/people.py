"""People and units worth printing, made with words for their traits."""

import uuid
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from argon2 import PasswordHasher

from directory.printing.entries import (
    Entry,
    PersonPrinting,
    UnitPrinting,
    build_person_entry,
    build_unit_entry,
    person_dn,
    unit_dn,
)

PASSWORD = "mật khẩu của tôi 2025"


@cache
def password_hash() -> str:
    """The cheapest argon2id hash of PASSWORD."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Official:
    """A person with the entry they should have."""

    printing: PersonPrinting

    def entry(self, base: str) -> Entry:
        return build_person_entry(self.printing, base)

    def dn(self, base: str) -> str:
        return person_dn(self.printing.person_id, base)

    def now(self, **traits: Any) -> "Official":
        """The same person with something changed."""
        return Official(replace(self.printing, **traits))


def official(name: str = "Nguyễn Văn An", *, login: str = "", activated: bool = False, **traits: Any) -> Official:
    """Somebody with a log-in; `activated` gives the password PASSWORD."""
    printing = PersonPrinting(
        person_id=traits.pop("person_id", uuid.uuid4()),
        name=name,
        logins=(login,) if login else (),
        state="active" if activated else "issued",
        password_hash=password_hash() if activated else None,
        **traits,
    )
    return Official(printing)


@dataclass(frozen=True)
class Office:
    """A unit with the entry it should have."""

    printing: UnitPrinting

    def entry(self, base: str) -> Entry:
        return build_unit_entry(self.printing, base)

    def dn(self, base: str) -> str:
        return unit_dn(self.printing.unit_id, base)


def office(name: str = "UBND phường An Hội", **traits: Any) -> Office:
    """A unit that stands."""
    return Office(UnitPrinting(unit_id=traits.pop("unit_id", uuid.uuid4()), name=name, level="commune", **traits))
