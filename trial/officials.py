"""The officials of a merger: one person in every chair of every old unit, drawn from the seed.

Within one new province no two drawn people share a name and a date of birth: whoever does was put there as dirt
and stands in the answer file.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from trial.draws import Weighted, open_draws
from trial.names import Name, draw_name
from trial.offices import Unit, bare_name
from trial.passwords import draw_unknown_hash, hash_known_password
from trial.personas import BY_CHAIR, Persona
from trial.posts import Chair, Sizes, build_chairs
from trial.spelling import plain_word

_HASHES = {
    "86": Weighted({"ssha512": 70, "crypt": 18, "": 12}.items()),
    "83": Weighted({"ssha": 50, "bcrypt": 38, "": 12}.items()),
    "84": Weighted({"pbkdf2-keycloak": 70, "ssha": 18, "": 12}.items()),
}
_OTHER_HASHES = Weighted({"ssha": 60, "bcrypt": 25, "": 15}.items())
_MOBILE = (
    "090",
    "091",
    "093",
    "094",
    "096",
    "097",
    "098",
    "032",
    "035",
    "038",
    "039",
    "070",
    "077",
    "079",
    "083",
    "088",
)


@dataclass(frozen=True, slots=True)
class Official:
    """A person in a chair of an old unit, with what the old province knows about them."""

    key: int
    name: Name
    sex: str
    born: date
    personal_number: str
    phone: str
    email: str
    login: str
    staff_code: str
    password_hash: str
    unit: Unit
    chair: Chair
    persona: str = ""


class Register:
    """What was given out within one new province: numbers, log-ins, and who bears which name and birth date."""

    def __init__(self, by_chair: Mapping[tuple[str, int], Persona] = BY_CHAIR) -> None:
        self.by_chair = by_chair
        self.numbers: set[str] = set()
        self.logins: set[tuple[str, str]] = set()
        self.people: set[tuple[str, date]] = {(persona.name.full, persona.born) for persona in by_chair.values()}
        self.count = 0


def build_officials(
    units: list[Unit], province: str, sizes: Sizes, seed: int, register: Register
) -> Iterator[Official]:
    """Every official of an old province, unit by unit; `units` are its own, with the province first."""
    draws = open_draws(seed, "officials", province)
    domain = units[0].email.partition("@")[2]
    initials = "".join(word[0] for word in bare_name(units[0].name).split() if word[0].isalpha()).upper()
    refs = {unit.ref for unit in units}
    register.logins |= {(province, persona.login) for persona in register.by_chair.values() if persona.unit in refs}
    number = 0
    for unit in units:
        for place, chair in enumerate(build_chairs(unit, sizes)):
            number += 1
            person = _draw_person(draws, unit, chair, register.by_chair.get((unit.ref, place)), register)
            login = person.login or draw_login(person.name, province, register)
            yield Official(
                key=register.count, name=person.name, sex=person.sex, born=person.born,
                personal_number=draw_personal_number(draws, province, person.sex, person.born, register),
                phone=draw_phone(draws), email=f"{login}@{domain}", login=login,
                staff_code=f"{initials}-{number:06d}", password_hash=_draw_hash(draws, province, person),
                unit=unit, chair=chair, persona=person.key,
            )  # fmt: skip
            register.count += 1


def draw_personal_number(draws: random.Random, province: str, sex: str, born: date, register: Register) -> str:
    """Twelve digits as Decree 137/2015 Art. 13 shapes them: province of birth, century and sex, year, six of chance."""
    century = (0 if born.year < 2000 else 2) + (0 if sex == "m" else 1)
    while True:
        number = f"0{province}{century}{born.year % 100:02d}{draws.randrange(1_000_000):06d}"
        if number not in register.numbers:
            register.numbers.add(number)
            return number


def draw_phone(draws: random.Random) -> str:
    """A mobile number: ten digits, the first is 0."""
    return draws.choice(_MOBILE) + f"{draws.randrange(10_000_000):07d}"


def draw_login(name: Name, province: str, register: Register) -> str:
    """The log-in by the old province's own habit, numbered when it is taken there.

    Trà Vinh takes the initials (`nva`), the others the given name with initials (`annv`), so that the
    provinces' log-ins overlap as soon as they stand in one system.
    """
    initials = "".join(plain_word(word)[0] for word in f"{name.family} {name.middle}".split())
    given = plain_word(name.given)
    stem = initials + given[0] if province == "84" else given + initials
    login, number = stem, 1
    while (province, login) in register.logins:
        number += 1
        login = f"{stem}{number}"
    register.logins.add((province, login))
    return login


def _draw_person(
    draws: random.Random, unit: Unit, chair: Chair, persona: Persona | None, register: Register
) -> Persona:
    """The known person of this chair, or a drawn one in the same shape, with empty key and log-in."""
    if persona is not None:
        return persona
    sex = _draw_sex(draws, chair)
    first = date(chair.born[0], 1, 1)
    days = (date(chair.born[1], 12, 31) - first).days
    while True:
        born = first + timedelta(days=draws.randrange(days))
        name = draw_name(draws, sex, born.year, unit.province)
        if (name.full, born) not in register.people:
            register.people.add((name.full, born))
            return Persona("", unit.ref, -1, name, sex, born, "")


def _draw_sex(draws: random.Random, chair: Chair) -> str:
    title = chair.posts[0].title
    if "Phụ nữ" in title or "Quân sự" in title:
        return "f" if "Phụ nữ" in title else "m"
    return "f" if draws.random() < (0.28 if chair.leads else 0.5) else "m"


def _draw_hash(draws: random.Random, province: str, person: Persona) -> str:
    if person.key:
        return hash_known_password(person.hash_kind, person.password, draws) if person.password else ""
    kind = _HASHES.get(province, _OTHER_HASHES).draw(draws)
    return draw_unknown_hash(kind, draws) if kind else ""
