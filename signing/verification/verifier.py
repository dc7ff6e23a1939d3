"""The whole way of a document: known trust, the isolated judgement, what may be fetched, the register, the report."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from signing.verification.authority import Moments, NoRegister, Register
from signing.verification.cases import Case
from signing.verification.fetching import Fetcher
from signing.verification.findings import Findings, Reason
from signing.verification.inscriptions import clean
from signing.verification.report import Report
from signing.verification.sandbox import Sandbox
from signing.verification.trust import Trust

FETCH_FOR = frozenset({Reason.TRY_LATER, Reason.NO_CERTIFICATE_CHAIN_FOUND})
"""Reasons that something fetched could take away."""


@dataclass(frozen=True)
class Question:
    """A document somebody wants to know about. `trust` replaces the installation's anchors; None keeps them."""

    content: bytes
    file: str
    at: datetime | None = None
    received: datetime | None = None
    trust: Trust | None = None
    detached: tuple[bytes, ...] = ()
    may_fetch: bool = True


@dataclass
class Verifier:
    """Answers questions; safe to use from many threads."""

    sandbox: Sandbox
    now: Callable[[], datetime]
    trust: Callable[[], Trust] = Trust
    """The installation's own anchors and lists, asked anew for each document."""
    register: Callable[[], Register] = NoRegister
    fetcher: Fetcher | None = None

    def verify(self, question: Question) -> Report:
        """The report on a document. Raises TooBusy, never because of the document."""
        at = question.at or self.now()
        findings = self.judge(question, at)
        register = self.register()
        standings = {
            signature.id: register.find_standing(
                signature.certificate_sha256, Moments(at, signature.best_time, signature.claimed_time)
            )
            for signature in findings.signatures
            if signature.certificate_sha256
        }
        return Report(clean(question.file), hashlib.sha256(question.content).hexdigest(), at, findings, standings)

    def judge(self, question: Question, at: datetime) -> Findings:
        """The findings, judged a second time with what could be fetched where that may help."""
        house = self.trust()
        anchors = house.anchors if question.trust is None else question.trust.anchors
        known = house if question.trust is None else Trust((), house.certificates, house.lists) + question.trust
        case = Case(
            content=question.content,
            at=at,
            received=question.received,
            trust=anchors,
            certificates=known.certificates,
            crls=known.lists,
            detached=question.detached,
        )
        findings = self.sandbox.judge(case)
        if not self.fetcher or not question.may_fetch or not findings.wanted or findings.reason not in FETCH_FOR:
            return findings
        fetched = self.fetcher.fetch(findings.wanted)
        if not fetched.certificates and not fetched.lists:
            return findings
        more = Case(
            content=case.content,
            at=at,
            received=case.received,
            trust=case.trust,
            certificates=case.certificates + fetched.certificates,
            crls=case.crls + fetched.lists,
            detached=case.detached,
        )
        return self.sandbox.judge(more)
