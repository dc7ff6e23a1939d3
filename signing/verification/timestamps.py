"""Proofs of time: does a timestamp token show that these bytes existed at its time (RFC 3161; ETSI EN 319 102-1 §5.4)?

A timestamp's authority is judged twice. At the token's own time, with revocation data that knew about that time: was it in good standing?
And at the moment until which the token itself must be believed (now, or the time of a later timestamp over it): has its certificate
ended, or is it known to have been revoked since? Only then may its key have been lost, and the token be forged.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from foundation.i18n import Message
from signing.verification.certificates import (
    Knowledge,
    Revocation,
    check_path,
    check_revocation,
    check_timestamping_usage,
    show_name,
    show_time,
)
from signing.verification.findings import Objection, Reason, Refuted, Unproven
from signing.verification.inscriptions import clean
from signing.verification.signed_data import (
    SignedMessage,
    check_algorithms,
    check_form,
    check_mathematics,
    check_signer,
    digest_of,
    read_token,
)

TOLERANCE = timedelta(seconds=60)
"""How far clocks of a signer, a timestamp authority and a judge may disagree."""


@dataclass(frozen=True)
class Proof:
    """A proven time: the bytes existed at `time`, says `authority`."""

    time: datetime
    authority: str


@dataclass(frozen=True)
class Attempt:
    """One token: its time and either a proof or the objection against it. `broken` when the token does not belong to these bytes."""

    time: datetime | None
    proof: Proof | None = None
    objection: Objection | None = None

    @property
    def broken(self) -> bool:
        """Whether the token is false, not merely unproven."""
        return isinstance(self.objection, Refuted)


def try_token(token: Any, imprint: Callable[[str], bytes], knowledge: Knowledge, believed_until: datetime) -> Attempt:
    """Put one token to the proof; `imprint` gives the digest, by algorithm name, of the bytes it should be made over."""
    time = None
    try:
        content = read_token(token)
        time = content["gen_time"].native
        return Attempt(time, proof=check_token(token, content, imprint, knowledge, believed_until))
    except Objection as objection:
        return Attempt(time, objection=objection)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        broken = Refuted(Reason.FORMAT_FAILURE, Message("The timestamp cannot be read."))
        broken.__cause__ = error
        return Attempt(time, objection=broken)


def check_token(
    token: Any, content: Any, imprint: Callable[[str], bytes], knowledge: Knowledge, believed_until: datetime
) -> Proof:
    """The proof a token gives.

    1 made over these bytes · 2 well formed and truly signed · 3 not from the future · 4 the authority is one for timestamps and was
    trusted then · 5 and is still to be believed. Raises Refuted or Unproven.
    """
    claimed = content["message_imprint"]
    if imprint(clean(claimed["hash_algorithm"]["algorithm"].native)) != claimed["hashed_message"].native:  # 1
        raise Refuted(Reason.HASH_FAILURE, Message("The timestamp was made over other bytes."))
    message = check_form(token, "tst_info", enveloped=True)  # 2
    certificate, others = check_signer(message)
    knowledge.add(others)
    check_token_signature(message, certificate)
    time: datetime = content["gen_time"].native
    if time > believed_until + TOLERANCE:  # 3
        raise Unproven(Reason.NO_POE, Message("The timestamp is later than the moment of this judgement."))
    check_algorithms(message, certificate, time)  # 4
    if not knowledge.is_anchor(certificate):
        check_timestamping_usage(certificate)
    check_path(certificate, knowledge, time)
    check_revocation(certificate, knowledge, time)
    check_still_believed(certificate, knowledge, believed_until)  # 5
    return Proof(time, show_name(certificate))


def check_token_signature(message: SignedMessage, certificate: Any) -> None:
    """Refuse a token whose digest or signature is not right. Raises Refuted."""
    content = message.data["encap_content_info"]["content"]
    intact, valid = check_mathematics(message, certificate, digest_of(message.digest_algorithm, bytes(content)))
    if not intact:
        raise Refuted(Reason.HASH_FAILURE, Message("The timestamp's content was changed."))
    if not valid:
        raise Refuted(Reason.SIG_CRYPTO_FAILURE, Message("The timestamp's signature is wrong."))


def check_still_believed(certificate: Any, knowledge: Knowledge, moment: datetime) -> None:
    """Refuse an authority whose certificate has ended by `moment`, or is known to have been revoked by then. Raises Unproven.

    That no fresh list is at hand for `moment` is no objection: the lists around the token's own time have been asked.
    """
    check_path(certificate, knowledge, moment)
    try:
        check_revocation(certificate, knowledge, moment)
    except Revocation:
        raise
    except Unproven as unproven:
        if unproven.reason is not Reason.TRY_LATER:
            raise


def check_order(claimed_earliest: Sequence[datetime], proven_latest: Sequence[datetime]) -> None:
    """Refuse a content timestamp that is later than a signature timestamp. Raises Unproven(TIMESTAMP_ORDER_FAILURE)."""
    if claimed_earliest and proven_latest and max(claimed_earliest) > min(proven_latest) + TOLERANCE:
        raise Unproven(
            Reason.TIMESTAMP_ORDER_FAILURE,
            Message(
                "The timestamps contradict each other: the content is said to be from {late}, its signature from {early}.",
                {"late": show_time(max(claimed_earliest)), "early": show_time(min(proven_latest))},
            ),
        )
