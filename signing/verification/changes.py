"""What happened to a PDF after a signature: every change named, and refused unless it is one that leaves the signed page alone.

The policy, as text: after a signature a document may gain further signatures, document timestamps and validation data, and form
fields that were empty at signing may be filled in, as far as a certifying signature does not forbid it (DocMDP, FieldMDP). A value
that stood in a field at signing may not be replaced, for that shows readers something the signer never saw. Annotations, pages, fonts,
contents and everything unknown may not change. pyHanko compares the objects of each revision; what it does not know it refuses.
"""

from collections.abc import Sequence
from typing import Any

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel, SuspiciousModification
from pyhanko.sign.validation.status import SignatureCoverageLevel

from foundation.i18n import Message
from signing.verification.byte_ranges import END_OF_REVISION
from signing.verification.damage import join, name_damage
from signing.verification.documents import GIVING_UP, Document, Field
from signing.verification.findings import Reason, Refuted, Unproven
from signing.verification.inscriptions import clean


def check_coverage(embedded: Any) -> None:
    """pyHanko's own look at what a signature covers: its whole revision at least. Raises Refuted(FORMAT_FAILURE)."""
    embedded.coverage = embedded.evaluate_signature_coverage()
    if embedded.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        raise refuse(Message("The signature does not cover the whole of the revision it stands in."))


def check_one_table(document: Document) -> None:
    """Refuse to judge a hybrid file, whose two tables of objects may show one document to old readers and another to new ones.

    ISO 32000-2 §7.5.8.4. Raises Unproven(GENERIC).
    """
    if document.reader.xrefs.hybrid_xrefs_present:
        raise Unproven(
            Reason.GENERIC,
            Message("The document has two tables of its objects; different programs may show different things."),
        )


def check_changes(document: Document, signature: Field) -> tuple[Message, ...]:
    """The changes after `signature`, all of them tolerated, in the order of the document's revisions. Raises Refuted(FORMAT_FAILURE)."""
    embedded = signature.embedded
    assert embedded is not None
    if not END_OF_REVISION.search(document.content[-64:]):
        raise refuse(Message("Bytes that belong to no revision follow the end of the document."))
    try:
        verdict = embedded.evaluate_modifications(DEFAULT_DIFF_POLICY)
        level = verdict.modification_level if isinstance(verdict, DiffResult) else ModificationLevel.OTHER
        permitted = embedded.docmdp_level
        if isinstance(verdict, SuspiciousModification) or level is ModificationLevel.OTHER:
            raise refuse(explain_damage(document, embedded.signed_revision))
        if permitted is not None and level.value > permitted.value:
            raise refuse(
                Message("The document was changed after it was signed, although its certification forbids it.")
            )
        filled = sorted(verdict.changed_form_fields - {field.name for field in document.fields})
        check_nothing_replaced(document, embedded.signed_revision, filled)
    except GIVING_UP as error:
        raise refuse(Message("What was changed after signing cannot be told.")) from error
    return (*name_additions(document, embedded.signed_revision, level), *map(name_filling, filled))


def explain_damage(document: Document, revision: int) -> Message:
    """What is no longer as it was signed, named as far as it can be."""
    if found := name_damage(document, revision):
        return Message("The document was changed after it was signed: {changes}.", {"changes": join(found)})
    return Message("The document was changed after it was signed: something in it is not as the signer saw it.")


def check_nothing_replaced(document: Document, revision: int, names: Sequence[str]) -> None:
    """Refuse when a field that was filled in afterwards held a value already at signing. Raises Refuted(FORMAT_FAILURE)."""
    then = document.reader.get_historical_resolver(revision)
    for name in names:
        if find_value(then.root["/AcroForm"]["/Fields"], name.split(".")) not in (None, ""):
            raise refuse(
                Message("The value of the form field “{name}” was replaced after signing.", {"name": clean(name)})
            )


def find_value(fields: Any, path: Sequence[str]) -> str | None:
    """The value of a form field by its partial names, None where the field or the value is missing."""
    for field in fields:
        body = field.get_object()
        if str(body.get("/T", "")) != path[0]:
            continue
        if len(path) > 1:
            return find_value(body.get("/Kids", []), path[1:])
        value = body.get("/V")
        return None if value is None or value == "/Off" else str(value)
    return None


def name_additions(document: Document, revision: int, level: ModificationLevel) -> list[Message]:
    """Signatures, timestamps and validation data added after `revision`, in words."""
    later = [field for field in document.fields if field.embedded and field.embedded.signed_revision > revision]
    named = [
        Message("A timestamp was put on the document.")
        if field.is_timestamp
        else Message("A further signature was added in the field “{name}”.", {"name": clean(field.name)})
        for field in later
    ]
    stored = document.validation_data_revision
    if (stored is not None and stored > revision) or (level is ModificationLevel.LTA_UPDATES and not named):
        named.append(Message("Validation data was added."))
    return named


def name_filling(name: str) -> Message:
    """A form field that was filled in, in words."""
    return Message("The form field “{name}” was filled in.", {"name": clean(name)})


def refuse(detail: Message) -> Refuted:
    """A change that is not tolerated."""
    return Refuted(Reason.FORMAT_FAILURE, detail)
