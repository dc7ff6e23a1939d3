"""Codes of units as text: which scheme a string can belong to, and its canonical form.

`agency`: Decision 20/2020/QĐ-TTg, groups separated by dots, read left to right, at most 35 characters of `A-Z0-9.`;
`agency-legacy`: QCVN 102:2016/BTTTT, read right to left; `admin`, `admin-2004`: two, three or five digits.
"""

import re

from directory.errors import CodeMalformed
from directory.models import SCHEMES

PATTERNS = {
    "agency": re.compile(r"[A-Z]\d{2}(\.[0-9A-Z]+)*"),
    "agency-legacy": re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}"),
    "admin": re.compile(r"\d{2}|\d{5}"),
    "admin-2004": re.compile(r"\d{2}|\d{3}|\d{5}"),
}
LONGEST = 35
ANY = re.compile("|".join(pattern.pattern for pattern in PATTERNS.values()))


def possible_schemes(code: str) -> tuple[str, ...]:
    """The schemes whose form this text has, in the order of SCHEMES."""
    cleaned = clean_code(code)
    return tuple(s for s in SCHEMES if len(cleaned) <= LONGEST and PATTERNS[s].fullmatch(cleaned))


def is_possible(cleaned: str) -> bool:
    """Whether a text, as `clean_code` has it, has the form of any scheme."""
    return len(cleaned) <= LONGEST and ANY.fullmatch(cleaned) is not None


def clean_code(code: str) -> str:
    """The code without surrounding space, in upper case."""
    return code.strip().upper()


def check_code(code: str, scheme: str) -> str:
    """The canonical form. Raises CodeMalformed when the text has not the form of its scheme."""
    cleaned = clean_code(code)
    pattern = PATTERNS.get(scheme)
    if pattern is None or len(cleaned) > LONGEST or not pattern.fullmatch(cleaned):
        raise CodeMalformed(code=code, scheme=scheme)
    return cleaned
