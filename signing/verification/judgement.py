"""The judgement of a file: what it is, and who judges its kind.

`judge` is pure: bytes, time and trust in, `Findings` out. It runs in the isolated process (`worker`); only tests call it elsewhere.
The numbered steps stand in `pdf_signatures.judge_signature`; `cms_signatures` hears the same ones.
"""

from foundation.i18n import Message
from signing.verification.cases import Case
from signing.verification.cms_signatures import judge_cms
from signing.verification.containers import Container, sniff_container
from signing.verification.findings import Findings, Reason, Result
from signing.verification.pdf_signatures import judge_pdf

FORMATS = {Container.XML: "XAdES", Container.ZIP: "ASiC-E"}


def judge(case: Case) -> Findings:
    """What a file, its anchors and its revocation data say. A file that cannot be judged is an answer too, never an exception."""
    kind = sniff_container(case.content)
    if kind is Container.PDF:
        return judge_pdf(case)
    if kind is Container.CMS:
        return judge_cms(case)
    if kind is Container.UNKNOWN:
        unknown = Message("The file is no signed document of a known kind.")
        return Findings("none", objection=(Result.FAILED, Reason.FORMAT_FAILURE, unknown))
    later = Message(
        "The file is of the kind {kind}; this version judges PDF and CMS signatures only.", {"kind": FORMATS[kind]}
    )
    return Findings(FORMATS[kind], objection=(Result.UNDETERMINED, Reason.GENERIC, later))
