"""The judgement of a document: the numbered steps, in their order, and what they make of a signature.

`judge` is pure: bytes, time and trust in, `Findings` out. It runs in the isolated process (`worker`); only tests call it elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from foundation.i18n import Message
from signing.verification.byte_ranges import ByteRange, check_byte_range, check_no_overlap
from signing.verification.cases import Case
from signing.verification.certificates import (
    Knowledge,
    Revocation,
    build_knowledge,
    check_path,
    check_revocation,
    check_usage,
    show_name,
)
from signing.verification.changes import check_changes, check_coverage
from signing.verification.containers import Container, sniff_container
from signing.verification.documents import DETACHED, DETACHED_KINDS, GIVING_UP, Document, Field, open_document
from signing.verification.findings import (
    Findings,
    Objection,
    Reason,
    Refuted,
    Result,
    SignatureFindings,
    Step,
    Unproven,
    Wanted,
)
from signing.verification.inscriptions import clean
from signing.verification.levels import recognise_level
from signing.verification.proofs import DocumentStamp, Ranges, Times, prove_time, try_document_timestamps
from signing.verification.signed_data import (
    SignedMessage,
    check_algorithms,
    check_mathematics,
    check_signed_data,
    check_signer,
    digest_of,
    find_archived,
)
from signing.verification.sources import find_wanted

T = TypeVar("T")


@dataclass
class Hearing:
    """The steps of one signature as they are heard; a step that needs what an earlier one did not give is left unexamined."""

    steps: list[Step] = field(default_factory=list)

    def hear(
        self, n: int, name: str, examine: Callable[[], tuple[T, Message]], *needs: object, decisive: bool = True
    ) -> T | None:
        """Run step `n` and write down how it ended; gives what the step found, None when it did not pass."""
        if any(need is None for need in needs):
            unexamined = Message("Not examined, because an earlier step did not pass.")
            self.steps.append(Step(n, name, Result.UNDETERMINED, unexamined, None, decisive))
            return None
        try:
            found, detail = examine()
        except Objection as objection:
            self.steps.append(Step(n, name, objection.result, objection.detail, objection.reason, decisive))
            return None
        except GIVING_UP as error:
            detail = Message("The document cannot be read at this step ({what}).", {"what": type(error).__name__})
            self.steps.append(Step(n, name, Result.FAILED, detail, Reason.FORMAT_FAILURE, decisive))
            return None
        self.steps.append(Step(n, name, Result.PASSED, detail, None, decisive))
        return found


def judge(case: Case) -> Findings:
    """What a file, its anchors and its revocation data say. A file that cannot be judged is an answer too, never an exception."""
    kind = sniff_container(case.content)
    if kind is Container.PDF:
        return judge_pdf(case)
    if kind is Container.UNKNOWN:
        return Findings(
            "none",
            objection=(
                Result.FAILED,
                Reason.FORMAT_FAILURE,
                Message("The file is no signed document of a known kind."),
            ),
        )
    return Findings(
        FORMATS[kind],
        objection=(
            Result.UNDETERMINED,
            Reason.GENERIC,
            Message(
                "The file is of the kind {kind}; this version judges signatures in PDF only.", {"kind": FORMATS[kind]}
            ),
        ),
    )


FORMATS = {Container.XML: "XAdES", Container.ZIP: "ASiC-E", Container.CMS: "CAdES"}


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
                found[signature.name] = check_byte_range(numbers, document.content, signature.embedded.pkcs7_content)
            except Refuted as refuted:
                found[signature.name] = refuted
            except GIVING_UP:
                found[signature.name] = Refuted(
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
    signer = hearing.hear(4, "signer", lambda: examine_signer(signature, must(message), knowledge), message)
    hearing.hear(
        5,
        "digest",
        lambda: examine_digest(must(message), must(signer), must(covered), document),
        message,
        signer,
        covered,
    )
    hearing.hear(6, "signature", lambda: examine_mathematics(must(message), must(signer), case.at), message, signer)
    times = hearing.hear(
        7, "time", lambda: prove_time(must(message), must(covered), stamps, knowledge, case), message, covered
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


def must(found: T | None) -> T:
    """What an earlier step found; the hearing runs a step only when it did."""
    assert found is not None
    return found


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
    own = ranges[signature.name]
    if isinstance(own, Refuted):
        raise own
    check_no_overlap(own, [r for name, r in ranges.items() if name != signature.name and isinstance(r, ByteRange)])
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


def examine_signer(signature: Field, message: SignedMessage, knowledge: Knowledge) -> tuple[Any, Message]:
    """Step 4. Raises Unproven."""
    signer, others = check_signer(message)
    knowledge.add(others, *find_archived(message))
    return signer, Message(
        "Signed with the certificate of {name}, number {serial}.",
        {"name": show_name(signer), "serial": f"{signer.serial_number:x}"},
    )


def examine_digest(message: SignedMessage, signer: Any, covered: ByteRange, document: Document) -> tuple[bool, Message]:
    """Step 5. Raises Refuted(HASH_FAILURE)."""
    digest = digest_of(message.digest_algorithm, *covered.signed(document.content))
    intact, _valid = check_mathematics(message, signer, digest)
    if not intact:
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
