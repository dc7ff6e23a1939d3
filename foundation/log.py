"""The log: one JSON object a line on stderr, each with the request it belongs to, secrets blanked.

What a person sees is short and kind; what happened stands here, under the same request id. Nothing that opens a door
may pass: values under telling names, bearer tokens and the query of an address are replaced before a line is written.
"""

import json
import logging
import re
import sys
from functools import cache
from typing import Final

from pydantic_core import to_json

from foundation.clocks import as_rfc3339, read_wall
from foundation.log_writing import Together
from foundation.requests import current_request_id

BLANK: Final = "…"
TELLING = (
    r"(?:[a-z_]*(?:password|secret|token|assertion|verifier)[a-z_]*|code|otp|cookie|authorization|personal_number)"
)
PATTERNS: Final = (
    re.compile(r"(?i)\b(?P<keep>(?:bearer|basic|dpop)\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?P<keep>)\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(rf"(?i)\b(?P<keep>{TELLING}['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s&,;)}}\]]+)"),
)
SUSPECT: Final = re.compile(r"(?i)bearer|basic|dpop|eyJ|[=:]")
"""What stands in every text that any of the patterns fits; most lines have nothing of it."""
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)
"""Made once: `json.dumps` makes one for each line. It writes no blanks, as the faster one does: one log has one spelling."""
SIMPLE: Final = frozenset({str, int, float, bool, type(None)})
ORDINARY: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def blank_secrets(text: str) -> str:
    """The text with every value that could open a door replaced by an ellipsis."""
    if SUSPECT.search(text) is None:
        return text
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<keep>{BLANK}", text)
    return text


@cache
def is_telling(name: str) -> bool:
    """Whether a field of this name holds what opens a door."""
    return re.fullmatch(TELLING, name) is not None


class Line(logging.Formatter):
    """A log record as one JSON object: time, level, logger, request, message, extra fields, trace."""

    def format(self, record: logging.LogRecord) -> str:
        """One line without a line end."""
        entry: dict[str, object] = {
            "time": as_rfc3339(read_wall()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": current_request_id() or "-",
            "message": blank_secrets(record.getMessage()),
        }
        entry |= {
            name: BLANK if is_telling(name) else blank_secrets(value) if isinstance(value, str) else value
            for name, value in vars(record).items()
            if name not in ORDINARY
        }
        if record.exc_info:
            entry["trace"] = blank_secrets(self.formatException(record.exc_info))
        return write_entry(entry)


def write_entry(entry: dict[str, object]) -> str:
    """The object as JSON; by the slower encoder where a value is none of the simple ones, which hides what hides itself."""
    try:
        return to_json(entry).decode() if SIMPLE.issuperset(map(type, entry.values())) else ENCODER.encode(entry)
    except ValueError:  # Half a letter, as undecodable bytes leave it.
        return ENCODER.encode(entry)


def open_log(level: str = "INFO", *, together: bool = False) -> None:
    """Send everything the process says through `Line` to stderr. Called once by each program that serves or works.

    `together`: lines may wait for each other some milliseconds (`foundation.log_writing`).
    """
    # What `Line` does not write is not looked up for every record either.
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    handler = Together(sys.stderr) if together else logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn.access", "httpx", "httpcore", "fontTools", "authlib"):
        logging.getLogger(name).setLevel(logging.WARNING)
