"""Vietnamese names as the register keeps, compares and sorts them.

A name is one string, composed (NFC), never forced into first and last: the order is family, middle, given, and people are
called and sorted by the given name. Three keys serve three questions: `fold_name` finds (no marks), `tone_key` tells whether
two people wrote the same name (marks kept, `hòa` = `hoà`), `sort_key` puts people in a Vietnamese list's order.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# U+0111 has no canonical decomposition, so stripping marks leaves it; the Icelandic ð (U+00F0) is another letter.
STROKES: Final = str.maketrans({"đ": "d", "Đ": "D"})
# Grave, hook above, tilde, acute, dot below: the order of Vietnamese dictionaries.
TONES: Final = "\u0300\u0309\u0303\u0301\u0323"
LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
MARKS: Final = dict.fromkeys(range(0x300, 0x370))
NO_TONES: Final = {ord(tone): None for tone in TONES}
RANKS: Final = {letter: chr(0x21 + 2 * rank) for rank, letter in enumerate(LETTERS)}
UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
# What `str.split` takes for space, and what a composed text never holds; almost no text has any of it.
ODD: Final = re.compile("[\u00ad\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\u00a0\x00-\x1f]|  ")


def normalize_text(text: str) -> str:
    """The text composed (NFC), unseen characters gone, every run of spaces one plain space, none at the ends."""
    if text.isascii():
        if text.isprintable() and "  " not in text:
            return text.strip()
    elif not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if ODD.search(text) is None:
        return text.strip()
    return " ".join(UNSEEN.sub("", text).split())


def fold_name(name: str) -> str:
    """The key a name is found by: `Đặng Thị Hoà` → `dang thi hoa`. Case, marks, tone placement and `đ` play no part."""
    return " ".join(filter(None, map(fold_syllable, name.split())))


@lru_cache(maxsize=65536)
def fold_syllable(syllable: str) -> str:
    """One word without case and marks; the whole language has some seven thousand, so they are remembered."""
    plain = unicodedata.normalize("NFD", syllable).translate(MARKS).translate(STROKES)
    return unicodedata.normalize("NFD", plain.casefold()).translate(MARKS)


@lru_cache(maxsize=65536)
def tone_key_of_syllable(syllable: str) -> str:
    """One syllable, lower case, its tone mark moved to the end: where it stood does not matter."""
    apart = unicodedata.normalize("NFD", syllable.lower())
    tone = "".join(mark for mark in apart if mark in TONES)
    return unicodedata.normalize("NFC", apart.translate(NO_TONES)) + tone


def tone_key(name: str) -> str:
    """The key that tells whether two writings are one name: marks count, case and tone placement do not."""
    return " ".join(tone_key_of_syllable(syllable) for syllable in name.split())


def split_name(name: str) -> tuple[str, str, str]:
    """Family, middle and given name by position: `Lê Thị Ngọc Hoa` → (`Lê`, `Thị Ngọc`, `Hoa`).

    Only for sorting, log-ins and optional claims; a name of one word is all given.
    """
    words = name.split()
    if len(words) < 2:
        return "", "", name.strip()
    return words[0], " ".join(words[1:-1]), words[-1]


@lru_cache(maxsize=65536)
def sort_key_of_syllable(syllable: str) -> str:
    """Letters by the Vietnamese alphabet first, then the tone."""
    toned = tone_key_of_syllable(syllable)
    letters = "".join(RANKS.get(letter, letter) for letter in toned if letter not in TONES)
    return letters + "".join(str(TONES.index(mark)) for mark in toned if mark in TONES)


def sort_key(name: str) -> tuple[str, ...]:
    """The place in a list: given name first, then family and middle, each by the Vietnamese alphabet."""
    words = name.split()
    return tuple(sort_key_of_syllable(word) for word in words[-1:] + words[:-1])
