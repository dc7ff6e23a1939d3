"""The wall: what a stranger's document cannot do, and what a dead worker costs."""

import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.verification.confinement import Limits
from signing.verification.findings import Findings, Verdict
from signing.verification.judgement import judge
from signing.verification.sandbox import Sandbox, TooBusy
from signing.verification.transport import pack_case, receive_frame, send_frame, unpack_case
from tests.signing.verification.conftest import case_of, paper


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Limits(seconds=20)) as sandbox:
        yield sandbox


def test_the_isolated_process_finds_what_the_judgement_finds(sandbox: Sandbox) -> None:
    for name in ("b", "lta", "annotated", "unsigned", "leader-then-seal"):
        assert sandbox.judge(case_of(paper(name))) == judge(case_of(paper(name)))


def test_one_process_serves_document_after_document(sandbox: Sandbox) -> None:
    sandbox.judge(case_of(paper("b")))
    first = sandbox.warden.idle.queue[0].process
    sandbox.judge(case_of(b"garbage"))
    assert sandbox.warden.idle.queue[0].process == first


def test_the_process_has_no_files_no_network_and_no_environment(sandbox: Sandbox) -> None:
    sandbox.judge(case_of(paper("b")))
    worker = sandbox.warden.idle.queue[0]
    assert worker.fences == sandbox.fences == {"files": True, "calls": True, "network": True}
    process = Path(f"/proc/{worker.process}")
    facts = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    assert facts["Seccomp"].strip() == "2"
    assert facts["NoNewPrivs"].strip() == "1"
    assert b"HOPNHAT" not in (process / "environ").read_bytes()
    assert len(list((process / "fd").iterdir())) <= 5


def test_a_worker_that_dies_costs_its_document_only(sandbox: Sandbox) -> None:
    sandbox.judge(case_of(paper("b")))
    victim = sandbox.warden.idle.queue[0]
    os.kill(victim.process, 9)
    assert sandbox.judge(case_of(paper("b"))).verdict is Verdict.UNDETERMINED
    assert sandbox.judge(case_of(paper("b"))).verdict is Verdict.VALID


def test_a_dead_warden_is_replaced(sandbox: Sandbox) -> None:
    sandbox.judge(case_of(paper("b")))
    assert sandbox.warden.program is not None
    sandbox.warden.program.kill()
    sandbox.warden.program.wait()
    sandbox.warden.idle.get_nowait().end()
    assert sandbox.judge(case_of(paper("b"))).verdict is Verdict.VALID


def test_a_worker_is_renewed_after_its_share_of_documents() -> None:
    with Sandbox(Limits(documents_per_worker=1)) as sandbox:
        sandbox.judge(case_of(b"x"))
        assert sandbox.warden.idle.empty()


def test_a_document_beyond_the_limit_is_left_open_without_being_read() -> None:
    with Sandbox(Limits(document_bytes=1 << 20)) as sandbox:
        findings = sandbox.judge(case_of(bytes((1 << 20) + 1)))
        assert findings.verdict is Verdict.UNDETERMINED
        assert sandbox.warden.program is None


def test_time_is_bounded() -> None:
    """Thirty megabytes of brackets would take a minute."""
    slow = b"%PDF-1.7\nxref\n0 0\ntrailer<</A[" + b"<</B(x)>>" * 3_000_000 + b"]>>\nstartxref\n9\n%%EOF"
    with Sandbox(Limits(seconds=1.5)) as sandbox:
        sandbox.judge(case_of(b"x"))
        begun = time.monotonic()
        findings = sandbox.judge(case_of(slow))
        assert findings.verdict is Verdict.UNDETERMINED
        assert time.monotonic() - begun < 5


def test_processor_time_is_bounded_by_the_kernel_too() -> None:
    slow = b"%PDF-1.7\nxref\n0 0\ntrailer<</A[" + b"<</B(x)>>" * 3_000_000 + b"]>>\nstartxref\n9\n%%EOF"
    with Sandbox(Limits(seconds=60, cpu_seconds=1)) as sandbox:
        begun = time.monotonic()
        assert sandbox.judge(case_of(slow)).verdict is Verdict.UNDETERMINED
        assert time.monotonic() - begun < 20


def test_memory_is_bounded() -> None:
    """A stream that unpacks to more than the process may have is a verdict, and the next document is judged."""
    stream = zlib.compress(bytes(240 << 20), 9)
    head = b"<</Type/XRef/Size 5/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(stream)
    greedy = b"%PDF-1.7\n1 0 obj\n" + head + stream + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"
    with Sandbox(Limits(memory_bytes=300 << 20)) as sandbox:
        assert sandbox.judge(case_of(greedy)).verdict is not Verdict.VALID
        assert sandbox.judge(case_of(paper("b"))).verdict is Verdict.VALID


def test_many_threads_share_the_workers(sandbox: Sandbox) -> None:
    answers: list[Findings] = []
    threads = [threading.Thread(target=lambda: answers.append(sandbox.judge(case_of(paper("lt"))))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.verdict for answer in answers] == [Verdict.VALID] * 8
    assert sandbox.warden.idle.qsize() <= 2


def test_who_waits_too_long_is_told_to_come_again() -> None:
    with Sandbox(workers=1, patience=0.05) as sandbox:
        sandbox.places.acquire()
        with pytest.raises(TooBusy) as busy:
            sandbox.judge(case_of(b"x"))
        sandbox.places.release()
        assert busy.value.status == 429


def test_a_worker_that_lies_is_not_believed(sandbox: Sandbox) -> None:
    """What comes over the line is checked: an answer of another form counts as a broken-off judgement."""
    ours, theirs = socket.socketpair()
    worker = sandbox.warden.take_worker()
    worker.line.close()
    worker.line = ours

    def lie() -> None:
        receive_frame(theirs)
        send_frame(theirs, {"format": "PAdES", "signatures": [{"id": 7}], "objection": None, "wanted": []})

    thread = threading.Thread(target=lie)
    thread.start()
    findings = sandbox.ask(worker, case_of(b"x"))
    thread.join()
    theirs.close()
    assert findings.verdict is Verdict.UNDETERMINED


def test_a_case_is_the_same_after_its_journey() -> None:
    case = case_of(paper("b"))
    assert unpack_case(*pack_case(case)) == case
