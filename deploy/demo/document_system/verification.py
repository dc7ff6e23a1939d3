"""The verification API: does the signature of a document count?

There are three answers: valid, invalid, undetermined. When the API cannot be reached the answer is none of them, and the
page says so: "we could not find out" is never "invalid".
"""

from __future__ import annotations

from typing import Any

import httpx

from .errors import ProviderUnreachable
from .oidc import Provider
from .program_token import ProgramToken

SCOPE = "verify"
PATIENCE = 60.0
"""Seconds to wait for a verdict."""


class VerificationApi:
    """The verification API at `address`, asked in this application's own name."""

    def __init__(self, address: str, provider: Provider, http: httpx.Client) -> None:
        self._address = f"{address}/api/verify"
        self._token = ProgramToken(provider, SCOPE)
        self._http = http

    def verify(self, name: str, content: bytes) -> dict[str, Any]:
        """The report on a document. Raises ProviderUnreachable."""
        files = {"file": (name, content, "application/pdf")}
        try:
            answer = self._token.send(lambda header: self._post(files, header))
        except httpx.HTTPError as error:
            raise ProviderUnreachable(f"verify: {error}") from error
        if answer.status_code != httpx.codes.OK:
            raise ProviderUnreachable(f"verify: status {answer.status_code}")
        report: dict[str, Any] = answer.json()
        return report

    def _post(self, files: dict[str, tuple[str, bytes, str]], header: dict[str, str]) -> httpx.Response:
        headers = header | {"Accept-Language": "vi"}
        return self._http.post(self._address, files=files, headers=headers, timeout=PATIENCE)
