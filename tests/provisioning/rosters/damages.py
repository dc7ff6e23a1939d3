"""What happens to cells of a roster on their way: each damage takes a true value and gives what then stands in the cell."""

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from provisioning.rosters.encodings import TCVN3, VNI_ALL

Spoil = Callable[[Any, random.Random], Any]
TO_TCVN3: Final = {ord(letter.upper()): byte for byte, letter in TCVN3.items()} | {
    ord(letter): byte for byte, letter in TCVN3.items()
}
TO_VNI: Final = {letter: key for key, letter in VNI_ALL.items()}
EPOCH_1900: Final = date(1899, 12, 30)
EPOCH_1904: Final = date(1904, 1, 1)


@dataclass(frozen=True)
class Damage:
    """A way to spoil the cell of one column."""

    column: str
    name: str
    spoil: Spoil


def to_tcvn3(text: str) -> str:
    """The text as an office types it in a TCVN3 font."""
    return unicodedata.normalize("NFC", text).translate(TO_TCVN3)


def to_vni(text: str) -> str:
    """The text as an office types it in a VNI font."""
    return "".join(TO_VNI.get(letter, letter) for letter in unicodedata.normalize("NFC", text))


def drop_digit(digits: str, draws: random.Random) -> str:
    """One digit is missing somewhere."""
    place = draws.randrange(len(digits))
    return digits[:place] + digits[place + 1 :]


def round_number(digits: str, kept: int) -> str:
    """As a spreadsheet shows a number too long for its column."""
    return f"{int(digits):.{kept - 1}E}"


def mojibake(text: str) -> str:
    """UTF-8 read as Western text."""
    return text.encode().decode("cp1252", "replace")


def forget_marks(text: str) -> str:
    """Letters that a conversion did not know."""
    return text.encode("latin-1", "replace").decode("latin-1")


def leap_into(day: date) -> str:
    """The 29th of February of a year that has none."""
    return f"29/02/{day.year if day.year % 4 else day.year + 1}"


def american(day: date) -> str:
    """Month first, as text."""
    return f"{day:%m/%d/%Y}"


def confused(text: str, letters: str, others: str) -> str:
    """Letters of another alphabet that look the same."""
    return text.translate(str.maketrans(letters, others))


