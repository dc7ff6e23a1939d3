"""The file of deadlines: tasks with their day, their owner and what is counted for them. Pure.

Tasks and owners differ in every province and change within the week, so they are data. A task is measured from the register, or
told by its owner (`measure: told`) where the register cannot know. `hopnhat report schema` prints the JSON Schema; the deadlines of
the Prime Minister's telegram of June 2025 are shipped as the example.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from foundation.complaints import complain, describe_all
from foundation.errors import BadInput
from foundation.i18n import HOUSE, _
from foundation.mishaps import build_refusal

FORMAT: Final = "hopnhat-deadlines/1"
EXAMPLE: Final = HOUSE / "provisioning" / "data" / "telegram-2025-06.yaml"
LARGEST: Final = 1_000_000

Measure = Literal[
    "agency_codes", "old_codes", "accounts", "activated", "addresses", "application", "certificates",
    "agency_certificates", "signers", "told",
]  # fmt: skip


class DeadlinesFaulty(BadInput):
    """The file of deadlines cannot be read; every fault is named with its place."""

    code = "deadlines_faulty"
    sentence = "{file} cannot be used: {faults}"


class Strict(BaseModel):
    """A part of the file: nothing unknown in it, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


class Words(Strict):
    """A text in both languages."""

    vi: str
    en: str

    def show(self, language: str) -> str:
        """In the reader's language."""
        return self.en if language == "en" else self.vi


class Told(Strict):
    """What an owner reported: so many of so many were done at that instant; a later one corrects it."""

    at: AwareDatetime
    """When it was so."""
    told_at: AwareDatetime | None = None
    """When it was reported; the instant itself by default. A correction is a later report of an earlier instant."""
    done: int = Field(ge=0)
    """How many were done."""
    of: int = Field(ge=0)
    """How many there are."""
    unit: str | None = None
    """Code of the unit the figure is about; the whole by default."""

    @model_validator(mode="after")
    def check_parts(self) -> Self:
        """Refuse more done than there is."""
        if self.done > self.of:
            raise complain(_("More is done than there is: “done” and “of”."))
        return self

    @property
    def known(self) -> datetime:
        """When it was known."""
        return self.told_at or self.at


class Task(Strict):
    """One thing that must be ready by a day."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    """A short name, for `needs`."""
    title: Words
    """What must be ready."""
    due: date
    """The last day; the deadline is its end, in the administration's zone."""
    owner: str = Field(min_length=1)
    """Who answers for it."""
    owners: Mapping[str, str] = Field(default_factory=dict)
    """Who answers for it in a unit, by the unit's code."""
    measure: Measure
    """What is counted."""
    application: str | None = None
    """For `application`: the name under which accounts of that system stand in the register."""
    told: tuple[Told, ...] = ()
    """For `told`: what the owner reported."""
    needs: tuple[str, ...] = ()
    """Tasks that must be done first."""

    @model_validator(mode="after")
    def check_measure(self) -> Self:
        """Refuse a measure without what it needs."""
        if (self.measure == "application") != (self.application is not None):
            raise complain(_("“application” is given for the measure “application” and for no other."))
        if self.told and self.measure != "told":
            raise complain(_("“told” is given for the measure “told” and for no other."))
        return self

    def deadline(self, zone: ZoneInfo) -> datetime:
        """The end of the last day."""
        return datetime.combine(self.due + timedelta(days=1), time(), zone)


class Deadlines(Strict):
    """The whole file."""

    format: Literal["hopnhat-deadlines/1"]
    """Always hopnhat-deadlines/1."""
    title: Words
    """What the deadlines are of."""
    source: str = ""
    """Who set them, by which document."""
    tasks: tuple[Task, ...] = Field(min_length=1)
    """The tasks; they are shown by day, then in this order."""

    @model_validator(mode="after")
    def check_ids(self) -> Self:
        """Refuse ids that stand twice, and needs that name no task or the task itself."""
        ids = [task.id for task in self.tasks]
        if len(set(ids)) != len(ids):
            raise complain(_("An id stands twice."))
        for task in self.tasks:
            if unknown := (set(task.needs) - set(ids)) | ({task.id} & set(task.needs)):
                raise complain(
                    _("“{task}” needs what is no other task: {tasks}"), task=task.id, tasks=", ".join(sorted(unknown))
                )
        return self

    @property
    def in_order(self) -> Sequence[Task]:
        """By day, then as written."""
        return sorted(self.tasks, key=lambda task: task.due)


def read_deadlines(path: Path | None) -> Deadlines:
    """The file, or the shipped example. Raises DeadlinesFaulty, naming every fault with its place, FileAbsent, DiskFull."""
    file = path or EXAMPLE
    try:
        if file.stat().st_size > LARGEST:
            raise DeadlinesFaulty(file=file.name, faults=f"> {LARGEST} bytes")
        content = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        raise build_refusal(error) from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise DeadlinesFaulty(file=file.name, faults=str(error).replace("\n", " ")[:300]) from error
    try:
        return Deadlines.model_validate(content)
    except ValidationError as error:
        raise DeadlinesFaulty(file=file.name, faults=describe_all(error)) from error


def build_schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    schema = Deadlines.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT, **schema}
