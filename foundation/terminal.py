"""The terminal's manners: data on stdout, talk on stderr, one set of exit codes, tables that fit eighty columns.

Every verb takes `--output table|json|csv`. Times in JSON are UTC with Z. Colour only on a terminal; `NO_COLOR` is honoured
by rich. Errors become one sentence and their exit code here and nowhere else.
"""

import csv
import json
import os
import sys
import time
import traceback
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from foundation.clocks import VIETNAM, as_rfc3339
from foundation.errors import HopnhatError, OurFault, Undetermined
from foundation.i18n import translate


class Output(StrEnum):
    """How data is written."""

    table = "table"
    json = "json"
    csv = "csv"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="table, json or csv")]

out = Console(highlight=False, soft_wrap=True)
talk = Console(stderr=True, highlight=False, soft_wrap=True)


def language() -> str:
    """The language of talk: $HOPNHAT_LANG, else Vietnamese unless the locale is English."""
    chosen = os.environ.get("HOPNHAT_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if chosen.lower().startswith("en") else "vi"


def say(message: str, **values: object) -> None:
    """One sentence on stderr, in the reader's language."""
    talk.print(translate(language(), message, **values), markup=False)


def as_plain(value: object) -> Any:
    """A value as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {key: as_plain(item) for key, item in asdict(value).items()}
    if isinstance(value, datetime):
        return as_rfc3339(value)
    if isinstance(value, (date, uuid.UUID)):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_plain(item) for item in value]
    return value


def as_shown(value: object) -> object:
    """A value as people read it in a table: days and hours of this country, a midnight as its day alone."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        local = value.astimezone(VIETNAM)
        return f"{as_shown(local.date())}{f' {local:%H:%M}' if (local.hour, local.minute) != (0, 0) else ''}"
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%d/%m/%Y}" if language() == "vi" else value.isoformat()
    return as_plain(value)


def show_day(text: str | None) -> str:
    """A day that stands as ISO text in data, as people read it in a table; anything else as it stands."""
    try:
        return str(as_shown(date.fromisoformat(text or "")))
    except ValueError:
        return text or ""


def print_json(value: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(as_plain(value), ensure_ascii=False, indent=2) + "\n")


def print_json_line(value: object) -> None:
    """One JSON object a line on stdout."""
    sys.stdout.write(json.dumps(as_plain(value), ensure_ascii=False) + "\n")


def print_rows(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str], output: Output) -> None:
    """Rows on stdout; `columns` maps the key of a row to its heading (an English sentence, translated)."""
    if output is Output.json:
        print_json(list(rows))
    elif output is Output.csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([disarm(as_plain(row.get(key))) for key in columns])
    else:
        out.print(build_table(rows, columns))


def build_table(rows: Sequence[Mapping[str, object]], columns: Mapping[str, str]) -> Table:
    """Rows as a table for people; what is as short as a day or a word is never broken in two, so that long texts give way."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for key, heading in columns.items():
        longest = max((len(str(as_shown(row.get(key)) or "")) for row in rows), default=0)
        table.add_column(
            translate(language(), heading), overflow="fold", min_width=longest if longest <= SHORT else None
        )
    for row in rows:
        table.add_row(*(Text("" if row.get(key) is None else str(as_shown(row.get(key)))) for key in columns))
    return table


SHORT = 10
"""Letters of a day."""


def disarm(value: object) -> object:
    """A cell a spreadsheet will not run: text that begins like a formula gets an apostrophe."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


class Progress:
    """What, done of total, rate and time left, on stderr; one line every ten seconds when it is not a terminal."""

    def __init__(self, what: str, total: int | None) -> None:
        self.what = what
        self.total = total
        self.done = 0
        self._start = self._said = time.monotonic()
        self._live = talk.is_terminal

    def move(self, done: int) -> None:
        """So many are done now."""
        self.done = done
        now = time.monotonic()
        if now - self._said >= (0.2 if self._live else 10):
            self._said = now
            self._write(now, end="\r" if self._live else "\n")

    def close(self) -> None:
        """The last word: how many and how fast."""
        self._write(time.monotonic(), end="\n")

    def _write(self, now: float, end: str) -> None:
        elapsed = max(now - self._start, 1e-6)
        rate = self.done / elapsed
        total = f"/{self.total:,}" if self.total else ""
        left = f" · {(self.total - self.done) / rate:.0f} s" if self.total and rate and self.done < self.total else ""
        talk.print(f"  {self.what}  {self.done:,}{total}  {rate:,.0f}/s{left}    ", end=end, markup=False)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Progress]:
    """A progress line that ends with its block."""
    line = Progress(translate(language(), what), total)
    try:
        yield line
    finally:
        line.close()


def confirm_by_typing(wanted: str, given: str | None, flag: str) -> None:
    """Danger is confirmed by typing what it touches, never by "y".

    Raises Undetermined when nobody can be asked (no terminal) and the flag was not given, or the words differ.
    """
    if given is None:
        if not sys.stdin.isatty():
            raise Undetermined("This must be confirmed: give {flag} “{wanted}”.", flag=flag, wanted=wanted)
        given = typer.prompt(translate(language(), "Type “{wanted}” to confirm", wanted=wanted))
    if given.strip() != wanted:
        raise Undetermined("That is not “{wanted}”; nothing was changed.", wanted=wanted)


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run the command line; every refusal becomes a sentence and its exit code (DESIGN §8)."""
    command = typer.main.get_command(app)
    try:
        answer = command.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except HopnhatError as error:
        talk.print(translate(language(), error.message, **error.values), markup=False)
        return error.exit_code
    except typer.Exit as error:
        return error.exit_code
    except typer.Abort:
        say("Stopped.")
        return 2
    except typer.TyperException as error:
        from foundation.spoken_verbs import tell_complaint

        talk.print(tell_complaint(error.format_message()), markup=False)
        return 64
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 — the last door: whatever nobody foresaw is a sentence and an exit code too
        return tell_mishap(error)
    return answer if isinstance(answer, int) else 0


def tell_mishap(error: Exception) -> int:
    """Say what went wrong around the command; a defect of ours is shown whole, for whoever mends it. Gives the exit code."""
    from foundation.mishaps import build_refusal

    refusal = build_refusal(error)
    if isinstance(refusal, OurFault):
        sys.stderr.write("".join(traceback.format_exception(error)))
    talk.print(translate(language(), refusal.message, **refusal.values), markup=False)
    return refusal.exit_code


__all__ = [
    "Output",
    "OutputOption",
    "confirm_by_typing",
    "disarm",
    "out",
    "print_json",
    "print_json_line",
    "print_rows",
    "progress",
    "run",
    "say",
    "talk",
]
