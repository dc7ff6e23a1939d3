"""Who may read what an old unit kept: the register's answer, by the events and what each decree says of documents.

Asked in this application's own name, with a token of the scope `units.heirs`. Access goes by unit and duty, never by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import ProviderUnreachable
from .oidc import Provider
from .program_token import ProgramToken

SCOPE = "units.heirs"
MOST_CODES = 10_000
"""How many codes one question may hold."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A unit of today that may read, and the duties whose posts open the documents there."""

    unit: str
    """The permanent id of the unit: the same as in the claim `unit.id`."""
    name: str
    rule: str
    """`own` (the unit stands), `all` (every successor), `principal`, or `archive`."""
    decision: str
    duties: frozenset[str]
    whole: bool
    principal: bool


@dataclass(frozen=True, slots=True)
class Estate:
    """A unit that bore a code when documents were written under it, and who may read them now."""

    name: str
    ended: bool
    keepers: tuple[Keeper, ...]


class HeirsApi:
    """The question of who may read, asked of the register at `address`."""

    def __init__(self, address: str, provider: Provider, http: httpx.Client) -> None:
        self._address = f"{address}/api/units/documents-heirs"
        self._token = ProgramToken(provider, SCOPE)
        self._http = http

    def find_many(self, codes: Iterable[str]) -> dict[str, list[Estate]]:
        """By code, in one question for each ten thousand; a code nobody bore has none. Raises ProviderUnreachable."""
        wanted = list(dict.fromkeys(codes))
        found: dict[str, list[Estate]] = {}
        for start in range(0, len(wanted), MOST_CODES):
            part = wanted[start : start + MOST_CODES]
            found |= {code: _estates(answer) for code, answer in zip(part, self._ask(part), strict=True)}
        return found

    def _ask(self, codes: list[str]) -> list[dict[str, Any]]:
        try:
            answer = self._token.send(
                lambda header: self._http.post(self._address, json={"codes": codes}, headers=header)
            )
        except httpx.HTTPError as error:
            raise ProviderUnreachable(f"{self._address}: {error}") from error
        if answer.status_code != httpx.codes.OK:
            raise ProviderUnreachable(f"{self._address}: status {answer.status_code}")
        answers: list[dict[str, Any]] = answer.json()["answers"]
        return answers


def _estates(answer: dict[str, Any]) -> list[Estate]:
    return [
        Estate(str(origin["name"]), bool(origin["ended"]), tuple(_keeper(each) for each in origin["heirs"]))
        for origin in answer["origins"]
    ]


def _keeper(each: dict[str, Any]) -> Keeper:
    return Keeper(
        unit=str(each["unit"]),
        name=str(each["name"]),
        rule=str(each["rule"]),
        decision=str(each.get("decision") or ""),
        duties=frozenset(each["duties"]),
        whole=each["share"] == "whole",
        principal=bool(each["principal"]),
    )
