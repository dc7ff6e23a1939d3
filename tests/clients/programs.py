"""Programs in languages of their own, spoken with in lines of JSON: what they are told on stdin, what they say on stdout."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

KEPT = Path(__file__).resolve().parents[2] / ".clients"
HERE = Path(__file__).parent


class Program:
    """One run of a program; it ends with the block. Raises AssertionError with what it complained of."""

    def __init__(self, words: Sequence[str | Path], folder: Path, told: object) -> None:
        if not KEPT.is_dir():
            raise AssertionError("These programs are fetched first: run `make clients`.")
        self.process = subprocess.Popen(
            [str(word) for word in words],
            cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.tell(told)

    def tell(self, value: object) -> None:
        """One line to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        """One line of it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            _out, complaint = self.process.communicate(timeout=20)
            raise AssertionError(f"the program ended: {complaint}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.kill()
        self.process.communicate()
