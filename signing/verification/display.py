"""A report in the terminal: one calm screen that a head of department can read over a shoulder."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from foundation.i18n import Message, format_instant, translate
from signing.verification.findings import Indication, Result, SignatureFindings, Verdict
from signing.verification.inscriptions import clean
from signing.verification.remedies import REMEDIES
from signing.verification.report import Report

VERDICTS = {
    Verdict.VALID: (Message("VALID"), "bold green"),
    Verdict.INVALID: (Message("NOT VALID"), "bold red"),
    Verdict.UNDETERMINED: (Message("UNDETERMINED"), "bold yellow"),
}
INDICATIONS = {
    Indication.TOTAL_PASSED: Message("holds"),
    Indication.TOTAL_FAILED: Message("does not hold"),
    Indication.INDETERMINATE: Message("could not be found out"),
}
MARKS = {Result.PASSED: ("=", "green"), Result.FAILED: ("!", "bold red"), Result.UNDETERMINED: ("?", "yellow")}
SOURCES = {
    "timestamp": Message("by a timestamp"),
    "reception": Message("by its reception"),
    "none": Message("not proven"),
}
STEP_NAMES = {
    "container": Message("The file can be read"),
    "coverage": Message("The signature covers the document"),
    "structure": Message("The signature is well formed"),
    "signer": Message("The signer's certificate is there"),
    "digest": Message("The document is unchanged"),
    "signature": Message("The signature is genuine"),
    "time": Message("The time of signing"),
    "path": Message("The certificate is trusted"),
    "revocation": Message("The certificate was not revoked"),
    "usage": Message("The certificate is made for signing"),
    "changes": Message("Additions after signing"),
    "authority": Message("The signer's right to sign"),
}
LABEL = 13


def show_report(report: Report, console: Console, language: str, zone: ZoneInfo) -> None:
    """Print a report."""
    word, style = VERDICTS[report.verdict]
    heading = Text("\n  ")
    heading.append(word.show(language), style)
    heading.append(f"   {report.file}   {report.findings.format}", "bold")
    heading.append(
        f"   {translate(language, 'judged as of {time}', time=format_instant(language, report.at, zone))}", "dim"
    )
    console.print(heading)
    console.print(Text(f"  {report.summary.show(language)}"))
    for signature in report.findings.signatures:
        show_signature(report, signature, console, language, zone)
    if report.findings.reason and report.verdict is not Verdict.VALID:
        show_line(console, language, Message("Next"), REMEDIES[report.findings.reason].show(language), before="\n")
    console.print()


def show_signature(
    report: Report, signature: SignatureFindings, console: Console, language: str, zone: ZoneInfo
) -> None:
    """One signature: who, when, by what right, which steps did not pass, what came after."""
    indication = INDICATIONS[signature.indication].show(language)
    words = [signature.signer_name or "?", indication, str(signature.sub_indication or ""), signature.level or ""]
    show_line(console, language, Message("Signed by"), " · ".join(filter(None, words)), before="\n")
    show_line(console, language, Message("Time"), tell_time(signature, language, zone))
    standing = report.standings.get(signature.id)
    if standing is not None:
        sentences = [standing.detail.show(language), standing.since.show(language) if standing.since else ""]
        show_line(console, language, Message("Authority"), " ".join(filter(None, sentences)))
    steps = signature.steps
    passed = [step for step in steps if step.result is Result.PASSED]
    show_line(
        console,
        language,
        Message("Steps"),
        translate(language, "{passed} of {all} passed", passed=len(passed), all=len(steps)),
    )
    for step in steps:
        if step.result is not Result.PASSED:
            mark, style = MARKS[step.result]
            line = Text(" " * (LABEL + 2))
            line.append(f"{mark} {step.n:>2} {STEP_NAMES[step.name].show(language)}: ", style)
            console.print(line.append(step.detail.show(language)))
    for change in signature.changes_after:
        show_line(console, language, Message("Afterwards"), f"+ {change.show(language)}")


def tell_time(signature: SignatureFindings, language: str, zone: ZoneInfo) -> str:
    """The proven time and what proves it, else the claimed one, marked as a claim."""
    if signature.best_time is not None:
        return (
            f"{show_instant(signature.best_time, language, zone)} ({SOURCES[signature.best_time_from].show(language)})"
        )
    if signature.claimed_time is not None:
        return translate(
            language,
            "{time} as the signer claims; not proven",
            time=show_instant(signature.claimed_time, language, zone),
        )
    return SOURCES["none"].show(language)


def show_instant(instant: datetime, language: str, zone: ZoneInfo) -> str:
    """An instant as the reader writes it."""
    return format_instant(language, instant, zone)


def show_line(console: Console, language: str, label: Message, text: str, before: str = "") -> None:
    """A labelled line."""
    line = Text(before + "  ")
    line.append(label.show(language).ljust(LABEL), "dim")
    console.print(line.append(clean(text, 1000)))
