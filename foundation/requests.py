"""The request at hand: its id, known to the log, the audit and the page without being passed through every call."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request or job being served, if any."""
    return _request_id.get()


@contextmanager
def request(request_id: str | None = None) -> Iterator[str]:
    """Everything inside belongs to this request; a new id is made unless one is given."""
    token = _request_id.set(request_id or secrets.token_hex(8))
    try:
        yield _request_id.get() or ""
    finally:
        _request_id.reset(token)
