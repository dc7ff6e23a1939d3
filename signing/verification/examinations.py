"""The steps that every kind of signature shares: signer, digest, signature, path, revocation, usage; numbers as in `judgement`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from foundation.i18n import Message
from signing.verification.certificates import (
    Knowledge,
    Revocation,
    check_path,
    check_revocation,
    check_usage,
    show_name,
)
from signing.verification.findings import Reason, Refuted
from signing.verification.inscriptions import clean
from signing.verification.proofs import Times
from signing.verification.signed_data import (
    SignedMessage,
    check_algorithms,
    check_mathematics,
    check_signer,
    digest_of,
    find_archived,
)

Parts = Sequence[bytes | memoryview]
"""The signed stretches of bytes, in order."""


def examine_signer(message: SignedMessage, knowledge: Knowledge) -> tuple[Any, Message]:
    """Step 4. Raises Unproven."""
    signer, others = check_signer(message)
    knowledge.add(others, *find_archived(message))
    return signer, Message(
        "Signed with the certificate of {name}, number {serial}.",
        {"name": show_name(signer), "serial": f"{signer.serial_number:x}"},
    )


def examine_digest(message: SignedMessage, parts: Parts) -> tuple[bool, Message]:
    """Step 5. Raises Refuted(HASH_FAILURE)."""
    digest = digest_of(message.digest_algorithm, *parts)
    if digest != message.digest:
        raise Refuted(
            Reason.HASH_FAILURE, Message("The document was changed: its bytes are not those that were signed.")
        )
    return True, Message(
        "The signed bytes are unchanged ({algorithm}).", {"algorithm": clean(message.digest_algorithm)}
    )


def examine_mathematics(message: SignedMessage, signer: Any, at: datetime) -> tuple[bool, Message]:
    """Step 6. Raises Refuted(SIG_CRYPTO_FAILURE) or Unproven(CRYPTO_CONSTRAINTS_FAILURE)."""
    _intact, valid = check_mathematics(message, signer, b"")
    if not valid:
        raise Refuted(Reason.SIG_CRYPTO_FAILURE, Message("The signature was not made with the key of the certificate."))
    check_algorithms(message, signer, at)
    return True, Message("The signature was made with the key of the certificate.")


def examine_path(signer: Any, times: Times, knowledge: Knowledge, at: datetime) -> tuple[bool, Message]:
    """Step 8, at the best time or else at the moment of judgement.

    Raises Unproven; Refuted(NOT_YET_VALID) for a signature proven older than its certificate and Refuted(EXPIRED) for one proven made
    after its end (EN 319 102-1 §5.2.6, §5.5.4).
    """
    if times.best is not None and times.best < signer.not_valid_before:
        raise Refuted(Reason.NOT_YET_VALID, Message("The signature existed before its certificate was issued."))
    if times.not_before is not None and times.not_before > signer.not_valid_after:
        raise Refuted(Reason.EXPIRED, Message("The signature was made after its certificate had ended."))
    return True, check_path(signer, knowledge, times.best or at)


def examine_revocation(signer: Any, times: Times, knowledge: Knowledge, at: datetime) -> tuple[bool, Message]:
    """Step 9, at the best time or else at the moment of judgement.

    Raises Unproven; Refuted(REVOKED) only for a signature proven made after the revocation: a timestamp over a signature shows
    that it is no younger, not that it is no older (EN 319 102-1 §5.3.4).
    """
    try:
        return True, check_revocation(signer, knowledge, times.best or at)
    except Revocation as revocation:
        if times.not_before is not None and times.not_before >= revocation.revoked_at:
            raise Refuted(
                Reason.REVOKED, Message("The signature was made after its certificate had been revoked.")
            ) from revocation
        raise


def examine_usage(signer: Any, knowledge: Knowledge) -> tuple[bool, Message]:
    """Step 10. Raises Unproven(CHAIN_CONSTRAINTS_FAILURE). A certificate that was given as trust itself is taken as it is."""
    if knowledge.is_anchor(signer):
        return True, Message("The certificate is itself trusted for signing.")
    return True, check_usage(signer)
