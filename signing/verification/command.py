"""`hopnhat verify FILE…`: documents put to the proof on the command line, one by one or by a manifest.

Works without an installation too: then nothing is known of people and units, and trust is what `--trust` names.
Exit codes: 0 all valid, 1 one is not valid, 2 one could not be found out (1 before 2), 64 and 65 as everywhere.
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from foundation.clocks import Clocks, parse_instant
from foundation.errors import BadInput, WrongUsage
from foundation.i18n import Message
from foundation.settings import Settings
from foundation.shell import Shell, get_shell
from foundation.terminal import language, out, print_json, print_json_line
from signing.settings import VerificationSection
from signing.verification.display import show_report
from signing.verification.findings import Findings, Reason, Result, Verdict
from signing.verification.installations import build_fetcher, build_sandbox, build_verifier
from signing.verification.report import Report, as_json
from signing.verification.sandbox import Sandbox
from signing.verification.trust import Trust, read_trust
from signing.verification.verifier import Question, Verifier

EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDETERMINED: 2}
AHEAD = 8
"""Lines of a manifest that are read ahead of the one whose report is written next."""

FilesArgument = Annotated[list[Path] | None, typer.Argument(help="documents", metavar="FILE...")]
DetachedOption = Annotated[
    list[Path] | None, typer.Option("--detached-content", help="content signed apart from its signature")
]
TrustOption = Annotated[
    list[Path] | None,
    typer.Option("--trust", help="PEM file or folder with the certificates to trust, instead of the settings'"),
]
AtOption = Annotated[str | None, typer.Option("--at", help="judge as of this moment (2025-06-20T09:00:00+07:00)")]
ReceivedOption = Annotated[
    str | None, typer.Option("--received", help="when the document is known to have come in; proves that it existed")
]
NoNetworkOption = Annotated[bool, typer.Option("--no-network", help="fetch nothing, whatever the settings allow")]
JsonOption = Annotated[bool, typer.Option("--json", help="the report as JSON; one a line for several files")]
BatchOption = Annotated[
    Path | None, typer.Option("--batch", help="manifest: JSON Lines of id, file, detached, trust, at")
]
JsonLinesOption = Annotated[bool, typer.Option("--json-lines", help="one report a line, in the manifest's order")]


class ManifestUnreadable(BadInput):
    """A line of the manifest cannot be used."""

    code = "manifest_unreadable"
    sentence = "Line {line} of the manifest cannot be used: {why}"


class DocumentUnreadable(BadInput):
    """A document named on the command line is not there or cannot be read."""

    code = "document_unreadable"
    sentence = "{file} cannot be read: {why}"


def verify(
    context: typer.Context,
    files: FilesArgument = None,
    detached_content: DetachedOption = None,
    trust: TrustOption = None,
    at: AtOption = None,
    received: ReceivedOption = None,
    no_network: NoNetworkOption = False,
    as_json_: JsonOption = False,
    batch: BatchOption = None,
    json_lines: JsonLinesOption = False,
) -> None:
    """Say whether signed documents are valid, and why."""
    shell = get_shell(context)
    if bool(files) == bool(batch):
        raise WrongUsage("Name documents, or one manifest with --batch.")
    zone = shell.settings.zone
    given = read_trust(tuple(trust)) if trust else None
    with build_sandbox(shell.settings) as sandbox:
        verifier = open_verifier(shell, sandbox)
        if batch:
            worst = verify_batch(
                verifier, batch, given, zone, not no_network, shell.settings[VerificationSection].workers
            )
        else:
            assert files
            moment = parse_instant(at, zone) if at else None
            reception = parse_instant(received, zone) if received else None
            apart = tuple(read_document(path) for path in detached_content or ())
            verdicts = []
            for file in files:
                question = Question(read_document(file), file.name, moment, reception, given, apart, not no_network)
                report = verifier.verify(question)
                verdicts.append(report.verdict)
                show(report, as_json_ or json_lines, len(files) > 1 or json_lines, zone)
            worst = worst_of(verdicts)
    raise typer.Exit(EXIT_CODES[worst])


def open_verifier(shell: Shell, sandbox: Sandbox) -> Verifier:
    """The installation's verifier where there is one, else one that knows no register."""
    if is_installed(shell.settings):
        return build_verifier(shell.runtime, sandbox)
    settings = shell.settings
    configured = read_trust(settings[VerificationSection].trust)
    return Verifier(sandbox, Clocks().wall, trust=lambda: configured, fetcher=build_fetcher(settings))


