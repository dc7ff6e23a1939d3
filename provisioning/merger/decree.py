"""A decree as people write it: units that begin, events, rules for people, expected counts; one published schema.

These are values only: its words stand in `decree_parts`, what may happen in `decree_events`. `decree_file` reads them from YAML and
names every fault at its line; `events` compares them with the register.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from directory.models import Body, Duty, Level
from foundation.clocks import local_day
from foundation.complaints import complain
from foundation.i18n import _
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
            raise complain(_("Name the units or the level the rule speaks of."))
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

    @field_validator("effective")
    @classmethod
    def check_decided(cls, effective: datetime, fields: ValidationInfo) -> datetime:
        """Refuse what would take effect before it was decided."""
        decision = fields.data.get("decision")
        if decision is not None and local_day(effective) < decision.date:
            raise complain(_("The day lies before the decision of {decided}."), decided=decision.date)
        return effective

    @field_validator("old_logins_until")
    @classmethod
    def check_end(cls, until: datetime | None, fields: ValidationInfo) -> datetime | None:
        """Refuse old log-ins that would end before the day."""
        effective = fields.data.get("effective")
        if until is not None and effective is not None and until <= effective:
            raise complain(_("This must lie after “effective”."))
        return until


def build_schema() -> dict[str, Any]:
    """The JSON Schema of a decree, as published."""
    schema = Decree.model_json_schema(by_alias=True)
    schema["title"] = f"A decree ({FORMAT})"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
