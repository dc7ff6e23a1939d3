"""What the table of the reform says of each pair, and what the register answers: compared pair by pair."""

from collections import defaultdict
from collections.abc import Iterable

from directory.succession import answer_predecessors, answer_successors
from foundation.changes import AsOf
from foundation.clocks import parse_instant
from foundation.database import Reads
from trial.places import Country, Share

EVE = parse_instant("2025-06-30")
DAY = parse_instant("2025-07-01")
Pair = tuple[str, str, str]
"""Old code, new code, share; the principal pair of an old commune is compared apart."""


def list_shares(country: Country, provinces: Iterable[str]) -> list[Share]:
    """Every pair of these new provinces; an island district stands with its district code."""
    wanted = set(provinces)
    return [share for share in country.shares if share.new.province in wanted]


def check_successors(reads: Reads, shares: list[Share]) -> None:
    """Every old code, as written on the eve, is answered with exactly the pairs of the table."""
    codes = list(dict.fromkeys(share.old.admin_code for share in shares))
    answers = answer_successors(reads, codes, AsOf(DAY), "admin-2004", EVE)
    found: dict[str, set[tuple[str, str, bool]]] = {}
    for answer in answers:
        (origin,) = answer["origins"]
        found[answer["code"]] = {(h["codes"]["admin"], h["share"], h["principal"]) for h in origin["successors"]}
    table: dict[str, set[tuple[str, str, bool]]] = defaultdict(set)
    for share in shares:
        table[share.old.admin_code].add((share.new.code, "whole" if share.whole else "part", share.principal))
    assert found == table


def check_predecessors(reads: Reads, shares: list[Share]) -> None:
    """Every new code, as written on the day, is answered with exactly the old ones of the table, from the other end."""
    codes = list(dict.fromkeys(share.new.code for share in shares))
    answers = answer_predecessors(reads, codes, AsOf(DAY), "admin", DAY)
    names: dict[str, set[tuple[str, str, bool]]] = {}
    for answer in answers:
        (origin,) = answer["origins"]
        names[answer["code"]] = {
            (h["unit"], h["share"], h["principal"])
            for h in origin["predecessors"]
            if not h["rehomed"]  # what the districts left is theirs too, but they are no pair of the table
        }
    old = find_old_units(reads, [share.old.admin_code for share in shares])
    table: dict[str, set[tuple[str, str, bool]]] = defaultdict(set)
    for share in shares:
        unit = old[share.old.admin_code]
        table[share.new.code].add((unit, "whole" if share.whole else "part", share.principal))
    assert names == table


def find_old_units(reads: Reads, codes: list[str]) -> dict[str, str]:
    """The unit that bore each old code on the eve."""
    answers = answer_successors(reads, codes, AsOf(EVE), "admin-2004", EVE)
    return {answer["code"]: answer["origins"][0]["unit"] for answer in answers}


def check_provinces(reads: Reads, country: Country, provinces: Iterable[str]) -> None:
    """Every old province has become, whole, the new one of the table, which comes from exactly those."""
    wanted = set(provinces)
    pairs = [(old, new) for old, new in country.province_mergers if new in wanted]
    forth = answer_successors(reads, [old for old, _ in pairs], AsOf(DAY), "admin-2004", EVE)
    for (_old, new), answer in zip(pairs, forth, strict=True):
        (origin,) = answer["origins"]
        heirs = [(h["codes"]["admin"], h["name"], h["share"], h["principal"]) for h in origin["successors"]]
        assert heirs == [(new, country.provinces_after[new].name, "whole", True)]
    for answer in answer_predecessors(reads, sorted(wanted), AsOf(DAY), "admin", DAY):
        (origin,) = [one for one in answer["origins"] if one["level"] == "province"]
        came = {heir["name"] for heir in origin["predecessors"]}
        assert came == {country.provinces_before[old].name for old, new in pairs if new == answer["code"]}
