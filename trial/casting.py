"""Who plays in the story of one new province: the people, the new commune and the former district that the scenes look at.

Vĩnh Long (86) has its own people (`trial.personas`); for any other province chairs of the same kind are cast: a commune that was made
of whole old ones and begins anew, its chair and clerk, somebody without a password, a leader of the province.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from trial.decree import stands_on
from trial.names import Name
from trial.personas import BY_CHAIR, PERSONAS, STORY_COMMUNE, STORY_DISTRICT, Persona
from trial.places import Country, Share

STORY_PROVINCE = "86"
FORMER_PROVINCE = "84"


@dataclass(frozen=True)
class Casting:
    """`commune` is a new commune's code, `district` that of a former district, `former` that of the old province whose past is told."""

    province: str
    commune: str
    district: str
    former: str
    personas: tuple[Persona, ...]

    @property
    def by_chair(self) -> Mapping[tuple[str, int], Persona]:
        """The people by unit and chair."""
        return {(persona.unit, persona.chair): persona for persona in self.personas}


FIXED = Casting(STORY_PROVINCE, STORY_COMMUNE, STORY_DISTRICT, FORMER_PROVINCE, PERSONAS)
assert FIXED.by_chair == BY_CHAIR


def cast(country: Country, province: str) -> Casting:
    """The casting of a new province. Raises LookupError where no commune fits."""
    if province == STORY_PROVINCE:
        return FIXED
    code, home = find_stage(country.shares_of(province))
    former = country.old_provinces(province)[-1].code
    return Casting(province, code, home.old.district, former, draw_personas(home, former))


def find_stage(shares: Mapping[str, list[Share]]) -> tuple[str, Share]:
    """A new commune made of whole old ones that all end with it, and the old one that plays in it."""
    fitting = {
        code: made
        for code, made in shares.items()
        if not stands_on(code, made) and len(made) > 1 and all(share.whole and share.old.code for share in made)
    }
    if not fitting:
        raise LookupError("no new commune of this province is made of whole old ones")
    code = min(fitting)
    return code, next((share for share in fitting[code] if share.old.code == code), fitting[code][0])


def draw_personas(home: Share, former: str) -> tuple[Persona, ...]:
    """The same chairs as in Vĩnh Long, in these units."""
    commune, district = home.old.ref, f"d{home.old.district}"
    return (
        Persona("newcomer", commune, 14, Name("Trần", "Thị", "Mai"), "f", date(1979, 5, 6), "mai.moi"),
        Persona("commune_chair", commune, 2, Name("Lê", "Ngọc", "Sơn"), "m", date(1974, 11, 20), "son.ct",
                "ssha512", "chu-tich-xa-1974"),
        Persona("commune_clerk", commune, 11, Name("Đỗ", "Thùy", "Linh"), "f", date(1991, 4, 9), "linh.vt",
                "ssha512", "van-thu-cua-xa"),
        Persona("district_clerk", f"{district}-van-phong", 1, Name("Lâm", "Thị Hồng", "Diễm"), "f", date(1989, 8, 14),
                "diem.vt", "ssha", "van-thu-huyen"),
        Persona("signer", f"p{former}", 2, Name("Huỳnh", "Minh", "Đông"), "m", date(1970, 2, 3), "dong.ct",
                "ssha512", "chu-tich-tinh-70"),
    )  # fmt: skip
