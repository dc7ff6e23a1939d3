"""`python -m tests.bench [NAME…] [--runs N]`: what each kind of work costs on this machine, against the budgets of the design.

Exit code 1 when a budget is missed. Figures on a machine that does other work are higher by up to a half; compare within
one run.
"""

import importlib
import logging
import os
import pkgutil
import sys

from rich.console import Console
from rich.table import Table

import tests.bench as bench
from tests.bench import figures as figures_module
from tests.bench.figures import BY_NAME, MEASURES, Figure


def main(names: list[str]) -> int:
    """Measure what was asked for, or everything, and print one table."""
    logging.disable(logging.ERROR)
    if "--runs" in names:
        place = names.index("--runs")
        figures_module.RUNS = int(names[place + 1])
        names = names[:place] + names[place + 2 :]
    for module in pkgutil.iter_modules(bench.__path__, "tests.bench."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    if unknown := [name for name in names if name not in MEASURES]:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(MEASURES)}", file=sys.stderr)
        return 64
    console = Console()
    if not console.is_terminal:
        console.width = 200
    with console.status("measuring"):
        figures = [figure for name, act in MEASURES.items() if is_wanted(name, names) for figure in act()]
    console.print(draw(figures))
    load = os.getloadavg()[0]
    console.print(f"{os.cpu_count()} processors, load {load:.1f}", style="dim")
    return 0 if all(figure.met for figure in figures) else 1


def is_wanted(name: str, names: list[str]) -> bool:
    """Whether it was asked for; without any name everything that does not take long is."""
    return name in names if names else name not in BY_NAME


def draw(figures: list[Figure]) -> Table:
    """The table, budgets beside figures."""
    table = Table(box=None)
    table.add_column("work")
    for heading in ("measured", "budget"):
        table.add_column(heading, justify="right")
    table.add_column("")
    table.add_column("beside it", style="dim", max_width=60)
    for figure in figures:
        table.add_row(figure.what, f"{figure.value:,.2f} {figure.unit}", *judge(figure), figure.beside)
    return table


def judge(figure: Figure) -> tuple[str, str]:
    """The budget's two cells: what it is, and whether it is kept."""
    if figure.goal is None:
        return "", ""
    sign = "≤" if figure.better == "less" else "≥"
    return f"{sign} {figure.goal:,g} {figure.unit}", "[green]kept[/]" if figure.met else "[red]missed[/]"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
