"""The isolated side: a warden that has the libraries loaded and forks workers; each worker judges one document after the other.

Started by `sandbox` as a program of its own with an empty environment. The warden itself never sees a document. A worker binds itself
(`confinement`) before it reads its first byte and has one open line: the socket on which cases come and findings go.
"""

import gc
import json
import logging
import os
import signal
import socket
import sys
import sysconfig
from datetime import UTC, datetime
from pathlib import Path

from foundation.i18n import Message
from signing.verification.cases import Case
from signing.verification.confinement import Limits, allow_time, confine
from signing.verification.documents import GIVING_UP, quick_reading
from signing.verification.findings import Findings, Reason, Result
from signing.verification.judgement import judge
from signing.verification.transport import BrokenLineError, pack_findings, receive_frame, send_frame, unpack_case

HOUSE = Path(__file__).resolve().parents[2]


def main(control_number: int, limits: Limits) -> None:
    """The warden: for every socket handed over, fork a worker that serves it; end when the control line ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)
    control = socket.socket(fileno=control_number)
    judge(Case(b"%PDF-1.7\n", datetime(2025, 1, 1, tzinfo=UTC)))
    gc.collect()
    gc.freeze()
    while True:
        word, handles, _flags, _address = socket.recv_fds(control, 16, 1)
        if not word or not handles:
            return
        process = os.fork()
        if process == 0:
            control.close()
            serve(socket.socket(fileno=handles[0]), limits)
            os._exit(0)
        os.close(handles[0])
        control.sendall(process.to_bytes(4, "big"))


def serve(line: socket.socket, limits: Limits) -> None:
    """A worker: judge what comes until the line ends."""
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    fences = confine(limits, readable_folders())
    with quick_reading():
        while True:
            try:
                header, content = receive_frame(line)
            except (BrokenLineError, OSError):
                return
            allow_time(limits)
            answer = pack_findings(judge_safely(unpack_case(header, content)))
            send_frame(line, {**answer, "fences": fences})


def judge_safely(case: Case) -> Findings:
    """Findings whatever happens: a parser that gives up means a broken container, a lack of memory that nothing could be found out."""
    try:
        return judge(case)
    except MemoryError:
        gc.collect()
        return Findings(
            "none",
            objection=(
                Result.UNDETERMINED,
                Reason.GENERIC,
                Message("The document needs more memory than a judgement may use."),
            ),
        )
    except GIVING_UP:
        return Findings(
            "none",
            objection=(
                Result.FAILED,
                Reason.FORMAT_FAILURE,
                Message("The file is damaged or is no PDF; it cannot be read to its end."),
            ),
        )


def readable_folders() -> list[Path]:
    """Where code may still be loaded from: Python, the libraries, and the two rooms this process uses."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    rooms = [HOUSE / "foundation", HOUSE / "signing"]
    return [
        *{Path(sysconfig.get_path(name)) for name in names},
        *rooms,
        Path("/usr/lib"),
        Path("/lib"),
        Path("/usr/share/zoneinfo"),
    ]


def run(arguments: list[str]) -> None:
    """Start as `sandbox` starts us: the control line's number and the limits as JSON."""
    main(int(arguments[0]), Limits(**json.loads(arguments[1])))


if __name__ == "__main__":
    run(sys.argv[1:])
