"""A decree as people write it: units that begin, events, rules for people, expected counts; one published schema.

These are values only. `decree_file` reads them from YAML and names every fault at its line; `events` compares them with the
register. Codes stay text (`01` is not 1); a bare date is midnight in Asia/Ho_Chi_Minh.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from directory.codes import check_code
from directory.errors import CodeMalformed
from directory.models import Body, Duty, Keepers, Level, Scheme, Share
from foundation.clocks import local_day, parse_instant
from foundation.errors import BadInput

FORMAT = "hopnhat-decree/1"
LONGEST = 400


def read_instant(value: Any) -> Any:
    """An instant from its text; pydantic turns a ValueError into a fault at its place."""
    if not isinstance(value, str):
        return value
    try:
        return parse_instant(value)
    except BadInput as error:
        raise ValueError(error.shown) from error


Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Moment = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "description": "RFC 3339, or a date: midnight in Asia/Ho_Chi_Minh"}),
]


class Part(BaseModel):
    """One part of a decree: frozen, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class CodeName(Part):
    """A code of the register, by scheme."""

    scheme: Scheme
    code: Text


class UnitName(Part):
    """A unit: one that begins in this decree, by its `ref`, or one of the register, by a code it bears the day before."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["ref"]}, {"required": ["scheme", "code"]}]})
    ref: Text | None = None
    scheme: Scheme | None = None
    code: Text | None = None

    @model_validator(mode="after")
    def check_one_way(self) -> Self:
        """Refuse a unit named twice, or not at all."""
        by_code = self.scheme is not None and self.code is not None
        half_code = (self.scheme is None) != (self.code is None)
        if half_code or by_code == (self.ref is not None):
            raise ValueError("name the unit by its ref or by scheme and code")
        return self

    def __str__(self) -> str:
        return self.ref if self.ref is not None else f"{self.scheme} {self.code}"


class Decision(Part):
    """The legal act."""

    number: Text
    date: date
    issuer: Text

    def __str__(self) -> str:
        return f"{self.number} ({self.date:%d/%m/%Y}, {self.issuer})"


def check_written(code: str, scheme: str) -> None:
    """Refuse a code that is none of its scheme, by a ValueError that becomes a fault at its place."""
    try:
        written_right = check_code(code, scheme) == code
    except CodeMalformed as error:
        raise ValueError(error.shown) from error
    if not written_right:
        raise ValueError(f"“{code}” must be written in capital letters")


class CodeGrant(Part):
    """A code a unit bears from the day on; `continues` names the old code it takes over."""

    scheme: Scheme
    code: Text
    continues: CodeName | None = None
    status: Literal["confirmed", "proposed"] = "confirmed"
    decision: Decision | None = None
    """Where the code was given by another act than this decree."""

    @model_validator(mode="after")
    def check_shape(self) -> Self:
        """Refuse a code that is none of its scheme."""
        check_written(self.code, self.scheme)
        return self


class NewUnit(Part):
    """A unit that begins on the day."""

    ref: Text
    level: Level
    name: Text
    short_name: Text | None = None
    kind: Text = "office"
    parent: UnitName | None = None
    codes: tuple[CodeGrant, ...] = ()
    address: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    hotline: Text | None = None


class Giver(Part):
    """A unit that passes into another: whole or part; `principal` if that other is its main heir.

    It ends with the event, unless `stands` says that it goes on with the rest.
    """

    unit: UnitName
    share: Share = "whole"
    principal: bool = True
    stands: bool = False


class Heir(Part):
    """A unit that receives: whole or part, one principal."""

    unit: UnitName
    share: Share = "whole"
    principal: bool = True


class Documents(Part):
    """Who may read what the units kept that pass on: all successors, the principal one, or an archive; and which duties there."""

    to: Keepers
    archive: UnitName | None = None
    readers: tuple[Duty, ...] = ()
    """The duties that open them; leader, deputy and clerk if none is named."""

    @model_validator(mode="after")
    def check_archive(self) -> Self:
        """Refuse an archive without a unit, and a unit that is no archive."""
        if (self.to == "archive") != (self.archive is not None):
            raise ValueError("an archive, and only an archive, names its unit")
        return self


class Happening(Part):
    """What every event may say: a note, an act of its own where it is not the decree's, a rule for documents of its own."""

    model_config = ConfigDict(populate_by_name=True)
    note: Text | None = None
    decision: Decision | None = None
    """Where another act than the decree's decided this event."""
    documents: Documents | None = None


