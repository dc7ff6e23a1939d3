"""Words for people in Vietnamese and English: gettext catalogues, read as they are written (.po), one per room and
language.

The English sentence is the key. Code marks it with `_("…")`, which gives it back unchanged; the edge that shows it
knows the reader's language and calls `translate`. A sentence without a translation is shown in English, and a house
test refuses it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.core import negotiate_locale
from babel.dates import format_date
from babel.messages.pofile import read_po

LANGUAGES: Final = ("vi", "en")
ROOMS: Final = ("foundation", "directory", "sso", "signing", "provisioning", "trial")
HOUSE: Final = Path(__file__).resolve().parent.parent


def _(message: str) -> str:
    """The same sentence, marked for the catalogues; translation happens where the reader is known."""
    return message


@dataclass(frozen=True)
class Message:
    """A sentence with its values, to be said later in the reader's language."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def show(self, language: str) -> str:
        """The sentence in `language`, filled."""
        return translate(language, self.text, **self.values)

    def __str__(self) -> str:
        """In English, for the log."""
        return self.show("en")


@dataclass(frozen=True)
class Messages:
    """Several sentences in a row, to be said later in the reader's language."""

    parts: tuple[Message, ...]

    def show(self, language: str) -> str:
        """The sentences in `language`, one after the other; a full stop stands at the end of the last alone."""
        *former, last = [part.show(language) for part in self.parts] or [""]
        return "; ".join([*(sentence.removesuffix(".") for sentence in former), last])

    def __str__(self) -> str:
        """In English, for the log."""
        return self.show("en")


@cache
def load_catalogue(language: str) -> Mapping[str, str]:
    """All rooms' sentences in `language`, by English sentence; empty for English itself."""
    sentences: dict[str, str] = {}
    for room in ROOMS:
        file = HOUSE / room / "locale" / f"{language}.po"
        if file.is_file():
            with file.open("rb") as lines:
                catalogue = read_po(lines, locale=language)
            sentences |= {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
    return sentences


def find_sentence(language: str, message: str) -> str:
    """The sentence in `language`, not yet filled; the English one where no translation stands."""
    return message if language == "en" else load_catalogue(language).get(message, message)


def translate(language: str, message: str, **values: object) -> str:
    """The sentence in `language` with its values; a `Message` among them is translated too."""
    sentence = find_sentence(language, message)
    if not values:
        return sentence
    return sentence.format(**{name: show_value(language, value) for name, value in values.items()})


def show_value(language: str, value: object) -> object:
    """A value as the reader writes it: messages translated, days in the reader's order."""
    if isinstance(value, Message | Messages):
        return value.show(language)
    if isinstance(value, date) and not isinstance(value, datetime):
        return format_day(language, value)
    return value


def format_day(language: str, day: date) -> str:
    """A day as the reader writes it: 1/7/2025 in Vietnamese, 1 July 2025 in English."""
    return format_date(day, "d/M/y" if language == "vi" else "d MMMM y", locale=language)


def format_instant(language: str, instant: datetime, zone: ZoneInfo) -> str:
    """An instant as the reader writes it, in the administration's zone: 08:05, 1/7/2025."""
    local = instant.astimezone(zone)
    return f"{local:%H:%M}, {format_day(language, local.date())}"


def choose_language(wishes: Iterable[str | None], accepted: str | None, default: str) -> str:
    """The language of a page: the first known among `wishes` (explicit choices, strongest first), else
    Accept-Language, else `default`.

    A wish may be a list as `ui_locales` sends it (OpenID Connect Core §3.1.2.1: space-separated BCP 47 tags). A
    browser that reads the administration's language at all gets it: browsers list English first far more often than
    their owners do.
    """
    for wish in wishes:
        for tag in (wish or "").split():
            if tag.split("-")[0].lower() in LANGUAGES:
                return tag.split("-")[0].lower()
    readable = read_accepted(accepted or "")
    return default if default in readable else negotiate_locale(readable, LANGUAGES, sep="-") or default


def read_accepted(header: str) -> list[str]:
    """The tags of an Accept-Language header, best first, without regions (RFC 9110 §12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _semicolon, weight = part.partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if quality > 0 and (language := tag.strip().split("-")[0].lower()):
            weighed.append((-quality, language))
    return [language for _quality, language in sorted(weighed, key=lambda item: item[0])]
