"""Which baseline level a signature has: B, T, LT or LTA (ETSI EN 319 142-1 §6; for older PDF signatures the same letters after PKCS7).

The level says what the document carries, not that it holds: whether the timestamps and lists are any good, the steps say.
"""

from collections.abc import Sequence

from signing.verification.documents import DETACHED, Document, Field
from signing.verification.proofs import DocumentStamp
from signing.verification.signed_data import SignedMessage, find_tokens


def recognise_level(
    signature: Field, message: SignedMessage, stamps: Sequence[DocumentStamp], document: Document
) -> str:
    """The level's name: PAdES-B-B, PAdES-B-T, PAdES-B-LT, PAdES-B-LTA, or PKCS7-B and so on without PAdES' own form."""
    assert signature.embedded is not None
    family = "PAdES-B" if signature.kind == DETACHED and message.has_signing_certificate else "PKCS7"
    return f"{family}-{recognise_letters(signature.embedded.signed_revision, message, stamps, document)}"


def recognise_letters(
    revision: int, message: SignedMessage, stamps: Sequence[DocumentStamp], document: Document
) -> str:
    """B without a timestamp; T with one; LT with revocation data on top; LTA with a document timestamp over that data."""
    later = [stamp for stamp in stamps if stamp.revision > revision]
    if next(find_tokens(message), None) is None and not later:
        return "B"
    if not document.validation_data:
        return "T"
    return "LTA" if any(document.held_validation_data(stamp.revision) for stamp in later) else "LT"
