"""The wall: documents are handed to isolated workers, findings are taken back, and whoever takes too long is ended.

A worker that dies or is silent for too long costs its document the verdict "could not find out"; the next document gets a fresh one,
forked in milliseconds from the warden. Safe to use from many threads.
"""

import contextlib
import json
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import weakref
from dataclasses import asdict, dataclass, field
from types import TracebackType

from foundation.errors import TryAgain
from foundation.i18n import HOUSE, Message
from signing.verification.cases import Case
from signing.verification.confinement import FENCES, Limits
from signing.verification.findings import Findings, Reason, Result
from signing.verification.transport import (
    LARGEST_ANSWER,
    BrokenLineError,
    pack_case,
    read_findings,
    receive_frame,
    send_frame,
)

log = logging.getLogger("hopnhat.signing")
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from signing.verification.worker import run; run(sys.argv[2:])"


class TooBusy(TryAgain):
    """All workers are judging and nobody became free in time."""

    code = "verification_busy"
    status = 429
    sentence = "Many documents are being verified just now. Please try again in a moment."


@dataclass
class Worker:
    """One isolated process, its line and how many documents it has judged."""

    process: int
    handle: int
    line: socket.socket
    judged: int = 0
    fences: dict[str, bool] = field(default_factory=dict)

    def end(self) -> None:
        """End the process whatever it is doing."""
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.close(self.handle)
        self.line.close()


class Warden:
    """The program that has the libraries loaded and forks workers; started when the first worker is wanted."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self.program: subprocess.Popen[bytes] | None = None
        self._door = threading.Lock()
        self._control: socket.socket | None = None

    def take_worker(self) -> Worker:
        """An idle worker, else a new one."""
        with contextlib.suppress(queue.Empty):
            return self.idle.get_nowait()
        with self._door:
            try:
                return self._fork_worker()
            except OSError:
                # The program is gone (killed by the system, perhaps): once more with a new one.
                self._end()
                return self._fork_worker()

    def _fork_worker(self) -> Worker:
        """A new worker. Raises OSError when the program is gone."""
        if self._control is None:
            self._start()
        assert self._control is not None
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"worker"], [theirs.fileno()])
            number = self._control.recv(4)
            if len(number) != 4:
                raise ConnectionResetError("the warden is gone")
        except OSError:
            ours.close()
            raise
        process = int.from_bytes(number, "big")
        return Worker(process, os.pidfd_open(process), ours)

    def _start(self) -> None:
        """Start the program; it gets no environment of ours and none of our files."""
        ours, theirs = socket.socketpair()
        number = str(theirs.fileno())
        words = ["-P", "-B", "-W", "ignore", "-c", BOOT, str(HOUSE), number, json.dumps(asdict(self.limits))]
        with theirs:
            self.program = subprocess.Popen(
                [sys.executable, *words],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8", "PATH": os.defpath},
                cwd="/",
                start_new_session=True,
            )
        self._control = ours

    def _end(self) -> None:
        """Close the control line and end the program."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self.program is not None:
            self.program.kill()
            self.program.wait()
            self.program = None

    def close(self) -> None:
        """End all processes."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.idle.get_nowait().end()
        with self._door:
            self._end()


class Sandbox:
    """A pool of isolated workers behind one warden. What is not closed is ended when the object or the process goes."""

    def __init__(self, limits: Limits | None = None, workers: int = 2, patience: float = 30.0) -> None:
        self.limits = limits or Limits()
        self.patience = patience
        self.places = threading.BoundedSemaphore(workers)
        self.warden = Warden(self.limits)
        self.fences: dict[str, bool] | None = None
        weakref.finalize(self, self.warden.close)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; a later document starts them anew."""
        self.warden.close()

    def judge(self, case: Case) -> Findings:
        """What the isolated process found out about a document. Raises TooBusy, never because of the document."""
        if len(case.content) + sum(map(len, case.detached)) > self.limits.document_bytes:
            return undetermined(
                Message("The document is larger than {most} MB.", {"most": self.limits.document_bytes >> 20})
            )
        if not self.places.acquire(timeout=self.patience):
            raise TooBusy
        try:
            return self.ask(self.warden.take_worker(), case)
        finally:
            self.places.release()

    def ask(self, worker: Worker, case: Case) -> Findings:
        """Hand the case over and wait for the answer, no longer than the limits allow."""
        try:
            worker.line.settimeout(self.limits.seconds)
            send_frame(worker.line, *pack_case(case))
            answer, _nothing = receive_frame(worker.line, LARGEST_ANSWER, 0)
            findings = read_findings(answer)
        except TimeoutError:
            worker.end()
            return undetermined(
                Message(
                    "The document takes longer to judge than {seconds} seconds.", {"seconds": int(self.limits.seconds)}
                )
            )
        except (BrokenLineError, OSError):
            worker.end()
            return undetermined(
                Message("The judgement of this document broke off; it uses more time or memory than is allowed.")
            )
        worker.judged += 1
        worker.fences = self.look_at_fences(answer.get("fences"))
        if worker.judged >= self.limits.documents_per_worker:
            worker.end()
        else:
            self.warden.idle.put(worker)
        return findings

    def look_at_fences(self, told: object) -> dict[str, bool]:
        """Which fences hold around the workers, as one says; a missing one is logged once."""
        fences = {name: isinstance(told, dict) and told.get(name) is True for name in FENCES}
        if self.fences is None and not all(fences.values()):
            missing = ", ".join(name for name, holds in fences.items() if not holds)
            log.warning("documents are judged without these fences, which this kernel does not offer: %s", missing)
        self.fences = fences
        return fences


def undetermined(detail: Message) -> Findings:
    """The findings of a document about which nothing could be found out."""
    return Findings("none", objection=(Result.UNDETERMINED, Reason.GENERIC, detail))
