"""Where a report goes: the screen, or files that are whole or not there, readable by their owner only."""

import os
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from foundation.i18n import _
from foundation.terminal import out, say
from provisioning.reports.html import write_html
from provisioning.reports.one_page import write_page
from provisioning.reports.screen import draw_screen
from provisioning.reports.sheets import Sheet
from provisioning.reports.workbook import write_workbook

NARROWEST: Final = 80


def tell(sheet: Sheet, tables: Sequence[Any], most: int | None) -> None:
    """The screen, as wide as the terminal is, or as eighty columns want it."""
    width = max(out.width, NARROWEST) if out.is_terminal else max(NARROWEST, int(os.environ.get("COLUMNS", "120")))
    for line in draw_screen(sheet, tables, width, most or 10**9):
        out.print(line)


def write_files(sheet: Sheet, now: datetime, html: Path | None, xlsx: Path | None, pdf: Path | None) -> None:
    """The files that were asked for, each whole or not at all, readable by their owner only."""
    makers: tuple[tuple[Path | None, Callable[[], bytes]], ...] = (
        (html, lambda: write_html(sheet).encode()),
        (xlsx, lambda: write_workbook(sheet)),
        (pdf, lambda: write_page(sheet, now)),
    )
    for path, make in makers:
        if path is not None:
            keep_file(path, make())
            say(_("Written: {file}"), file=str(path))


def keep_file(path: Path, content: bytes) -> None:
    """Write a file under its final name only when it is complete; mode 0600, for lists hold names."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
