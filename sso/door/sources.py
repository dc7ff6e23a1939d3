"""Where guesses come from, weighed and not counted: thousands of officials sit behind one address, and a fifth of them mistypes.

A failure weighs one. Somebody who comes in takes two away, once an account and window, so that nobody pays for a list of guesses with
one log-in of their own. A crowd therefore stays near nothing however large it is, and who tries a list of passwords at a list of
log-ins is told to wait after `source_weight` of them. A browser that is known for the account is not asked where it stands.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Instant, Writes
from foundation.errors import HopnhatError
from foundation.sealing import Sealer
from sso.models import Guess
from sso.settings import SsoSection

RELIEF: Final = 2
PREFIX: Final = 64
"""An IPv6 subscriber has a whole /64."""

WEIGH: Final = sa.text(
    "INSERT INTO sso_guess (subject, failures, since, shut_until) VALUES (:subject, 1, :now, NULL) "
    "ON CONFLICT (subject) DO UPDATE SET "
    "failures = CASE WHEN sso_guess.since <= :window THEN 1 ELSE sso_guess.failures + 1 END, "
    "since = CASE WHEN sso_guess.since <= :window THEN :now ELSE sso_guess.since END, "
    "shut_until = CASE WHEN sso_guess.shut_until > :now THEN sso_guess.shut_until "
    "WHEN sso_guess.since > :window AND sso_guess.failures >= :most THEN :shut ELSE NULL END"
).bindparams(
    *(sa.bindparam(name, type_=Instant()) for name in ("now", "window", "shut")),
    sa.bindparam("subject", type_=sa.LargeBinary()),
)
"""One statement, so that parallel failures all weigh."""
CREDIT: Final = (
    sa.text(
        "INSERT INTO sso_guess (subject, failures, since, shut_until) VALUES (:subject, 0, :now, NULL) "
        "ON CONFLICT (subject) DO UPDATE SET since = :now WHERE sso_guess.since <= :window RETURNING subject"
    )
    .bindparams(
        *(sa.bindparam(name, type_=Instant()) for name in ("now", "window")),
        sa.bindparam("subject", type_=sa.LargeBinary()),
    )
    .columns(subject=sa.LargeBinary())
)
"""Gives a row the first time in a window."""

FIND: Final = sa.select(Guess.failures, Guess.shut_until).where(Guess.subject == sa.bindparam("subject"))
LIGHTEN: Final = (
    sa.update(Guess)
    .where(Guess.subject == sa.bindparam("source"))
    .values(failures=sa.case((Guess.failures > RELIEF, Guess.failures - RELIEF), else_=0))
)
UNWEIGH: Final = (
    sa.update(Guess)
    .where(Guess.subject == sa.bindparam("source"), Guess.failures > 0)
    .values(failures=Guess.failures - 1)
)


class SourceShut(HopnhatError):
    """Too many failures from one network, and too few people who came in."""

    code = "source_shut"
    status = 429
    exit_code = 75
    sentence = (
        "Too many wrong log-ins came from your network. Please wait a minute and try again; "
        "the help desk can let you in meanwhile."
    )


def name_source(caller: str) -> str:
    """The network a caller stands for: an IPv4 address, an IPv6 /64, or the text itself where it is neither."""
    try:
        address = ip_address(caller)
    except ValueError:
        return caller[:60]
    return str(ip_network(f"{caller}/{PREFIX}", strict=False)) if address.version == 6 else str(address)


def source_subject(sealer: Sealer, caller: str) -> bytes:
    """What the failures of a network are weighed under."""
    return sealer.blind_index(name_source(caller), "sso.guess.source")


def check_source(writes: Writes, sealer: Sealer, caller: str, now: datetime) -> None:
    """Refuse a network that only guesses. Raises SourceShut."""
    (found,) = writes.ask(name_weight(sealer, caller))
    check_weight(found, now)


def name_weight(sealer: Sealer, caller: str) -> tuple[Any, dict[str, Any]]:
    """What asks for the weight of a network, for who asks more at once."""
    return FIND, {"subject": source_subject(sealer, caller)}


def check_weight(found: Any, now: datetime) -> None:
    """Refuse the network of this answer if it only guesses. Raises SourceShut."""
    row = found.first()
    if row is not None and row.shut_until is not None and row.shut_until > now:
        raise SourceShut()


def weigh_failure(writes: Writes, sealer: Sealer, caller: str, policy: SsoSection, now: datetime) -> None:
    """A failure came from this network."""
    given = {
        "subject": source_subject(sealer, caller),
        "now": now,
        "window": now - timedelta(seconds=policy.source_window_seconds),
        "most": policy.source_weight,
        "shut": now + timedelta(seconds=policy.source_shut_seconds),
    }
    writes.tell(WEIGH, given)


def unweigh(writes: Writes, sealer: Sealer, caller: str) -> None:
    """What was weighed before it was looked at was no failure."""
    writes.tell(UNWEIGH, {"source": source_subject(sealer, caller)})


def relieve(
    writes: Writes,
    sealer: Sealer,
    caller: str,
    account: str,
    policy: SsoSection,
    now: datetime,
    weight: Any = None,
) -> None:
    """Somebody of this network came in; free while nothing weighs on it. `weight`: the answer about it, where it was asked already."""
    if weight is None:
        (weight,) = writes.ask(name_weight(sealer, caller))
    row = weight.first()
    if row is None or not row.failures:
        return
    pair = sealer.blind_index(f"{name_source(caller)}\x00{account}", "sso.guess.credit")
    given = {"subject": pair, "now": now, "window": now - timedelta(seconds=policy.source_window_seconds)}
    if writes.connection().execute(CREDIT, given).first() is None:
        return
    writes.tell(LIGHTEN, {"source": source_subject(sealer, caller)})
