"""Refusals of acts that matter are evidence too: recorded in a transaction of their own, after the deed's was rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager

from foundation import audit
from foundation.errors import HopnhatError
from foundation.runtime import Runtime


@contextmanager
def recorded_refusals(runtime: Runtime, event: str, actor: str, subject: str) -> Iterator[None]:
    """Whatever is refused inside leaves an audit row `event` with the refusal's code, and goes on its way."""
    try:
        yield
    except HopnhatError as error:
        with runtime.database.write() as writes:
            audit.record(writes, runtime.clocks.wall(), event, actor, subject, {"code": error.code}, outcome="refused")
        raise