DAMAGES: Final = (
    Damage("personal_number", "number", lambda value, _: int(value)),
    Damage("personal_number", "text without zero", lambda value, _: str(int(value))),
    Damage("personal_number", "all digits in E notation", lambda value, _: round_number(value, len(str(int(value))))),
    Damage("personal_number", "rounded in E notation", lambda value, _: round_number(value, 6)),
    Damage("personal_number", "rounded and written out", lambda value, _: int(float(round_number(value, 6)))),
    Damage("personal_number", "spaces", lambda value, _: f"{value[:3]} {value[3:6]} {value[6:9]} {value[9:]}"),
    Damage("personal_number", "a digit lost", drop_digit),
    # Of the random digits: with one of the first six gone, two zeros taken by a spreadsheet prove themselves just as well.
    Damage("personal_number", "a digit and the zero lost", lambda v, draws: v[1:6] + drop_digit(v[6:], draws)),
    Damage("personal_number", "letter for zero", lambda value, _: value.replace("0", "O", 1)),
    Damage("personal_number", "minus", lambda value, _: f"-{int(value)}"),
    Damage("personal_number", "decimals", lambda value, _: f"{int(value)}.00"),
    Damage("personal_number", "thousands", lambda value, _: f"{int(value):,}"),
    Damage("personal_number", "another's birth year", lambda value, _: value[:4] + f"{(int(value[4:6]) + 7) % 100:02}" + value[6:]),
    Damage("personal_number", "old card", lambda value, _: value[:9]),
    Damage("birth_date", "serial", lambda day, _: (day - EPOCH_1900).days),
    Damage("birth_date", "serial of the other system", lambda day, _: (day - EPOCH_1904).days),
    Damage("birth_date", "date of the other system", lambda day, _: day - timedelta(days=1462)),
    Damage("birth_date", "date four years later", lambda day, _: day + timedelta(days=1462)),
    Damage("birth_date", "dots", lambda day, _: f"{day:%d.%m.%Y}"),
    Damage("birth_date", "year first", lambda day, _: f"{day:%Y-%m-%d}"),
    Damage("birth_date", "with time", lambda day, _: f"{day:%d/%m/%Y} 00:00:00"),
    Damage("birth_date", "two-digit year", lambda day, _: f"{day:%d/%m/%y}"),
    Damage("birth_date", "in words", lambda day, _: f"ngày {day.day} tháng {day.month} năm {day.year}"),
    Damage("birth_date", "run together", lambda day, _: int(f"{day:%d%m%Y}")),
    Damage("birth_date", "run together without zeros", lambda day, _: int(f"{day.day}{day.month}{day.year}")),
    Damage("birth_date", "year only", lambda day, _: day.year),
    Damage("birth_date", "no such day", lambda day, _: f"31/02/{day.year}"),
    Damage("birth_date", "29/02 of a wrong year", lambda day, _: leap_into(day)),
    Damage("birth_date", "month alone", lambda day, _: f"{day:%m/%Y}"),
    Damage("phone", "number", lambda value, _: int(value)),
    Damage("phone", "country code", lambda value, _: f"+84 {value[1:]}"),
    Damage("phone", "spaces", lambda value, _: f"{value[:4]}.{value[4:7]}.{value[7:]}"),
    Damage("phone", "a digit lost", drop_digit),
    Damage("phone", "two numbers", lambda value, _: f"{value}; 0987654321"),
    Damage("phone", "in E notation", lambda value, _: round_number(value, 3)),
    Damage("name", "decomposed", lambda value, _: unicodedata.normalize("NFD", value)),
    Damage("name", "hard spaces", lambda value, _: f" {value.replace(' ', chr(0xA0))}\u200b "),
    Damage("name", "capitals", lambda value, _: value.upper()),
    Damage("name", "small letters", lambda value, _: value.lower()),
    Damage("name", "TCVN3 font", lambda value, _: to_tcvn3(value)),
    Damage("name", "VNI font", lambda value, _: to_vni(value)),
    Damage("name", "mojibake", lambda value, _: mojibake(value)),
    Damage("name", "question marks", lambda value, _: forget_marks(value)),
    Damage("name", "Cyrillic", lambda value, _: confused(value, "ABCEHKMOPTXaceopxy", "АВСЕНКМОРТХасеорху")),
    Damage("name", "Icelandic", lambda value, _: confused(value, "Đđ", "Ðð")),
    Damage("name", "Greek", lambda value, _: confused(value, "ABEHIKMNOPTXYo", "ΑΒΕΗΙΚΜΝΟΡΤΧΥο")),
    Damage("title", "TCVN3 font", lambda value, _: to_tcvn3(value)),
    Damage("title", "VNI font", lambda value, _: to_vni(value)),
    Damage("title", "mojibake", lambda value, _: mojibake(value)),
    Damage("title", "question marks", lambda value, _: forget_marks(value)),
    Damage("title", "Cyrillic", lambda value, _: confused(value, "aceopxTH", "асеорхТН")),
    Damage("title", "decomposed", lambda value, _: unicodedata.normalize("NFD", value)),
    Damage("title", "formula", lambda value, _: f'=CONCAT("{value}")'),
    Damage("unit_code", "number", lambda value, _: int(value) if value.isdigit() else value),
    Damage("unit_code", "text without zeros", lambda value, _: value.lstrip("0")),
    Damage("unit_code", "small letters", lambda value, _: f" {value.lower()} "),
    Damage("unit_code", "Cyrillic", lambda value, _: confused(value, "HK", "НК")),
    Damage("unit_code", "error", lambda value, _: "#REF!"),
    Damage("email", "capitals", lambda value, _: value.upper()),
    Damage("email", "marks", lambda value, _: value.replace("a", "á", 1)),
    Damage("email", "Cyrillic", lambda value, _: confused(value, "aceopxy", "асеорху")),
    Damage("email", "brackets", lambda value, _: f"<{value}>;"),
)  # fmt: skip


def true_values(person: Mapping[str, Any]) -> dict[str, str | None]:
    """A clean row as the report of a check shows it."""
    shown = ("name", "personal_number", "unit_code", "unit_scheme", "title", "email", "phone")
    return {column: person[column] for column in shown} | {"birth_date": person["birth_date"].isoformat()}
