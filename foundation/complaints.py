"""What a schema complains of, in words people read, in their language: of the settings, of a decree, of a file of deadlines.

The schema's own sentences are English and speak of types. The commonest have ours instead; what our own checks refuse is raised with
`complain`, so that the sentence is found in the catalogue and keeps its values.
"""

from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from foundation.i18n import Message, Messages, _

SAID = "value_error"
MOST_TOLD = 20
COMPLAINTS = {
    "missing": _("This is missing."),
    "extra_forbidden": _("This word is not known here."),
    "literal_error": _("This must be one of {expected}."),
    "union_tag_invalid": _("This must be one of {expected_tags}."),
    "too_short": _("At least one is needed here."),
    "int_parsing": _("This must be a whole number."),
    "int_type": _("This must be a whole number."),
    "float_parsing": _("This must be a number."),
    "float_type": _("This must be a number."),
    "bool_parsing": _("This must be true or false."),
    "bool_type": _("This must be true or false."),
    "date_from_datetime_parsing": _("This must be a date such as 2025-06-12."),
    "date_from_datetime_inexact": _("This must be a date such as 2025-06-12."),
    "date_parsing": _("This must be a date such as 2025-06-12."),
    "date_type": _("This must be a date such as 2025-06-12."),
    "datetime_parsing": _("This must be an instant such as 2025-07-01T00:00:00+07:00."),
    "datetime_from_date_parsing": _("This must be an instant such as 2025-07-01T00:00:00+07:00."),
    "datetime_type": _("This must be an instant such as 2025-07-01T00:00:00+07:00."),
    "timezone_aware": _("This must be an instant such as 2025-07-01T00:00:00+07:00."),
    "string_type": _("This must be text."),
    "string_too_short": _("This must not be empty."),
    "string_too_long": _("This must not be longer than {max_length} letters."),
    "string_pattern_mismatch": _("This is not written as it must be."),
    "greater_than_equal": _("This must be {ge} at least."),
    "less_than_equal": _("This must be {le} at most."),
    "greater_than": _("This must be more than {gt}."),
    "less_than": _("This must be less than {lt}."),
    "model_type": _("Here stands a group of words with values."),
    "dict_type": _("Here stands a group of words with values."),
    "tuple_type": _("Here stands a list."),
}


def complain(sentence: str, **values: object) -> PydanticCustomError:
    """The error a check of a schema raises: our sentence with its values, at the place that is checked."""
    filled = {name: str(value) for name, value in values.items()}
    return PydanticCustomError(SAID, sentence, {**filled, "sentence": sentence, "values": values})


def describe_complaint(entry: Any) -> Message:
    """A complaint in our words where we have them, else in the schema's."""
    context = entry.get("ctx") or {}
    if entry["type"] == SAID and "sentence" in context:
        return Message(context["sentence"], context["values"])
    words = COMPLAINTS.get(entry["type"])
    if words is not None:
        return Message(words, dict(context))
    return Message("{why}", {"why": entry["msg"].removeprefix("Value error, ")})


def tell_why(error: Exception) -> Messages | str:
    """What is wrong with a file: each complaint of its schema, else what the system or the file's own syntax says, in English."""
    return describe_all(error) if isinstance(error, ValidationError) else str(error)


def describe_all(error: ValidationError) -> Messages:
    """Every complaint with its place, the first twenty."""
    return Messages(tuple(describe_each(error)[:MOST_TOLD]))


def describe_each(error: ValidationError, *above: str) -> list[Message]:
    """Every complaint with its place; a list that is too short only for the faults inside it is no complaint. `above`: where all lies."""
    entries = error.errors()
    places = [entry["loc"] for entry in entries]
    return [
        Message("{place}: {why}", {"place": name_place((*above, *entry["loc"])), "why": describe_complaint(entry)})
        for entry in entries
        if entry["type"] != "too_short" or not any(is_inside(place, entry["loc"]) for place in places)
    ]


def is_inside(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    """Whether one place lies within another."""
    return len(place) > len(other) and place[: len(other)] == other


def name_place(place: tuple[int | str, ...]) -> str:
    """Where a fault is: tasks.2.due."""
    return ".".join(map(str, place)) or "file"
