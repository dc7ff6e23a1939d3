"""What is over leaves by itself, in small batches: codes, tokens, grants, sessions and counts of guesses.

How often, and how long after its end, says the policy (`sweep_seconds`, `kept_seconds`). A used refresh token stays as long as its
family could live, because its second use must be seen. What happened stands in the audit; nothing here is a record of anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa

from foundation.database import Base, Database, Writes
from foundation.outbox import Job
from foundation.runtime import Runtime
from sso.factors.models import Device, HelpRequest
from sso.key_turning import turn_keys
from sso.models import (
    AccessToken,
    BrowserSession,
    CertificateSession,
    Client,
    ClientLogo,
    Code,
    Consent,
    DeviceCode,
    Grant,
    Guess,
    InitialToken,
    KeptRequest,
    RefreshToken,
    UsedAssertion,
)
from sso.policy import load_policy
from sso.rounds import plan_round
from sso.settings import SsoSection
from sso.upstream.models import UpstreamSession

KIND: Final = "sso.sweep"
EVERY: Final = timedelta(minutes=5)
"""When the first sweep of an installation comes; later ones as the policy says."""
BATCH: Final = 500
KEPT_UNPROVED: Final = timedelta(hours=1)
"""How long at most a row stays after its end that anybody may leave here (`sso/waiting.py`); longer than a request that was
opened in time is under way."""


def table_of(model: type[Base]) -> sa.Table:
    """A model's table."""
    return cast(sa.Table, model.__table__)


ACCESS, REFRESH, GRANT = table_of(AccessToken), table_of(RefreshToken), table_of(Grant)
KNOWN, HELP = table_of(Device), table_of(HelpRequest)
CODE, SESSION, GUESS = table_of(Code), table_of(BrowserSession), table_of(Guess)
KEPT_REQUEST, DEVICE = table_of(KeptRequest), table_of(DeviceCode)
CLIENT, CONSENT, LOGO = table_of(Client), table_of(Consent), table_of(ClientLogo)
OPENING, ELSEWHERE = table_of(CertificateSession), table_of(UpstreamSession)
ASSERTION, INITIAL = table_of(UsedAssertion), table_of(InitialToken)


@dataclass(frozen=True)
class Expiring:
    """A table, its key, and which of its rows are over at `:end`; `unproved`: anybody may fill it."""

    table: sa.Table
    key: sa.Column[object]
    over: sa.ColumnElement[bool]
    unproved: bool = False


END: Final = sa.bindparam("end", type_=CODE.c.ends_at.type)
CHILDLESS: Final = sa.and_(
    ~sa.exists().where(ACCESS.c.grant_id == GRANT.c.id), ~sa.exists().where(REFRESH.c.grant_id == GRANT.c.id)
)
FORGOTTEN: Final = sa.and_(
    CLIENT.c.registration_hash.is_not(None),
    *(
        ~sa.exists().where(table.c.client_id == CLIENT.c.client_id)
        for table in (GRANT, CODE, ACCESS, KEPT_REQUEST, DEVICE, CONSENT, LOGO)
    ),
)
"""What registered itself under a random id and left nothing: nobody misses the row. Others stay, so that an id is never given again."""
EXPIRING: Final[Sequence[Expiring]] = (
    Expiring(CODE, CODE.c.code_hash, CODE.c.ends_at < END),
    Expiring(ACCESS, ACCESS.c.token_hash, ACCESS.c.ends_at < END),
    Expiring(REFRESH, REFRESH.c.token_hash, REFRESH.c.ends_at < END),
    Expiring(GRANT, GRANT.c.id, sa.and_(GRANT.c.ends_at < END, CHILDLESS)),
    Expiring(SESSION, SESSION.c.id, SESSION.c.ends_at < END),
    Expiring(KEPT_REQUEST, KEPT_REQUEST.c.reference_hash, KEPT_REQUEST.c.ends_at < END, unproved=True),
    Expiring(DEVICE, DEVICE.c.device_hash, DEVICE.c.ends_at < END, unproved=True),
    Expiring(OPENING, OPENING.c.session_id, OPENING.c.ends_at < END),
    Expiring(ELSEWHERE, ELSEWHERE.c.session_id, ELSEWHERE.c.ends_at < END),
    Expiring(ASSERTION, ASSERTION.c.assertion_hash, ASSERTION.c.ends_at < END),
    Expiring(INITIAL, INITIAL.c.token_hash, INITIAL.c.ends_at < END),
    Expiring(CLIENT, CLIENT.c.client_id, sa.and_(CLIENT.c.removed_at < END, FORGOTTEN)),
    Expiring(KNOWN, KNOWN.c.id, KNOWN.c.ends_at < END),
    Expiring(HELP, HELP.c.id, HELP.c.ends_at < END),
    Expiring(
        GUESS,
        GUESS.c.subject,
        sa.and_(GUESS.c.since < END, sa.or_(GUESS.c.shut_until.is_(None), GUESS.c.shut_until < END)),
    ),
)
"""In the order of their foreign keys."""


def sweep(database: Database, now: datetime, policy: SsoSection) -> int:
    """Take away everything that was over long enough ago, a batch a transaction. Gives how many rows left."""
    return sum(sweep_table(database, expiring, now - kept_of(expiring, policy)) for expiring in EXPIRING)


def kept_of(expiring: Expiring, policy: SsoSection) -> timedelta:
    """How long its rows stay after their end; counts of guesses never less than they count."""
    kept = timedelta(seconds=policy.kept_seconds)
    if expiring.table is GUESS:
        return max(kept, timedelta(seconds=max(policy.guess_window_seconds, policy.source_window_seconds)))
    return min(kept, KEPT_UNPROVED) if expiring.unproved else kept


def sweep_table(database: Database, expiring: Expiring, end: datetime) -> int:
    """One table, until a batch is not full."""
    left = 0
    chosen = sa.select(expiring.key).where(expiring.over).limit(BATCH)
    while True:
        with database.write() as writes:
            gone = (
                writes.connection()
                .execute(sa.delete(expiring.table).where(expiring.key.in_(chosen)), {"end": end})
                .rowcount
            )
        left += gone
        if gone < BATCH:
            return left


def plan_sweep(writes: Writes, now: datetime, every: timedelta = EVERY) -> None:
    """See to it that the worker sweeps when the next round span of this length begins; planning it twice is planning it once."""
    plan_round(writes, KIND, now, every)


def do_sweep(runtime: Runtime, _job: Job) -> None:
    """The worker's job: plan the next one, whatever becomes of this, and sweep."""
    now, policy = runtime.clocks.wall(), load_policy(runtime.settings[SsoSection]).section
    with runtime.database.write() as writes:
        plan_sweep(writes, now, timedelta(seconds=policy.sweep_seconds))
    sweep(runtime.database, now, policy)
    turn_keys(runtime, policy, now)


HANDLERS: Final = {KIND: do_sweep}
