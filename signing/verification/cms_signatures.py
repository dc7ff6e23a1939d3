"""A CMS signature of a file, apart from its content or around it (CAdES, ETSI EN 319 122-1), by the same numbered steps as in a PDF."""

from typing import Any

from asn1crypto import cms, core

from foundation.i18n import Message
from signing.verification.cases import Case
from signing.verification.certificates import build_knowledge, show_name
from signing.verification.documents import GIVING_UP
from signing.verification.examinations import (
    Parts,
    examine_digest,
    examine_mathematics,
    examine_path,
    examine_revocation,
    examine_signer,
    examine_usage,
)
from signing.verification.findings import Findings, Reason, Refuted, SignatureFindings, Unproven
from signing.verification.hearings import Hearing, must
from signing.verification.proofs import Times, prove_time
from signing.verification.signed_data import SignedMessage, check_signed_data, find_tokens
from signing.verification.sources import find_wanted


def judge_cms(case: Case) -> Findings:
    """The one signature of a CMS file; the steps are numbered as in `pdf_signatures.judge_signature`.

    Step 2 asks for the content: in the signature, or one detached file. Step 11 has nothing to find: nothing can be added to CMS
    without breaking it.
    """
    hearing, knowledge = Hearing(), build_knowledge(case)
    container = hearing.hear(1, "container", lambda: examine_container(case))
    parts = hearing.hear(2, "coverage", lambda: examine_content(must(container), case), container)
    message = hearing.hear(3, "structure", lambda: examine_structure(case), container)
    signer = hearing.hear(4, "signer", lambda: examine_signer(must(message), knowledge), message)
    hearing.hear(5, "digest", lambda: examine_digest(must(message), must(parts)), message, parts)
    hearing.hear(6, "signature", lambda: examine_mathematics(must(message), must(signer), case.at), message, signer)
    times = hearing.hear(7, "time", lambda: prove_time(must(message), must(parts), (), knowledge, case), message, parts)
    known = times or Times(None, "none")
    path = hearing.hear(8, "path", lambda: examine_path(signer, known, knowledge, case.at), signer)
    hearing.hear(9, "revocation", lambda: examine_revocation(signer, known, knowledge, case.at), signer, path)
    hearing.hear(10, "usage", lambda: examine_usage(signer, knowledge), signer)
    hearing.hear(11, "changes", lambda: (True, Message("Nothing was changed after signing.")), message)
    signature = SignatureFindings(
        id="signature-1",
        steps=tuple(hearing.steps),
        level=recognise_level(message) if message else None,
        signer_name=show_name(signer) if signer is not None else None,
        certificate_sha256=signer.sha256.hex() if signer is not None else None,
        claimed_time=message.claimed_time if message else None,
        best_time=known.best,
        best_time_from=known.source,
        covers_whole_document=parts is not None,
    )
    wanted = tuple(find_wanted(signer, knowledge)) if signer is not None else ()
    return Findings("CAdES", (signature,), wanted=wanted)


def examine_container(case: Case) -> tuple[Any, Message]:
    """Step 1. Raises Refuted(FORMAT_FAILURE)."""
    try:
        data = cms.ContentInfo.load(case.content)["content"]
        content = data["encap_content_info"]["content"]
        return (data, content), Message("The signature can be read.")
    except GIVING_UP as error:
        raise Refuted(Reason.FORMAT_FAILURE, Message("The signature's data cannot be read.")) from error


def examine_content(container: Any, case: Case) -> tuple[Parts, Message]:
    """Step 2. Raises Unproven(SIGNED_DATA_NOT_FOUND) without content, Refuted(FORMAT_FAILURE) where there are two."""
    _data, content = container
    inside = None if content is core.VOID else content.native
    if inside is not None and case.detached:
        raise Refuted(
            Reason.FORMAT_FAILURE, Message("The signature brings its content along, and another one was given.")
        )
    if isinstance(inside, bytes):
        return (inside,), Message("The signature brings along what it signs.")
    if len(case.detached) != 1:
        raise Unproven(Reason.SIGNED_DATA_NOT_FOUND, Message("The content that was signed is missing; give it apart."))
    return (case.detached[0],), Message("The content was given apart from its signature.")


def examine_structure(case: Case) -> tuple[SignedMessage, Message]:
    """Step 3. Raises Refuted(FORMAT_FAILURE)."""
    return check_signed_data(case.content, enveloped=True), Message("The signature is well formed.")


def recognise_level(message: SignedMessage) -> str:
    """CAdES-B-B, -T or -LT (EN 319 122-1 §6), CMS-B and so on for a signature that does not name its certificate."""
    family = "CAdES-B" if message.has_signing_certificate else "CMS"
    if next(find_tokens(message), None) is None:
        return f"{family}-B"
    return f"{family}-LT" if message.data["crls"] else f"{family}-T"
