"""`hopnhat demo`: the story told on real data; with `--once` it checks itself and ends."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    context: typer.Context,
    province: Annotated[str, typer.Option(help="code of the new province whose merger is told")] = "86",
    country: Annotated[
        bool, typer.Option("--country", help="all 34 provinces at once: 10,040 communes, about 290,000 officials")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="check everything and end instead of going on to serve")] = False,
    port: Annotated[int, typer.Option(help="port of the service; the document system takes the next one")] = 8000,
    folder: Annotated[Path, typer.Option(help="where everything is kept")] = Path("var"),
    database: Annotated[
        str | None, typer.Option(help="an empty PostgreSQL database, postgresql://…; SQLite in the folder by default")
    ] = None,
    seed: Annotated[int, typer.Option(help="another seed, another administration")] = 2025,
) -> int:
    """Provinces become one: from rosters with faults to a verified document, with real parts, on this machine."""
    # Above all rooms: opened only when it is asked for.
    from trial.generator import all_provinces
    from trial.story import tell

    return tell(folder, port, all_provinces() if country else (province,), seed, once, database)
