"""When it is safer to stop: an empty side, too many deletions, too many people who could not bind any more.

Every mass deletion in the books of others began with "could not read", taken for "nobody exists". So a side that could not be
read whole never gets here (`server` raises), and one that is empty, or would take away more than is usual, stops the printing
before its first write. A limit is not switched off: it is answered by saying the exact number out loud.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.printing.difference import Difference
from directory.printing.errors import PrintingUnsafe

ALWAYS_ALLOWED = 5
"""So few are daily life, in a directory of any size."""


@dataclass(frozen=True)
class Limits:
    """How much one printing may take away: per cent of what stands there, and never more than an absolute number."""

    percent: float = 2.0
    absolute: int = 200
    expected_deletions: int | None = None
    expected_lockouts: int | None = None

    def allowed(self, found: int) -> int:
        """The number that needs no word."""
        return min(self.absolute, max(ALWAYS_ALLOWED, int(found * self.percent / 100)))


def check_sides(wanted: int, found: int, branch: str, *, from_nothing: bool = False) -> None:
    """Refuse an empty side. An empty directory is right only for a first printing, which says so. Raises PrintingUnsafe."""
    if wanted == 0 and found > 0:
        raise PrintingUnsafe(
            "The register has nothing for {branch}, the directory has {found} entries. Nothing was changed.",
            branch=branch,
            found=found,
        )
    if found == 0 and wanted > 0 and not from_nothing:
        raise PrintingUnsafe(
            "The directory shows nothing under {branch}, the register has {wanted}. Nothing was changed. "
            "If the directory is new or was lost, print it from nothing: hopnhat directory rebuild.",
            branch=branch,
            wanted=wanted,
        )


def check_losses(differences: Sequence[Difference], limits: Limits) -> None:
    """Refuse more deletions or lost passwords than is usual, unless their exact number was said. Raises PrintingUnsafe."""
    allowed = limits.allowed(sum(difference.found for difference in differences))
    check_deletions(sum(difference.counts["-"] for difference in differences), limits.expected_deletions, allowed)
    check_lockouts(sum(difference.lockouts for difference in differences), limits.expected_lockouts, allowed)


def check_deletions(count: int, expected: int | None, allowed: int) -> None:
    """Refuse a number of deletions that is neither usual nor the one expected. Raises PrintingUnsafe."""
    if expected is not None and count != expected:
        raise PrintingUnsafe(
            "Expected {expected} deletions, there would be {count}. Nothing was changed.",
            expected=expected,
            count=count,
        )
    if expected is None and count > allowed:
        raise PrintingUnsafe(
            "{count} entries would be deleted; {allowed} need no word. Nothing was changed. "
            "If this is meant, say the number: --expect-deletions {count}.",
            count=count,
            allowed=allowed,
        )


def check_lockouts(count: int, expected: int | None, allowed: int) -> None:
    """Refuse a number of lost passwords that is neither usual nor the one expected. Raises PrintingUnsafe."""
    if expected is not None and count != expected:
        raise PrintingUnsafe(
            "Expected {expected} lost passwords, there would be {count}. Nothing was changed.",
            expected=expected,
            count=count,
        )
    if expected is None and count > allowed:
        raise PrintingUnsafe(
            "{count} people would lose the password they log in with; {allowed} need no word. Nothing was changed. "
            "If this is meant, say the number: --expect-lockouts {count}.",
            count=count,
            allowed=allowed,
        )
