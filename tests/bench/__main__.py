"""`python -m tests.bench [NAME…]`: what each kind of work costs on this machine, against the budgets of the design.

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
from tests.bench.figures import MEASURES, Figure


def main(names: list[str]) -> int:
    """Measure what was asked for, or everything, and print one table."""
    logging.disable(logging.ERROR)
    for module in pkgutil.iter_modules(bench.__path__, "tests.bench."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    if unknown := [name for name in names if name not in MEASURES]:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(MEASURES)}", file=sys.stderr)
        return 64
    console = Console()
    with console.status("measuring"):
        figures = [figure for name, act in MEASURES.items() if not names or name in names for figure in act()]
    console.print(draw(figures))
    load = os.getloadavg()[0]
    console.print(f"{os.cpu_count()} processors, load {load:.1f}", style="dim")
    return 0 if all(figure.met for figure in figures) else 1


def draw(figures: list[Figure]) -> Table:
    """The table, budgets beside figures."""
    table = Table(box=None)
    table.add_column("work")
    for heading in ("measured", "budget"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for figure in figures:
        table.add_row(figure.what, f"{figure.value:,.2f} {figure.unit}", *judge(figure))
    return table


def judge(figure: Figure) -> tuple[str, str]:
    """The budget's two cells: what it is, and whether it is kept."""
    if figure.goal is None:
        return "", ""
    sign = "≤" if figure.better == "less" else "≥"
    return f"{sign} {figure.goal:,g} {figure.unit}", "[green]kept[/]" if figure.met else "[red]missed[/]"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