class Create(Happening):
    """A unit begins out of nothing."""

    kind: Literal["create"]
    unit: UnitName


class MergeIntoNew(Happening):
    """Units pass into one that begins. `seat` is the giver in whose seat it sits: its territorial code goes on."""

    kind: Literal["merge_into_new"]
    into: UnitName
    givers: tuple[Giver, ...] = Field(alias="from", min_length=1)
    seat: UnitName | None = None


class MergeIntoExisting(Happening):
    """Units pass into one that stands and goes on; `codes` are those it gains, `name` a new name if it gets one."""

    kind: Literal["merge_into_existing"]
    into: UnitName
    givers: tuple[Giver, ...] = Field(alias="from", min_length=1)
    codes: tuple[CodeGrant, ...] = ()
    name: Text | None = None
    seat: UnitName | None = None
    """The unit in whose seat it sits from now on: its territorial code goes on."""


class Split(Happening):
    """A unit is divided over others; it ends, unless it is one of them."""

    kind: Literal["split"]
    unit: UnitName
    into: tuple[Heir, ...] = Field(min_length=1)


class Dissolve(Happening):
    """A unit ends without a successor; `heirs` are the units to which its people, documents and services are re-homed."""

    kind: Literal["dissolve"]
    unit: UnitName
    heirs: tuple[Heir, ...] = ()


class Rename(Happening):
    """A unit gets another name."""

    kind: Literal["rename"]
    unit: UnitName
    name: Text
    short_name: Text | None = None


class Recode(Happening):
    """A unit gets other codes; its old ones of the same schemes end."""

    kind: Literal["recode"]
    unit: UnitName
    codes: tuple[CodeGrant, ...] = Field(min_length=1)


class Reparent(Happening):
    """A unit passes under another."""

    kind: Literal["reparent"]
    unit: UnitName
    parent: UnitName


class CodeCorrection(Part):
    """A code that was written wrong: the unit never bore it, it bore the right one all the time."""

    scheme: Scheme
    wrong: Text
    right: Text

    @model_validator(mode="after")
    def check_shape(self) -> Self:
        """Refuse a right code that is none of its scheme, or is the wrong one."""
        check_written(self.right, self.scheme)
        if self.right == self.wrong:
            raise ValueError("the right code is the wrong one")
        return self


class Correct(Happening):
    """What is recorded of a unit was wrong from the beginning: the row is withdrawn and written right, for the same time."""

    kind: Literal["correct"]
    unit: UnitName
    """By a code it bore on the eve of the decree's day, or `at`."""
    at: Moment | None = None
    """A day of the period that is wrong, where it is an earlier or a later one: the unit may have ended since."""
    name: Text | None = None
    short_name: Text | None = None
    parent: UnitName | None = None
    address: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    hotline: Text | None = None
    codes: tuple[CodeCorrection, ...] = ()

    @property
    def edits(self) -> dict[str, str]:
        """What is written right of the unit, besides its parent and codes."""
        words = ("name", "short_name", "address", "phone", "email", "hotline")
        return {word: value for word in words if (value := getattr(self, word)) is not None}

    @model_validator(mode="after")
    def check_something(self) -> Self:
        """Refuse a correction of nothing."""
        if not self.edits and self.parent is None and not self.codes:
            raise ValueError("say what was wrong: a name, the unit above, a code")
        return self


Event = Annotated[
    Create | MergeIntoNew | MergeIntoExisting | Split | Dissolve | Rename | Recode | Reparent | Correct,
    Field(discriminator="kind"),
]


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
