"""What the verbs of a plan ask for: the file, and the plan's own digits where something cannot be taken back lightly."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.plans import Plan
from foundation.terminal import confirm_by_typing

PlanFile = Annotated[Path, typer.Argument(help="the plan file")]
DigestOption = Annotated[str | None, typer.Option("--digest", help="the first eight digits of the plan that was read")]


def confirm_digest(read: Plan, given: str | None) -> None:
    """Danger is confirmed by typing the plan that was read: its first eight digits."""
    wanted = read.digest[:8]
    confirm_by_typing(wanted, given.replace(" ", "").lower()[:8] if given is not None else None, "--digest")
