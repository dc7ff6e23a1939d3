"""The report of a verification: what findings and the register say, in DESIGN §8's form and in sentences for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.clocks import as_rfc3339
from foundation.i18n import Message
from signing.verification.authority import Held, Standing
from signing.verification.findings import Findings, Indication, SignatureFindings, Step, Verdict
from signing.verification.remedies import REMEDIES


@dataclass(frozen=True)
class Report:
    """A verification, ready to be shown. `standings` by the signature's id."""

    file: str
    sha256: str | None
    at: datetime
    findings: Findings
    standings: Mapping[str, Standing]

    @property
    def verdict(self) -> Verdict:
        """The document's verdict."""
        return self.findings.verdict

    @property
    def summary(self) -> Message:
        """One sentence for people."""
        return summarise(self)

    def steps(self, signature: SignatureFindings) -> tuple[Step, ...]:
        """All numbered steps of a signature, the register's with them."""
        standing = self.standings.get(signature.id)
        return (*signature.steps, standing.step) if standing else signature.steps


def summarise(report: Report) -> Message:
    """The verdict and its reason in a sentence: who signed when, or what stands against it."""
    findings = report.findings
    if findings.objection:
        return say_verdict(report.verdict, findings.objection[2])
    if not findings.signatures:
        return Message("The document carries no signature.")
    if report.verdict is not Verdict.VALID:
        wanted = Indication.TOTAL_FAILED if report.verdict is Verdict.INVALID else Indication.INDETERMINATE
        deciding = next(s for s in findings.signatures if s.indication is wanted).decisive_step
        assert deciding is not None
        return say_verdict(report.verdict, deciding.detail)
    if len(findings.signatures) > 1:
        names = ", ".join(signature.signer_name or "?" for signature in findings.signatures)
        return Message(
            "The document is valid: {count} signatures hold, by {names}.",
            {"count": len(findings.signatures), "names": names},
        )
    return summarise_one(report, findings.signatures[0])


def summarise_one(report: Report, signature: SignatureFindings) -> Message:
    """The sentence for one signature that holds."""
    standing = report.standings.get(signature.id)
    values: dict[str, object] = {"name": signature.signer_name}
    if standing is None or standing.verdict is Held.UNKNOWN or standing.unit_at_signing is None:
        return Message("The document is valid: the signature of {name} holds and nothing was changed.", values)
    values |= {"post": standing.post or Message("seal"), "unit": standing.unit_at_signing.name}
    if standing.verdict is Held.NOT_HELD:
        return Message("The signature of {name} holds, but the signer held no post that signs for {unit}.", values)
    return Message("The document is valid: signed by {name}, {post} of {unit}.", values)


def say_verdict(verdict: Verdict, why: Message) -> Message:
    """The sentence for what is not valid."""
    if verdict is Verdict.INVALID:
        return Message("The document is not valid. {why}", {"why": why})
    return Message("Whether the document is valid could not be found out. {why}", {"why": why})


def as_json(report: Report, language: str) -> dict[str, Any]:
    """The report of DESIGN §8; sentences in `language`."""
    findings = report.findings
    return {
        "verdict": str(report.verdict),
        "reason": str(findings.reason) if findings.reason else None,
        "summary": report.summary.show(language),
        "file": report.file,
        "sha256": report.sha256,
        "format": findings.format,
        "at": as_rfc3339(report.at),
        "signatures": [signature_as_json(report, signature, language) for signature in findings.signatures],
    }


def signature_as_json(report: Report, signature: SignatureFindings, language: str) -> dict[str, Any]:
    """One signature of the report."""
    standing = report.standings.get(signature.id)
    unit = standing.unit_at_signing if standing else None
    return {
        "id": signature.id,
        "indication": str(signature.indication),
        "sub_indication": str(signature.sub_indication) if signature.sub_indication else None,
        "level": signature.level,
        "signer": {
            "name": signature.signer_name,
            "certificate_sha256": signature.certificate_sha256,
            "person": standing.person if standing else None,
            "unit": unit.code if unit else None,
        },
        "claimed_time": show_instant(signature.claimed_time),
        "best_time": show_instant(signature.best_time),
        "best_time_from": signature.best_time_from,
        "covers_whole_document": signature.covers_whole_document,
        "changes_after": [message.show(language) for message in signature.changes_after],
        "authority": {
            "verdict": str(standing.verdict if standing else Held.UNKNOWN),
            "post": standing.post if standing else None,
            "unit_at_signing": unit.shown if unit else None,
            "unit_today": [today.shown for today in standing.unit_today] if standing else [],
        },
        "steps": [
            {"n": step.n, "name": step.name, "result": str(step.result), "detail": describe(step, standing, language)}
            for step in report.steps(signature)
        ],
    }


def describe(step: Step, standing: Standing | None, language: str) -> str:
    """A step's sentence and, where it did not pass, what to do; the register's goes on to say what became of the unit."""
    sentence = step.detail.show(language)
    if step.decisive and step.reason is not None and step.reason in REMEDIES:
        return f"{sentence} {REMEDIES[step.reason].show(language)}"
    if standing is not None and standing.since is not None and step == standing.step:
        return f"{sentence} {standing.since.show(language)}"
    return sentence


def show_instant(instant: datetime | None) -> str | None:
    """An instant for machines, None as null."""
    return as_rfc3339(instant.replace(microsecond=0)) if instant else None
