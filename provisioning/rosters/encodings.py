"""The character set of a text file, recognised with evidence: marks, UTF-8's own shape, and whether Vietnamese comes out.

Besides UTF-8, UTF-16 and Windows-1258 there are two sets of the time before Unicode that offices still export: TCVN3
(TCVN 5712:1993, VN3, the “ABC” fonts) and VNI. Both are single bytes read as Western text, so nothing but the language tells them.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from provisioning.rosters.containers import looks_utf16
from provisioning.rosters.errors import AmbiguousEncoding, UnknownEncoding

SAMPLE: Final = 1 << 18
ENOUGH: Final = 0.8
FEW: Final = 0.05

TCVN3: Final = str.maketrans(
    dict(
        zip(
            (*range(0xA1, 0xAF), *range(0xB5, 0xBA), *range(0xBB, 0xBF), *range(0xC6, 0xCD), *range(0xCE, 0xD9),
             *range(0xDC, 0xE0), *range(0xE1, 0xF0), *range(0xF1, 0xFF)),
            "ĂÂÊÔƠƯĐăâêôơưđ" "àảãáạ" "ằẳẵắ" "ặầẩẫấậè" "ẻẽéẹềểễếệìỉ" "ĩíịò" "ỏõóọồổỗốộờởỡớợù" "ủũúụừửữứựỳỷỹýỵ",
            strict=True,
        )
    )
)  # fmt: skip
VNI_MARKS: Final = {
    "a": dict(zip("ùøûõïêéèúüëâáàåãä", "áàảãạăắằẳẵặâấầẩẫậ", strict=True)),
    "e": dict(zip("ùøûõïâáàåãä", "éèẻẽẹêếềểễệ", strict=True)),
    "o": dict(zip("ùøûõïâáàåãä", "óòỏõọôốồổỗộ", strict=True)),
    "ô": dict(zip("ùøûõï", "ớờởỡợ", strict=True)),
    "u": dict(zip("ùøûõï", "úùủũụ", strict=True)),
    "ö": dict(zip("ùøûõï", "ứừửữự", strict=True)),
    "y": dict(zip("ùøûõ", "ýỳỷỹ", strict=True)),
}
VNI_SINGLE: Final = dict(zip("íìæóòôöîñ", "íìỉĩịơưỵđ", strict=True))
VNI: Final = {base + mark: letter for base, marks in VNI_MARKS.items() for mark, letter in marks.items()} | VNI_SINGLE
VNI_ALL: Final = VNI | {key.upper(): letter.upper() for key, letter in VNI.items()} | {
    key[0].upper() + key[1:]: letter.upper() for key, letter in VNI.items() if len(key) == 2
}  # fmt: skip
VNI_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, VNI_ALL), key=len, reverse=True)))

# Vietnamese syllables: an onset, a rime; the tone is taken off before.
ONSET: Final = "(?:b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|q|r|s|th|tr|t|v|x)?"
RIME: Final = (
    "(?:a(?:ch|c|i|m|nh|ng|n|o|p|t|u|y)?|ă(?:c|m|ng|n|p|t)|â(?:c|m|ng|n|p|t|u|y)|e(?:c|m|ng|n|o|p|t)?"
    "|ê(?:ch|m|nh|n|p|t|u)?|i(?:a|ch|m|nh|n|p|t|u)?|iê(?:c|m|ng|n|p|t|u)|o(?:c|i|m|ng|n|p|t)?"
    "|oa(?:ch|c|i|m|nh|ng|n|o|p|t|y)?|oă(?:c|m|ng|n|t)|oe(?:n|o|t)?|oo(?:c|ng)|ô(?:c|i|m|ng|n|p|t)?|ơ(?:i|m|n|p|t)?"
    "|u(?:a|c|i|m|ng|n|p|t)?|uâ(?:ng|n|t|y)|uê(?:ch|nh)?|uô(?:c|i|m|ng|n|t)|uơ|uy(?:a|ch|nh|t|u)?|uyê(?:n|t)"
    "|ư(?:a|c|i|m|ng|n|t|u)?|ươ(?:c|i|m|ng|n|p|t|u)|y|yê(?:m|ng|n|t|u))"
)
SYLLABLE: Final = re.compile(ONSET + RIME)
TONELESS: Final = {ord(tone): None for tone in "̣̀̉̃́"}
# A tone stands over or under a vowel: `ñ`, `ç` and their kin are letters of other languages.
TONELESS_CONSONANTS: Final = frozenset("ñńǹṇçṣśźż")
WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Encoding:
    """A character set: its name, the codec that reads its bytes, what then turns the letters into ours, and why we think so."""

    name: str
    codec: str
    turn: Callable[[str], str] | None = None
    errors: str = "strict"
    evidence: Mapping[str, Any] = field(default_factory=dict)


def compose(text: str) -> str:
    """Windows-1258 keeps tones apart from their vowels."""
    return unicodedata.normalize("NFC", text)


def turn_tcvn3(text: str) -> str:
    """TCVN3 bytes read as Latin-1, as Vietnamese letters."""
    return text.translate(TCVN3)


def turn_vni(text: str) -> str:
    """VNI bytes read as Windows-1252, as Vietnamese letters."""
    return VNI_PATTERN.sub(lambda match: VNI_ALL[match[0]], text)


LEGACY: Final = (
    Encoding("windows-1258", "cp1258", compose, "replace"),
    Encoding("tcvn3", "latin-1", turn_tcvn3, "replace"),
    Encoding("vni", "cp1252", turn_vni, "replace"),
)
MARK: Final[Mapping[str, Any]] = {"by": "mark"}
FORM: Final[Mapping[str, Any]] = {"by": "form"}


def find_encoding(sample: bytes, is_utf8: bool) -> Encoding:
    """The character set of a file by a sample of it; `is_utf8` says whether the whole file is UTF-8.

    Raises UnknownEncoding when no set gives Vietnamese, AmbiguousEncoding when several give it and say different things.
    """
    if sample.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8-sig", "utf-8-sig", errors="strict" if is_utf8 else "replace", evidence=MARK)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16", "utf-16", errors="replace", evidence=MARK)
    if looks_utf16(sample):
        name = "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"
        return Encoding(name, name, errors="replace", evidence=FORM)
    if is_utf8:
        return Encoding("utf-8", "utf-8", evidence=FORM)
    if is_damaged_utf8(sample):
        return Encoding("utf-8", "utf-8", errors="replace", evidence=FORM)
    return find_legacy(sample)


def find_legacy(sample: bytes) -> Encoding:
    """The set of the time before Unicode in which the marked words are Vietnamese. Raises as `find_encoding`."""
    weights = {encoding.name: weigh_vietnamese(decode(sample, encoding)) for encoding in LEGACY}
    fitting = [encoding for encoding in LEGACY if weights[encoding.name] >= ENOUGH]
    if not fitting:
        raise UnknownEncoding
    best = max(fitting, key=lambda encoding: weights[encoding.name])
    for other in fitting:
        if other is not best:
            check_same_words(sample, best, other)
    shares = {name: round(weight, 3) for name, weight in weights.items()}
    return replace(best, evidence={"by": "words", "vietnamese": shares})


def check_same_words(sample: bytes, one: Encoding, other: Encoding) -> None:
    """Refuse a sample that two sets read as different Vietnamese words. Raises AmbiguousEncoding."""
    lines = zip(decode(sample, one).split(), decode(sample, other).split(), strict=False)
    for word, reading in lines:
        if word != reading:
            raise AmbiguousEncoding(one=one.name, other=other.name, one_reading=word, other_reading=reading)


def decode(sample: bytes, encoding: Encoding) -> str:
    """The sample as text, what cannot be read as a mark."""
    text = sample.decode(encoding.codec, "replace")
    return encoding.turn(text) if encoding.turn else text


def is_damaged_utf8(sample: bytes) -> bool:
    """Whether the sample is UTF-8 with a few broken places: those become faults of their rows."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken <= FEW * sum(not letter.isascii() for letter in text)


def weigh_vietnamese(text: str) -> float:
    """The share of the words with marks that are Vietnamese syllables, 0 to 1."""
    words = [word for word in WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii()]
    if not words:
        return 0.0
    share = sum(map(is_syllable, words)) / len(words)
    return share * (1 - text.count("\ufffd") / max(len(text), 1))


@lru_cache(maxsize=8192)
def is_syllable(word: str) -> bool:
    """Whether a word can be one Vietnamese syllable; its tone plays no part."""
    if not TONELESS_CONSONANTS.isdisjoint(unicodedata.normalize("NFC", word.lower())):
        return False
    toneless = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word.lower()).translate(TONELESS))
    return SYLLABLE.fullmatch(toneless) is not None
