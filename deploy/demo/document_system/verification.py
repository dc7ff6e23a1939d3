"""The verification API: does the signature of a document count?

There are three answers: valid, invalid, undetermined. When the API cannot be reached the answer is none of them, and the
page says so: "we could not find out" is never "invalid".
"""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx

from .errors import ProviderUnreachable
from .oidc import Provider

SCOPE = "verify"
PATIENCE = 60.0
"""Seconds to wait for a verdict."""
EARLY = 30
"""Seconds before its end at which a token is replaced."""


class VerificationApi:
    """The verification API at `address`, asked in this application's own name."""

    def __init__(self, address: str, provider: Provider, http: httpx.Client) -> None:
        self._address = f"{address}/api/verify"
        self._provider = provider
        self._http = http
        self._lock = threading.Lock()
        self._token, self._until = "", 0.0

    def verify(self, name: str, content: bytes) -> dict[str, Any]:
        """The report on a document. Raises ProviderUnreachable."""
        answer = self._ask(name, content, self._get_token())
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            answer = self._ask(name, content, self._get_token(fresh=True))
        if answer.status_code != httpx.codes.OK:
            raise ProviderUnreachable(f"verify: status {answer.status_code}")
        report: dict[str, Any] = answer.json()
        return report

    def _ask(self, name: str, content: bytes, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "vi"}
        files = {"file": (name, content, "application/pdf")}
        try:
            return self._http.post(self._address, files=files, headers=headers, timeout=PATIENCE)
        except httpx.HTTPError as error:
            raise ProviderUnreachable(f"verify: {error}") from error

    def _get_token(self, fresh: bool = False) -> str:
        with self._lock:
            if fresh or time.monotonic() > self._until:
                self._token, seconds = self._provider.fetch_program_token(SCOPE)
                self._until = time.monotonic() + seconds - EARLY
            return self._token
