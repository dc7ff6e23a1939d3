"""The signatures of a PDF, each judged by its numbered steps (ETSI EN 319 102-1 §5.2, §5.3, §5.5; EN 319 142-1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from foundation.i18n import Message
from signing.verification.byte_ranges import ByteRange, check_byte_range, check_no_overlap
from signing.verification.cases import Case
from signing.verification.certificates import Knowledge, build_knowledge, show_name
from signing.verification.changes import check_changes, check_coverage, check_one_table
from signing.verification.documents import DETACHED, DETACHED_KINDS, GIVING_UP, Document, Field, open_document
from signing.verification.examinations import (
    examine_digest,
    examine_mathematics,
    examine_path,
    examine_revocation,
    examine_signer,
    examine_usage,
)
from signing.verification.findings import Findings, Objection, Reason, Refuted, SignatureFindings, Unproven, Wanted
from signing.verification.hearings import Hearing, must
from signing.verification.inscriptions import clean
from signing.verification.levels import recognise_level
from signing.verification.proofs import DocumentStamp, Ranges, Times, prove_time, stamps_after, try_document_timestamps
from signing.verification.signed_data import SignedMessage, check_signed_data
from signing.verification.sources import find_wanted


def judge_pdf(case: Case) -> Findings:
    """All signatures of a PDF, each by its steps."""
    try:
        document = open_document(case.content)
    except Objection as objection:
        return Findings("PAdES", objection=(objection.result, objection.reason, objection.detail))
    knowledge = build_knowledge(case)
    brought = document.validation_data
    knowledge.add(brought.certificates, brought.crls, brought.ocsps)
    ranges = read_ranges(document)
    stamps = try_document_timestamps(document, ranges, knowledge, case.at)
    wanted: list[Wanted] = []
    signatures = [
        judge_signature(f"signature-{number}", signature, document, ranges, stamps, knowledge, case, wanted)
        for number, signature in enumerate((f for f in document.fields if not f.is_timestamp), start=1)
    ]
    return Findings("PAdES" if document.fields else "none", tuple(signatures), wanted=tuple(dict.fromkeys(wanted)))


def read_ranges(document: Document) -> Ranges:
    """The byte range of every field, or why it has none."""
    found: Ranges = {}
    for signature in document.fields:
        if signature.embedded is not None:
            try:
                numbers = [entry.get_object() for entry in signature.embedded.byte_range]
                found[signature.number] = check_byte_range(numbers, document.content, signature.embedded.pkcs7_content)
            except Refuted as refuted:
                found[signature.number] = refuted
            except GIVING_UP:
                found[signature.number] = Refuted(
                    Reason.FORMAT_FAILURE, Message("The byte range of the signature cannot be read.")
                )
    return found


def judge_signature(
    identity: str,
    signature: Field,
    document: Document,
    ranges: Ranges,
    stamps: Sequence[DocumentStamp],
    knowledge: Knowledge,
    case: Case,
    wanted: list[Wanted],
) -> SignatureFindings:
    """One signature of a PDF, by its numbered steps (ETSI EN 319 102-1 §5.2, §5.3, §5.5).

     1 container     the file and the signature's field can be read
     2 coverage      the signature covers all bytes of its revision except itself
     3 structure     its data is well formed: one signer, every attribute once, content of the right kind
     4 signer        the signer's certificate is there and is the one that was named
     5 digest        the signed bytes are unchanged
     6 signature     the signer's key made the signature, with algorithms that are strong enough
     7 time          since when the signature is proven to exist
     8 path          a path of certificates leads to trust
     9 revocation    nobody on that path was revoked
    10 usage         the certificate is made for signing
    11 changes       what was added to the document afterwards is harmless
    12 authority     the signer held a post that signs: asked of the register outside, see `authority`
    """
    hearing = Hearing()
    embedded = hearing.hear(1, "container", lambda: examine_field(signature))
    covered = hearing.hear(2, "coverage", lambda: examine_coverage(signature, document, ranges), embedded)
    message = hearing.hear(3, "structure", lambda: examine_structure(signature), embedded)
    signer = hearing.hear(4, "signer", lambda: examine_signer(must(message), knowledge), message)
    hearing.hear(
        5,
        "digest",
        lambda: examine_digest(must(message), must(covered).signed(document.content)),
        message,
        covered,
    )
    hearing.hear(6, "signature", lambda: examine_mathematics(must(message), must(signer), case.at), message, signer)
    times = hearing.hear(
        7,
        "time",
        lambda: prove_time(
            must(message), must(covered).signed(case.content), stamps_after(stamps, must(covered)), knowledge, case
        ),
        message,
        covered,
    )
    known = times or Times(None, "none")
    path = hearing.hear(8, "path", lambda: examine_path(signer, known, knowledge, case.at), signer)
    hearing.hear(9, "revocation", lambda: examine_revocation(signer, known, knowledge, case.at), signer, path)
    hearing.hear(10, "usage", lambda: examine_usage(signer, knowledge), signer)
    changes = hearing.hear(11, "changes", lambda: examine_changes(document, signature), covered)
    if signer is not None:
        wanted += find_wanted(signer, knowledge)
    return SignatureFindings(
        id=identity,
        steps=tuple(hearing.steps),
        level=recognise_level(signature, message, stamps, document) if message else None,
        signer_name=show_name(signer) if signer is not None else None,
        certificate_sha256=signer.sha256.hex() if signer is not None else None,
        claimed_time=find_claimed_time(signature, message),
        best_time=known.best,
        best_time_from=known.source,
        covers_whole_document=bool(covered and covered.covers(document.content)),
        changes_after=changes or (),
    )


def examine_field(signature: Field) -> tuple[Any, Message]:
    """Step 1. Raises Refuted, and Unproven(GENERIC) for a kind of signature we do not know."""
    if signature.embedded is None or signature.objection:
        raise signature.objection or Refuted(Reason.FORMAT_FAILURE, Message("The signature's data cannot be read."))
    if signature.kind not in DETACHED_KINDS:
        raise Unproven(
            Reason.GENERIC,
            Message("A signature of the kind “{kind}” cannot be judged here.", {"kind": clean(signature.kind)}),
        )
    if signature.embedded.sig_object_type != "/Sig":
        raise Refuted(Reason.FORMAT_FAILURE, Message("The signature's dictionary contradicts itself about what it is."))
    return signature.embedded, Message(
        "The document and the signature in the field “{name}” can be read.", {"name": clean(signature.name)}
    )


def examine_coverage(signature: Field, document: Document, ranges: Ranges) -> tuple[ByteRange, Message]:
    """Step 2. Raises Refuted(FORMAT_FAILURE)."""
    own = ranges[signature.number]
    if isinstance(own, Refuted):
        raise own
    check_no_overlap(
        own, [r for number, r in ranges.items() if number != signature.number and isinstance(r, ByteRange)]
    )
    check_one_table(document)
    check_coverage(signature.embedded)
    if own.covers(document.content):
        return own, Message("The signature covers the whole document.")
    return own, Message("The signature covers everything up to its own revision; the document went on afterwards.")


def examine_structure(signature: Field) -> tuple[SignedMessage, Message]:
    """Step 3. A PAdES signature must also name its certificate in a signed attribute (ETSI EN 319 142-1 §6.3). Raises Objection."""
    assert signature.embedded is not None
    message = check_signed_data(signature.embedded.pkcs7_content)
    if signature.kind == DETACHED and not message.has_signing_certificate:
        raise Unproven(
            Reason.SIG_CONSTRAINTS_FAILURE,
            Message("The signature does not name its certificate, as a PAdES signature must."),
        )
    return message, Message("The signature is well formed.")


def examine_changes(document: Document, signature: Field) -> tuple[tuple[Message, ...], Message]:
    """Step 11. Raises Refuted(FORMAT_FAILURE)."""
    found = check_changes(document, signature)
    if not found:
        return found, Message("Nothing was changed after signing.")
    return found, Message("{count} harmless additions after signing.", {"count": len(found)})


def find_claimed_time(signature: Field, message: SignedMessage | None) -> datetime | None:
    """The time the signer claims: the signed attribute, else the dictionary's /M; None where neither can be read."""
    try:
        return (
            message.claimed_time
            if message and message.claimed_time
            else signature.embedded and signature.embedded.self_reported_timestamp
        )
    except GIVING_UP:
        return None