def is_installed(settings: Settings) -> bool:
    """Whether a register stands behind these settings; nothing is made by looking."""
    url = sa.make_url(settings.database)
    return not url.drivername.startswith("sqlite") or bool(url.database and Path(url.database).is_file())


def read_document(path: Path) -> bytes:
    """The bytes of a document. Raises DocumentUnreadable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentUnreadable(file=str(path), why=error.strerror) from error


def show(report: Report, machine: bool, lines: bool, zone: ZoneInfo) -> None:
    """Print one report as asked for."""
    if not machine:
        show_report(report, out, language(), zone)
    elif lines:
        print_json_line(as_json(report, language()))
    else:
        print_json(as_json(report, language()))


def worst_of(verdicts: list[Verdict]) -> Verdict:
    """The verdict that decides the exit code: invalid before undetermined before valid."""
    return next((verdict for verdict in (Verdict.INVALID, Verdict.UNDETERMINED) if verdict in verdicts), Verdict.VALID)


def verify_batch(
    verifier: Verifier, manifest: Path, given: Trust | None, zone: ZoneInfo, may_fetch: bool, workers: int
) -> Verdict:
    """Judge what a manifest names, several at once, and print the reports in its order. Gives the worst verdict."""
    verdicts: list[Verdict] = []
    with ThreadPoolExecutor(workers) as pool:
        waiting: list[tuple[Any, Future[Report]]] = []

        def write_next() -> None:
            identity, future = waiting.pop(0)
            report = future.result()
            verdicts.append(report.verdict)
            print_json_line({"id": identity, **as_json(report, language())})
            sys.stdout.flush()

        for number, entry in read_manifest(manifest):
            waiting.append(
                (entry.get("id"), pool.submit(answer_line, verifier, entry, number, manifest, given, zone, may_fetch))
            )
            if len(waiting) >= AHEAD:
                write_next()
        while waiting:
            write_next()
    return worst_of(verdicts)


def answer_line(
    verifier: Verifier,
    entry: dict[str, Any],
    number: int,
    manifest: Path,
    given: Trust | None,
    zone: ZoneInfo,
    may_fetch: bool,
) -> Report:
    """The report on one line; a document that is not there is one about which nothing could be found out."""
    try:
        return verifier.verify(build_question(entry, number, manifest, given, zone, may_fetch))
    except DocumentUnreadable as error:
        objection = (Result.UNDETERMINED, Reason.SIGNED_DATA_NOT_FOUND, Message(error.message, error.values))
        return Report(Path(entry["file"]).name, None, verifier.now(), Findings("none", objection=objection), {})


def read_manifest(manifest: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a manifest with their line numbers; blank lines are passed over. Raises ManifestUnreadable."""
    try:
        with manifest.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                entry = json.loads(line)
                if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
                    raise ManifestUnreadable(line=number, why="an object with a “file” is wanted")
                yield number, entry
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentUnreadable(file=str(manifest), why=str(error)) from error
    except json.JSONDecodeError as error:
        raise ManifestUnreadable(line=number, why=str(error)) from error


def build_question(
    entry: dict[str, Any], number: int, manifest: Path, given: Trust | None, zone: ZoneInfo, may_fetch: bool
) -> Question:
    """The question in one line of a manifest. Raises ManifestUnreadable, DocumentUnreadable, TrustUnreadable."""
    trusted = read_texts(entry, "trust", number)
    return Question(
        content=read_document(find_file(entry["file"], manifest)),
        file=Path(entry["file"]).name,
        at=read_moment(entry.get("at"), zone),
        received=read_moment(entry.get("received"), zone),
        trust=read_trust(tuple(find_file(text, manifest) for text in trusted)) if trusted else given,
        detached=tuple(read_document(find_file(text, manifest)) for text in read_texts(entry, "detached", number)),
        may_fetch=may_fetch,
    )


def read_texts(entry: dict[str, Any], name: str, number: int) -> list[str]:
    """A list of texts in a line. Raises ManifestUnreadable."""
    texts = entry.get(name) or []
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ManifestUnreadable(line=number, why=f"“{name}” must be a list of paths")
    return texts


def read_moment(text: Any, zone: ZoneInfo) -> datetime | None:
    """A moment in a line, None when it names none. Raises BadInput."""
    return parse_instant(str(text), zone) if text else None


def find_file(text: str, manifest: Path) -> Path:
    """A path of the manifest: from where we stand, else from where the manifest lies."""
    path = Path(text)
    beside = manifest.parent / path
    return beside if not path.exists() and beside.exists() else path
