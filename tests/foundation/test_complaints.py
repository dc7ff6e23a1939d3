"""What a schema complains of, as people read it."""

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from foundation.complaints import MOST_TOLD, describe_all, describe_each, tell_why
from foundation.errors import BadInput


class Task(BaseModel):
    """Something to be done."""

    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1)
    days: int = Field(ge=1)


class Tasks(BaseModel):
    """A file of them."""

    tasks: tuple[Task, ...] = Field(min_length=1)


def refuse(content: object) -> ValidationError:
    """What the schema says of this content."""
    with pytest.raises(ValidationError) as caught:
        Tasks.model_validate(content)
    return caught.value


def test_complaints_are_said_in_a_row_with_one_full_stop() -> None:
    told = tell_why(refuse({"tasks": [{"title": "", "days": 0}, {"title": "a", "days": 1, "colour": 1}]}))
    refusal = BadInput("{file}: {why}", file="tasks.toml", why=told)
    assert refusal.shown == (
        "tasks.toml: tasks.0.title: This must not be empty; tasks.0.days: This must be 1 at least; "
        "tasks.1.colour: This word is not known here."
    )


def test_a_complaint_stands_at_its_place_within_what_it_lies_in() -> None:
    error = refuse({})
    assert [str(one) for one in describe_each(error, "plan")] == ["plan.tasks: This is missing."]
    assert str(describe_all(error)) == "tasks: This is missing."


def test_of_very_many_complaints_the_first_are_told() -> None:
    error = refuse({"tasks": [{"title": "", "days": 1}] * (MOST_TOLD + 5)})
    assert len(describe_all(error).parts) == MOST_TOLD


def test_what_is_no_schema_s_complaint_is_told_as_it_is() -> None:
    assert tell_why(FileNotFoundError(2, "No such file")) == "[Errno 2] No such file"
