"""The events of a decree: what may happen to a unit on its day, one class for each kind. Values only."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from directory.models import Scheme, Share
from foundation.complaints import complain
from foundation.i18n import _
from provisioning.merger.decree_parts import CodeGrant, Decision, Documents, Moment, Part, Text, UnitName, check_written


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
            raise complain(_("The right code is the wrong one."))
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
            raise complain(_("Say what was wrong: a name, the unit above, a code."))
        return self


Event = Annotated[
    Create | MergeIntoNew | MergeIntoExisting | Split | Dissolve | Rename | Recode | Reparent | Correct,
    Field(discriminator="kind"),
]
