"""Where the story is set: which new provinces are merged, and whose officials, commune and district the scenes follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from trial.casting import Casting, cast
from trial.offices import bare_name
from trial.places import Commune, Country, Province, Share, read_country


@dataclass(frozen=True)
class Setting:
    """The tables of the reform with the part of them that is told."""

    country: Country
    provinces: Sequence[str]
    casting: Casting

    @property
    def whole_country(self) -> bool:
        """Whether all provinces are merged: then every verb runs in a process of its own, and waits are longer."""
        return len(self.provinces) > 1

    @property
    def patience(self) -> int:
        """How many times longer than for one province the story waits."""
        return 20 if self.whole_country else 1

    @property
    def pause(self) -> float:
        """Seconds between two looks: each is a process of its own, and takes from those who are waited for."""
        return 0.5 * self.patience

    @property
    def province(self) -> str:
        """The new province in which the scenes play."""
        return self.casting.province

    @property
    def olds(self) -> list[Province]:
        """The old provinces of it, the one that keeps its name first."""
        return self.country.old_provinces(self.province)

    @property
    def after(self) -> Province:
        """The new province."""
        return self.country.provinces_after[self.province]

    @property
    def former(self) -> Province:
        """The old province whose papers are verified."""
        return self.country.provinces_before[self.casting.former]

    @property
    def commune(self) -> Commune:
        """The new commune."""
        return self.made_of[0].new

    @property
    def made_of(self) -> list[Share]:
        """What it was made of."""
        return self.country.shares_of(self.province)[self.casting.commune]

    @property
    def town(self) -> str:
        """The commune's name without the word for its kind."""
        return bare_name(self.commune.name)


def set_story(provinces: Sequence[str], told: str) -> Setting:
    """The setting of a story that merges these new provinces and plays in one of them. Raises LookupError where nothing fits."""
    country = read_country()
    return Setting(country, provinces, cast(country, told))
