"""The options every report shares, and what they ask: of which instant, known when, about which unit, on which paper."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from directory.units import UnitFacts, get_unit_by_code
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from foundation.errors import BadInput, WrongUsage
from foundation.i18n import LANGUAGES
from foundation.shell import Shell
from provisioning.reports.groups import LEVELS

AtOption = Annotated[
    str | None, typer.Option("--at", help="the instant whose units and people are counted; now by default")
]
KnownOption = Annotated[str | None, typer.Option("--known-at", help="as it was known then; repeats an earlier report")]
UnitOption = Annotated[str | None, typer.Option("--unit", help="only what lies under this unit, by code")]
ByOption = Annotated[str | None, typer.Option("--by", help=" | ".join(LEVELS))]
HtmlOption = Annotated[Path | None, typer.Option("--html", help="write one HTML file that can be mailed")]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", help="write a workbook")]
PdfOption = Annotated[Path | None, typer.Option("--pdf", help="write one page of A4")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="language of the files: vi or en")]


@dataclass(frozen=True)
class Question:
    """Of which instant, known when, about which unit, in which language the files are."""

    as_of: AsOf
    now: datetime
    root: UnitFacts | None
    paper: str


def read_question(
    shell: Shell, reads: Reads, at: str | None, known_at: str | None, unit: str | None, paper: str | None
) -> Question:
    """The options as values. Raises BadInput, UnitNotFound."""
    runtime, zone = shell.runtime, shell.runtime.settings.zone
    if paper is not None and paper not in LANGUAGES:
        raise BadInput("The language is {languages}.", languages=" | ".join(LANGUAGES))
    as_of = AsOf(
        parse_instant(at, zone) if at else runtime.clocks.register(),
        parse_instant(known_at, zone) if known_at else None,
    )
    root = get_unit_by_code(reads, unit, as_of) if unit else None
    return Question(as_of, runtime.clocks.wall(), root, paper or runtime.settings.language)


def check_level(by: str | None) -> None:
    """Refuse a level that does not exist."""
    if by is not None and by not in LEVELS:
        raise WrongUsage("“{level}” is not one of {levels}.", level=by, levels=", ".join(LEVELS))
