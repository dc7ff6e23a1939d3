"""A decree as people write it: units that begin, events, rules for people, expected counts; one published schema.

These are values only: its words stand in `decree_parts`, what may happen in `decree_events`. `decree_file` reads them from YAML and
names every fault at its line; `events` compares them with the register.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from directory.models import Body, Duty, Level
from foundation.clocks import local_day
from provisioning.merger.decree_events import Event
from provisioning.merger.decree_parts import Decision, Documents, Moment, NewUnit, Part, Text, UnitName

FORMAT = "hopnhat-decree/1"


class Rule(Part):
    """Where the people go whom no list names: the first rule that fits, by unit or level and by what their post is.

    A rule moves a leader or a deputy only if it names that duty itself.
    """

    units: tuple[UnitName, ...] = ()
    level: Level | None = None
    duties: tuple[Duty, ...] = ()
    body: Body | None = None
    to: Literal["undecided", "principal"] | UnitName

    @model_validator(mode="after")
    def check_aim(self) -> Self:
        """Refuse a rule that speaks of no units."""
        if not self.units and self.level is None:
            raise ValueError("name the units or the level the rule speaks of")
        return self


class Expected(Part):
    """A count the decree declares: `count` with a `tolerance`, or bounds."""

    count: Annotated[int, Field(ge=0)] | None = None
    tolerance: Annotated[int, Field(ge=0)] = 0
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """At least, at most."""
        if self.count is None:
            return self.at_least, self.at_most
        return self.count - self.tolerance, self.count + self.tolerance


class Expectations(Part):
    """What the plan must find; a count outside its bounds stops it."""

    people: Expected | None = None
    move: Expected | None = None
    stay: Expected | None = None
    leave: Expected | None = None
    undecided: Expected | None = None
    conflicts: Expected | None = None
    units_begin: Expected | None = None
    units_end: Expected | None = None


class Decree(Part):
    """What changes on one day by one legal act."""

    format: Literal["hopnhat-decree/1"] = "hopnhat-decree/1"
    title: Text
    decision: Decision
    effective: Moment
    example: bool = False
    """Codes and heirs in it are examples, and are shown as such everywhere."""
    units: tuple[NewUnit, ...] = ()
    events: tuple[Event, ...] = ()
    documents: Documents | None = None
    """The rule for documents of every event that has none of its own."""
    rules: tuple[Rule, ...] = ()
    old_logins_until: Moment | None = None
    expect: Expectations = Expectations()

    @model_validator(mode="after")
    def check_dates(self) -> Self:
        """Refuse what would take effect before it was decided, and old log-ins that would end before the day."""
        if local_day(self.effective) < self.decision.date:
            raise ValueError("effective lies before the date of the decision")
        if self.old_logins_until is not None and self.old_logins_until <= self.effective:
            raise ValueError("old_logins_until must lie after effective")
        return self


def build_schema() -> dict[str, Any]:
    """The JSON Schema of a decree, as published."""
    schema = Decree.model_json_schema(by_alias=True)
    schema["title"] = f"A decree ({FORMAT})"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
