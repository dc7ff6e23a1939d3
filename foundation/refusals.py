"""Refusals of acts that matter are evidence too: each is an audit row, written after the deed's own transaction was rolled back.

This is the one place that writes them. A refusal is written once, however many blocks it passes through on its way out.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from foundation import audit
from foundation.errors import HopnhatError
from foundation.runtime import Runtime


@dataclass
class Deed:
    """What somebody is about to do, as the audit row of a refusal names it; the subject may be told later."""

    event: str
    subject: str | None = None


@contextmanager
def recorded_refusals(
    runtime: Runtime,
    event: str,
    actor: str | Callable[[], str],
    subject: str | None = None,
    kinds: type[HopnhatError] = HopnhatError,
) -> Iterator[Deed]:
    """A refusal inside this block becomes an audit row with outcome `refused`, and goes on as it was.

    `actor` may be a function where it is known only once somebody was refused.
    """
    deed = Deed(event, subject)
    try:
        yield deed
    except kinds as error:
        if not error.recorded:
            record_refusal(runtime, deed, actor if isinstance(actor, str) else actor(), error)
        raise


def record_refusal(runtime: Runtime, deed: Deed, actor: str, error: HopnhatError) -> None:
    """One audit row, in a transaction of its own."""
    detail = {"code": error.code, "why": error.shown}
    with runtime.database.write() as writes:
        audit.record(writes, runtime.clocks.wall(), deed.event, actor, deed.subject, detail, "refused")
    error.recorded = True
