"""A token in this application's own name, kept until shortly before it ends: for interfaces that ask which program is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx

from .oidc import Provider

EARLY = 30
"""Seconds before its end at which a token is replaced."""


class ProgramToken:
    """The token of one scope (client credentials); threads share it."""

    def __init__(self, provider: Provider, scope: str) -> None:
        self._provider = provider
        self._scope = scope
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def send(self, ask: Callable[[dict[str, str]], httpx.Response]) -> httpx.Response:
        """The answer to a question that is asked with the header of this token; asked again once if the token was ended meanwhile."""
        answer = ask(self._header())
        return ask(self._header(fresh=True)) if answer.status_code == httpx.codes.UNAUTHORIZED else answer

    def _header(self, fresh: bool = False) -> dict[str, str]:
        with self._lock:
            if fresh or time.monotonic() > self._until:
                self._token, seconds = self._provider.fetch_program_token(self._scope)
                self._until = time.monotonic() + seconds - EARLY
            return {"Authorization": f"Bearer {self._token}"}
