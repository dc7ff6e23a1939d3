"""The directory's part of a rehearsal: a second private server, printed as on the eve and then as from the instant on.

The second printing is compared, guarded and written as on the day; what it says is how long the real directory will show old and new
side by side, and which of its entries change.
"""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from directory.printing.access import build_limits
from directory.printing.command import describe_change
from directory.printing.errors import DirectoryUnreachable, PrintingUnsafe
from directory.printing.guards import Limits
from directory.printing.server import Server
from directory.printing.slapd import PrivateSlapd
from directory.printing.sync import Comparison, compare, sync
from directory.settings import LdapSettings
from foundation.clocks import parse_instant
from foundation.errors import Unreachable
from foundation.plans import Plan
from foundation.runtime import Runtime
from provisioning.merger.book import EVE


@dataclass(frozen=True)
class DirectoryRehearsal:
    """What the printing of the day did on the private server: entries by kind of change, its seconds, what was refused and why."""

    entries: int
    added: int
    changed: int
    deleted: int
    refused: int
    seconds: float
    unsafe: str | None
    """Why the guards of the printing would stop it; None if they let it pass."""
    listing: str
    """The file with every changed entry, one JSON object a line."""


class RehearsalServerLost(Unreachable):
    """The private server of a rehearsal ended in the middle of it."""

    code = "rehearsal_server_lost"
    sentence = (
        "The private directory server of this rehearsal ended in the middle. Nothing real was touched and nothing of the rehearsal "
        "is left: rehearse again, or without the directory (--no-ldap)."
    )


PrintAfter = Callable[[], DirectoryRehearsal | None]


@contextmanager
def rehearse_directory(copy: Runtime, plan: Plan, folder: Path, *, wanted: bool) -> Iterator[PrintAfter]:
    """Print the eve, then give the function that prints what comes after. Raises ServerNotStarted, RehearsalServerLost.

    Nothing is printed where it is not wanted: the function then gives None.
    """
    if not wanted:
        yield lambda: None
        return
    home = folder / f"ldap-{uuid.uuid4().hex[:8]}"
    effective = parse_instant(plan.header.effective) if plan.header.effective else copy.clocks.register()
    base = copy.settings[LdapSettings].base
    try:
        with PrivateSlapd(home, base, outlives_parent=False) as slapd, Server(slapd.writer) as server:
            sync(copy.database, server, lambda: effective - EVE, Limits(), from_nothing=True)
            yield lambda: print_after(copy, plan, server, folder)
    except DirectoryUnreachable as error:
        name_listing(plan, folder).unlink(missing_ok=True)
        raise RehearsalServerLost from error
    finally:
        shutil.rmtree(home, ignore_errors=True)


def print_after(copy: Runtime, plan: Plan, server: Server, folder: Path) -> DirectoryRehearsal:
    """The printing of the day, on the private server."""
    effective = parse_instant(plan.header.effective) if plan.header.effective else copy.clocks.register()
    listing = name_listing(plan, folder)
    comparison = compare(copy.database, server, lambda: effective)
    keep_listing(comparison, listing)
    unsafe, limits = None, build_limits(copy.settings)
    try:
        outcome = sync(copy.database, server, lambda: effective, limits)
    except PrintingUnsafe as error:
        unsafe = error.shown
        deletions = comparison.counts["-"]
        lockouts = sum(difference.lockouts for difference in comparison.differences)
        outcome = sync(
            copy.database, server, lambda: effective, Limits(100.0, deletions + lockouts + 1, deletions, lockouts)
        )
    counts = outcome.comparison.counts
    return DirectoryRehearsal(
        sum(difference.wanted for difference in outcome.comparison.differences),
        counts["+"],
        counts["~"],
        counts["-"],
        len(outcome.refused),
        outcome.seconds,
        unsafe,
        str(listing),
    )


def name_listing(plan: Plan, folder: Path) -> Path:
    """Where the changed entries are listed."""
    return folder / f"{plan.digest[:16]}.ldap.jsonl"


def keep_listing(comparison: Comparison, path: Path) -> None:
    """Every entry that becomes another; passwords and certificates are named, never written."""
    with path.open("w", encoding="utf-8") as file:
        for difference in comparison.differences:
            for change in difference.changes:
                file.write(json.dumps(describe_change(change), ensure_ascii=False) + "\n")
