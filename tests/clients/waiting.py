"""Until a program that was started is there, or has ended."""

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx

PAUSE = 0.1


def wait_for(is_there: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Until it is there. Raises AssertionError with its log when it ended, or does not come."""
    end = time.monotonic() + seconds
    while not is_there():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(PAUSE)


def listens(port: int) -> Callable[[], bool]:
    """Somebody listens on this port of the loopback; the first answer may still take its time."""

    def look() -> bool:
        with socket.socket() as door:
            return door.connect_ex(("127.0.0.1", port)) == 0

    return look


def answers(address: str, status: int | None = None) -> Callable[[], bool]:
    """There is an answer at this address: with this status, or any."""

    def look() -> bool:
        try:
            given = httpx.get(address).status_code
        except httpx.HTTPError:
            return False
        return status in (None, given)

    return look
