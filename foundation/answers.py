"""Answers of hot paths: JSON written in one step, where the framework makes an encoder for each answer."""

from typing import Any

from pydantic_core import to_json
from starlette.responses import JSONResponse


def write_json(content: Any) -> bytes:
    """JSON without blanks, in UTF-8. Raises ValueError for text or a value that JSON has no form for."""
    return to_json(content)


class JsonAnswer(JSONResponse):
    """A JSON answer, the same bytes as the framework's."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return write_json(content)
