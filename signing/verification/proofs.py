"""Since when a signature is proven to exist, and since when its content is: timestamps and reception, weighed together.

ETSI EN 319 102-1 §5.5 and §5.6: each document timestamp keeps the earlier proofs believable until its own time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from foundation.i18n import Message
from signing.verification.byte_ranges import ByteRange
from signing.verification.cases import Case
from signing.verification.certificates import Knowledge, show_time
from signing.verification.documents import Document
from signing.verification.findings import Reason, Refuted, Unproven
from signing.verification.signed_data import SignedMessage, digest_of, find_tokens
from signing.verification.timestamps import Attempt, check_order, try_token

Ranges = dict[int, ByteRange | Refuted]
"""The byte range of each field by its number, or why it has none."""


@dataclass(frozen=True)
class DocumentStamp:
    """A document timestamp put to the proof, and the bytes it covers."""

    revision: int
    covered: ByteRange
    attempt: Attempt


@dataclass(frozen=True)
class Times:
    """The earliest moment at which the signature is proven to have existed (None without proof), what proves it, and all attempts.

    `not_before`: a proven moment at which the content was already there and the signature not yet made (content timestamp).
    """

    best: datetime | None
    source: str
    attempts: tuple[Attempt, ...] = ()
    not_before: datetime | None = None


def try_document_timestamps(
    document: Document, ranges: Ranges, knowledge: Knowledge, at: datetime
) -> list[DocumentStamp]:
    """The document's timestamps, latest first, each put to the proof."""
    stamps: list[DocumentStamp] = []
    believed_until = at
    for field in reversed([field for field in document.fields if field.is_timestamp]):
        covered = ranges.get(field.number)
        if field.embedded is None or not isinstance(covered, ByteRange):
            continue
        imprint = partial(digest_parts, covered.signed(document.content))
        attempt = try_token(field.embedded.signed_data, imprint, knowledge, believed_until)
        stamps.append(DocumentStamp(field.embedded.signed_revision, covered, attempt))
        if attempt.proof:
            believed_until = min(believed_until, attempt.proof.time)
    return stamps


def stamps_after(stamps: Sequence[DocumentStamp], covered: ByteRange) -> list[DocumentStamp]:
    """The document timestamps that cover more than a signature does, and so the signature itself."""
    return [stamp for stamp in stamps if stamp.covered.end > covered.end]


def digest_parts(parts: Sequence[bytes | memoryview], algorithm: str) -> bytes:
    """The digest of the signed stretches, as a timestamp's imprint asks for it."""
    return digest_of(algorithm, *parts)


def prove_time(
    message: SignedMessage,
    parts: Sequence[bytes | memoryview],
    later: Sequence[DocumentStamp],
    knowledge: Knowledge,
    case: Case,
) -> tuple[Times, Message]:
    """The times of one signature over `parts`, and in words what proves them; `later` are the document timestamps over it.

    A token that cannot be proven merely proves nothing. One that is false is a lie put in by the makers of the document or by somebody
    since, and the signature stays open: raises Unproven(SIG_CONSTRAINTS_FAILURE), or TIMESTAMP_ORDER_FAILURE for contradicting times.
    """
    believed_until = min([case.at, *(stamp.attempt.proof.time for stamp in later if stamp.attempt.proof)])
    own = [
        try_token(token, lambda name: digest_of(name, message.signature), knowledge, believed_until)
        for token in find_tokens(message)
    ]
    over_content = [
        try_token(token, lambda name: digest_of(name, *parts), knowledge, believed_until)
        for token in find_tokens(message, signed=True)
    ]
    attempts = (*own, *(stamp.attempt for stamp in later))
    check_honest([*attempts, *over_content])
    content_times = [attempt.proof.time for attempt in over_content if attempt.proof]
    check_order(content_times, [attempt.proof.time for attempt in attempts if attempt.proof])
    return choose_best(attempts, case, max(content_times, default=None))


def check_honest(attempts: Sequence[Attempt]) -> None:
    """Refuse a token that does not belong to these bytes or is not truly signed. Raises Unproven(SIG_CONSTRAINTS_FAILURE)."""
    for attempt in attempts:
        if attempt.broken and attempt.objection:
            raise Unproven(Reason.SIG_CONSTRAINTS_FAILURE, attempt.objection.detail)


def choose_best(attempts: tuple[Attempt, ...], case: Case, not_before: datetime | None) -> tuple[Times, Message]:
    """The earliest proof, told in words."""
    proofs = sorted((attempt.proof for attempt in attempts if attempt.proof), key=lambda proof: proof.time)
    received = case.received if case.received and case.received <= case.at else None
    if proofs and (received is None or proofs[0].time <= received):
        values = {"time": show_time(proofs[0].time), "authority": proofs[0].authority}
        detail = Message("The signature existed on {time}, says {authority}.", values)
        return Times(proofs[0].time, "timestamp", attempts, not_before), detail
    if received is not None:
        detail = Message(
            "The document was received on {time}, so the signature existed then.", {"time": show_time(received)}
        )
        return Times(received, "reception", attempts, not_before), detail
    unproven = next((attempt.objection for attempt in attempts if attempt.objection), None)
    detail = (
        Message("The timestamp proves nothing: {why}", {"why": unproven.detail})
        if unproven
        else Message(
            "Nothing proves when the signature was made; it is judged as of {time}.", {"time": show_time(case.at)}
        )
    )
    return Times(None, "none", attempts, not_before), detail
