"""The unit API: what an old unit's code has become. It needs no token.

A document keeps the code under which it was written, for ever; the register answers what that code means today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from .errors import ProviderUnreachable


@dataclass(frozen=True, slots=True)
class Successor:
    """A unit of today that an old one has become, whole or in part."""

    unit: str
    """The permanent id of the unit: the same as in the claim `unit.id`."""
    name: str
    code: str
    whole: bool
    principal: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """A unit that bore the code, and what it has become; one that still stands is its own successor."""

    unit: str
    name: str
    borne_from: str
    borne_to: str
    ended: bool
    successors: tuple[Successor, ...]


class UnitApi:
    """The public unit API of the register at `address`."""

    def __init__(self, address: str, http: httpx.Client) -> None:
        self._address = f"{address}/api/units"
        self._http = http

    def find_origins(self, code: str) -> list[Origin]:
        """The units that bore a code with their successors of today; empty when nobody ever bore it."""
        answer = self._ask("GET", f"{self._address}/{quote(code, safe='')}/successors")
        if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.BAD_REQUEST):
            return []
        return _origins(_content(answer))

    def _ask(self, method: str, address: str, **options: Any) -> httpx.Response:
        try:
            return self._http.request(method, address, **options)
        except httpx.HTTPError as error:
            raise ProviderUnreachable(f"{method} {address}: {error}") from error


def _content(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != httpx.codes.OK:
        raise ProviderUnreachable(f"{answer.request.url}: status {answer.status_code}")
    content: dict[str, Any] = answer.json()
    return content


def _origins(answer: dict[str, Any]) -> list[Origin]:
    return [
        Origin(
            unit=str(origin["unit"]),
            name=str(origin["name"]),
            borne_from=str(origin.get("borne_from") or ""),
            borne_to=str(origin.get("borne_to") or ""),
            ended=bool(origin["ended"]),
            successors=tuple(_successor(each) for each in origin["successors"]),
        )
        for origin in answer["origins"]
    ]


def _successor(each: dict[str, Any]) -> Successor:
    codes = each.get("codes") or {}
    return Successor(
        unit=str(each["unit"]),
        name=str(each["name"]),
        code=str(codes.get("agency") or codes.get("admin") or ""),
        whole=each["share"] == "whole",
        principal=bool(each["principal"]),
    )
