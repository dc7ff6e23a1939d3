"""Signing keys follow each other by themselves: published before they sign, signing for their time, published until nothing they
signed is believed any more.

`turns` is pure: from the keys there are and the time to what has to be done. The worker does it with its hourly sweep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from foundation.runtime import Runtime
from sso.keys import find_signing, make_key, retire_key
from sso.settings import SsoSection

ACTOR: Final = "worker"
MARGIN: Final = timedelta(hours=1)
"""Clocks of others differ, and a key set is kept for a while."""


@dataclass(frozen=True)
class Turn:
    """What has to be done: keys to make, by algorithm and first instant, and keys to retire."""

    make: tuple[tuple[str, datetime], ...]
    retire: tuple[str, ...]


def turns(keys: Sequence[tuple[str, str, datetime]], policy: SsoSection, now: datetime) -> Turn:
    """What the keys need; `keys` are algorithm, `kid` and first instant, newest first within an algorithm."""
    period, lead = timedelta(days=policy.key_days), timedelta(hours=policy.key_lead_hours)
    make, retire = [], []
    for alg in dict.fromkeys(alg for alg, _kid, _from in keys):
        line = [(kid, signs_from) for known, kid, signs_from in keys if known == alg]
        next_begins = line[0][1] + period
        if next_begins - lead <= now:
            make.append((alg, max(next_begins, now + lead)))
        for (_newer, since), (kid, _from) in pairwise(line):
            if since + longest_token(policy) + MARGIN <= now:
                retire.append(kid)
    return Turn(tuple(make), tuple(retire))


def longest_token(policy: SsoSection) -> timedelta:
    """How long something signed may be shown: as a token, or as the hint of a log-out at the end of a session."""
    return timedelta(seconds=max(policy.self_contained_seconds, policy.id_token_seconds, policy.session_seconds))


def turn_keys(runtime: Runtime, policy: SsoSection, now: datetime) -> Turn:
    """Do what the keys need by the policy in force, in one transaction."""
    with runtime.database.write() as writes:
        turn = turns(find_signing(writes), policy, now)
        for alg, signs_from in turn.make:
            make_key(writes, runtime.sealer, alg, ACTOR, now, signs_from)
        for kid in turn.retire:
            retire_key(writes, kid, ACTOR, now)
    return turn
