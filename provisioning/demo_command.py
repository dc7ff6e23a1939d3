"""`hopnhat demo`: the story told on real data; with `--once` it checks itself and ends."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    context: typer.Context,
    province: Annotated[str, typer.Option(help="code of the new province whose merger is told")] = "86",
    once: Annotated[bool, typer.Option("--once", help="check everything and end instead of going on to serve")] = False,
    port: Annotated[int, typer.Option(help="port of the service; the document system takes the next one")] = 8000,
    folder: Annotated[Path, typer.Option(help="where everything is kept")] = Path("var"),
    seed: Annotated[int, typer.Option(help="another seed, another administration")] = 2025,
) -> int:
    """Three provinces become one: from rosters with faults to a verified document, with real parts, on this machine."""
    from trial.story import tell  # above all rooms: opened only when it is asked for

    return tell(folder, port, province, seed, once)
