"""`POST /api/verify` for programs and `/signing/verify` for people: a document in, the report out.

The page asks for no log-in: whoever holds a document may know whether it is valid. It shows names, posts and units, which signed
documents carry anyway, and no identifier of a person. Documents are judged and forgotten; nothing of them is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from foundation.bearers import check_bearer
from foundation.clocks import parse_instant
from foundation.errors import BadInput
from foundation.forms import check_form_token
from foundation.i18n import Message, _
from foundation.pages import FieldError, find_language, is_https, render
from foundation.runtime import Runtime
from signing.settings import VerificationSection
from signing.verification.display import INDICATIONS, SOURCES, STEP_NAMES, VERDICTS
from signing.verification.findings import Result, SignatureFindings, Verdict
from signing.verification.installations import build_sandbox, build_verifier
from signing.verification.remedies import REMEDIES
from signing.verification.report import Report, as_json
from signing.verification.sandbox import Sandbox
from signing.verification.submissions import Submission, read_submission
from signing.verification.verifier import Question

SCOPE: Final = "verify"
NO_FILE: Final = _("Choose the document you want to check.")
BAD_TIME: Final = _("Write the day as year-month-day, such as 2025-06-20, or with the time: 2025-06-20T09:00.")
RESULTS = {
    Result.PASSED: Message("passed"),
    Result.FAILED: Message("did not pass"),
    Result.UNDETERMINED: Message("could not be found out"),
}


@dataclass(frozen=True)
class AskPage:
    """The form that takes a document."""

    most_megabytes: int
    at: str = ""
    received: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class StepView:
    """One step as the page shows it."""

    n: int
    name: Message
    result: Result
    result_word: Message
    detail: Message


@dataclass(frozen=True)
class SignatureView:
    """One signature as the page shows it."""

    name: str
    passed: bool
    failed: bool
    indication: Message
    reason: str
    level: str
    time: datetime | None
    time_source: Message
    claimed: datetime | None
    authority: Message | None
    since: Message | None
    changes: tuple[Message, ...]
    steps: tuple[StepView, ...]


@dataclass(frozen=True)
class ReportPage:
    """A report as the page shows it."""

    verdict: Verdict
    word: Message
    summary: Message
    remedy: Message | None
    reason: str
    file: str
    sha256: str
    format: str
    at: datetime
    signatures: tuple[SignatureView, ...]


def build_verification_router(runtime: Runtime, sandbox: Sandbox | None = None) -> APIRouter:
    """The room's two doors for documents. The isolated process starts with the first document."""
    section = runtime.settings[VerificationSection]
    verifier = build_verifier(runtime, sandbox or build_sandbox(runtime.settings))
    router = APIRouter()

    def answer(submission: Submission) -> Report:
        return verifier.verify(build_question(runtime, submission))

    places = CapacityLimiter(2 * section.workers)  # documents never take the threads that log people in

    async def api(request: Request) -> Response:
        await run_in_threadpool(check_bearer, request, SCOPE)
        submission = await read_submission(request, section.document_mb)
        report = await to_thread.run_sync(answer, submission, limiter=places)
        return JSONResponse(as_json(report, find_language(request, runtime.settings)))

    async def page(request: Request) -> Response:
        if request.method != "POST":
            return render(request, "signing/verify.html", AskPage(section.document_mb))
        submission = await read_submission(request, section.document_mb)
        check_form_token(runtime.sealer, request, submission.form, is_https(runtime.settings))
        form = submission.form
        errors = find_errors(runtime, submission)
        if errors:
            asked = AskPage(section.document_mb, form.text("at"), form.text("received"), errors)
            return render(request, "signing/verify.html", asked, status=400)
        report = await to_thread.run_sync(answer, submission, limiter=places)
        return render(request, "signing/verified.html", build_page(report))

    router.add_route("/api/verify", api, methods=["POST"], include_in_schema=False)
    router.add_route("/signing/verify", page, methods=["GET", "POST"], include_in_schema=False)
    return router


def find_errors(runtime: Runtime, submission: Submission) -> tuple[FieldError, ...]:
    """What to mend in the form of the page."""
    errors = [] if submission.first("file") else [FieldError("file", NO_FILE)]
    for name in ("at", "received"):
        try:
            read_moment(runtime, submission, name)
        except BadInput:
            errors.append(FieldError(name, BAD_TIME))
    return tuple(errors)


def read_moment(runtime: Runtime, submission: Submission, name: str) -> datetime | None:
    """A moment of the form, None where it is empty. Raises BadInput."""
    text = submission.form.text(name)
    return parse_instant(text, runtime.settings.zone) if text else None


def build_question(runtime: Runtime, submission: Submission) -> Question:
    """What the sender wants to know. Raises BadInput without a file or with a time that is none."""
    sent = submission.first("file")
    if sent is None:
        raise BadInput("The field “file” must bring a document.")
    return Question(
        content=sent.content,
        file=sent.name,
        at=read_moment(runtime, submission, "at"),
        received=read_moment(runtime, submission, "received"),
        detached=tuple(part.content for part in submission.files.get("detached_content", [])),
    )


def build_page(report: Report) -> ReportPage:
    """The report for people."""
    reason = report.findings.reason
    return ReportPage(
        verdict=report.verdict,
        word=VERDICTS[report.verdict][0],
        summary=report.summary,
        remedy=REMEDIES[reason] if reason and report.verdict is not Verdict.VALID else None,
        reason=str(reason or ""),
        file=report.file,
        sha256=report.sha256 or "",
        format=report.findings.format,
        at=report.at,
        signatures=tuple(view_signature(report, signature) for signature in report.findings.signatures),
    )


def view_signature(report: Report, signature: SignatureFindings) -> SignatureView:
    """One signature for people."""
    standing = report.standings.get(signature.id)
    return SignatureView(
        name=signature.signer_name or "?",
        passed=signature.decisive_step is None,
        failed=signature.decisive_step is not None and signature.decisive_step.result is Result.FAILED,
        indication=INDICATIONS[signature.indication],
        reason=str(signature.sub_indication or ""),
        level=signature.level or "",
        time=signature.best_time,
        time_source=SOURCES[signature.best_time_from],
        claimed=signature.claimed_time,
        authority=standing.detail if standing else None,
        since=standing.since if standing else None,
        changes=signature.changes_after or refused_changes(signature),
        steps=tuple(
            StepView(step.n, STEP_NAMES[step.name], step.result, RESULTS[step.result], step.detail)
            for step in report.steps(signature)
        ),
    )


def refused_changes(signature: SignatureFindings) -> tuple[Message, ...]:
    """The changes after signing that were refused, as the step tells them."""
    return tuple(step.detail for step in signature.steps if step.name == "changes" and step.result is Result.FAILED)
