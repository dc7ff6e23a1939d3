"""The words of a decree: how a unit, a code, an act, an instant is written in it. Values only.

Codes stay text (`01` is not 1); a bare date is midnight in Asia/Ho_Chi_Minh.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from directory.codes import check_code
from directory.errors import CodeMalformed
from directory.models import Duty, Keepers, Level, Scheme
from foundation.clocks import parse_instant
from foundation.complaints import complain
from foundation.errors import BadInput
from foundation.i18n import _

LONGEST = 400


def read_instant(value: Any) -> Any:
    """An instant from its text; what is none becomes a fault at its place."""
    if not isinstance(value, str):
        return value
    try:
        return parse_instant(value)
    except BadInput as error:
        raise complain(error.message, **error.values) from error


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
            raise complain(_("Name the unit by its ref, or by scheme and code."))
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
    """Refuse a code that is none of its scheme, by a complaint that becomes a fault at its place."""
    try:
        written_right = check_code(code, scheme) == code
    except CodeMalformed as error:
        raise complain(error.message, **error.values) from error
    if not written_right:
        raise complain(_("“{code}” must be written in capital letters."), code=code)


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
            raise complain(_("An archive, and only an archive, names its unit."))
        return self
