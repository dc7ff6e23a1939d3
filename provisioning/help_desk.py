"""The help desk's own limits: how much one person may open, how often one account may be opened, and what counts as a proof.

A help desk that can be talked into anything is how accounts are stolen, so each reset, unlock and new
address outside is counted from the audit, in
the deed's own transaction: per acting person and hour and day, and per account and day. Breaking the glass is not counted; it is
marked in the audit by itself.
"""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from directory.models import Account
from directory.people import find_posts
from directory.rights import check_right
from foundation.audit import AuditRow
from foundation.changes import AsOf
from foundation.database import Writes
from foundation.errors import BadInput, NotPermitted
from foundation.shell import Actor
from provisioning.settings import HelpDeskSection

RESET: Final = "provisioning.account.reset"
UNLOCK: Final = "provisioning.account.unlock"
CONTACT: Final = "provisioning.contact.record"
"""A new address outside opens the account as well, once it has rested: codes go there."""
IMPORTED: Final = "provisioning.contact.import"
COUNTED: Final = (RESET, UNLOCK, CONTACT)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
DIGITS: Final = re.compile(r"\d[\d .-]{6,}\d")
SHOWN_DIGITS: Final = 3


class ProofMissing(BadInput):
    """A proof of identity nobody could check afterwards."""

    code = "proof_missing"
    sentence = (
        "Say how the person proved who they are, in at least {letters} letters: what was shown, where, who was asked."
    )


class HelpDeskLimit(NotPermitted):
    """Somebody opened as many accounts as one person may in an hour or a day."""

    code = "help_desk_limit"
    sentence = (
        "You have opened {count} accounts within {hours} hours; more is not allowed. "
        "For many people at once print letters: hopnhat account letters"
    )


class OpenedTooOften(NotPermitted):
    """One account is opened again and again: an operator must look."""

    code = "opened_too_often"
    sentence = "This account was opened {count} times within a day. An operator must look into it and open it."


def build_proof(proof: str, policy: HelpDeskSection) -> str:
    """The proof as it is kept: personal numbers and telephone numbers in it are cut to their last three digits.

    Raises ProofMissing when it says less than the policy asks for.
    """
    told = " ".join(proof.split())
    if sum(letter.isalpha() for letter in told) < policy.proof_letters:
        raise ProofMissing(letters=policy.proof_letters)
    return DIGITS.sub(lambda found: mask(found[0]), told)


def mask(number: str) -> str:
    """A number with all digits but the last three hidden."""
    digits = [letter for letter in number if letter.isdigit()]
    return "•" * (len(digits) - SHOWN_DIGITS) + "".join(digits[-SHOWN_DIGITS:])


def check_limits(writes: Writes, actor: Actor, person_id: uuid.UUID, policy: HelpDeskSection, now: datetime) -> None:
    """Refuse whoever opened too many accounts, and an account that is opened too often. Raises HelpDeskLimit, OpenedTooOften.

    The acting person's own account row is locked first, so that two calls at once cannot both be the last one allowed.
    """
    if actor.person_id is None:
        return
    writes.execute(sa.select(Account.id).where(Account.person_id == actor.person_id).with_for_update()).all()
    for span, most in ((HOUR, policy.per_hour), (DAY, policy.per_day)):
        count = count_opened(writes, AuditRow.actor == actor.label, now - span, COUNTED)
        if count >= most:
            raise HelpDeskLimit(count=count, hours=int(span / HOUR))
    count = count_opened(writes, AuditRow.subject == str(person_id), now - DAY, (*COUNTED, IMPORTED))
    if count >= policy.for_one_per_day and not is_operator_over(writes, actor.person_id, person_id, now):
        raise OpenedTooOften(count=count)


def count_opened(writes: Writes, whose: sa.ColumnElement[bool], since: datetime, events: tuple[str, ...]) -> int:
    """How many of these deeds the audit holds since then."""
    wanted = sa.select(sa.func.count()).where(
        whose, AuditRow.event.in_(events), AuditRow.outcome == "done", AuditRow.at > since
    )
    return int(writes.execute(wanted).scalar_one())


def is_operator_over(writes: Writes, actor_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> bool:
    """Whether the acting person is an operator over every unit of the other."""
    units: Iterable[uuid.UUID] = [
        post.unit_id for post in find_posts(writes, [person_id], AsOf(now)).get(person_id, [])
    ]
    try:
        check_right(writes, actor_id, ("operator",), units, AsOf(now))
    except NotPermitted:
        return False
    return True
