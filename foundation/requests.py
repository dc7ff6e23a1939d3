"""The request at hand: its id, known to the log, the audit and the page without being passed through every call."""

import secrets
from contextvars import ContextVar

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request or job being served, if any."""
    return _request_id.get()


class request:  # noqa: N801  # Used as a block, and named as one.
    """Everything inside belongs to this request; a new id is made unless one is given."""

    def __init__(self, request_id: str | None = None) -> None:
        self._id = request_id or secrets.token_hex(8)

    def __enter__(self) -> str:
        self._token = _request_id.set(self._id)
        return self._id

    def __exit__(self, *_error: object) -> None:
        _request_id.reset(self._token)
