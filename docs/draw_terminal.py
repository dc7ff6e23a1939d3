"""A picture of a terminal for the docs: text on stdin becomes an SVG that needs nothing from anywhere, with the text in it.

hopnhat merger show vinh-long.plan | python docs/draw_terminal.py "hopnhat merger show vinh-long.plan" > docs/pictures/show.svg
"""

import io
import sys

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

WIDTH = 104
FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <style>
    .{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
        line-height: {line_height}px; font-variant-east-asian: full-width; }}
    .{unique_id}-title {{ font-size: 18px; font-family: "DejaVu Sans", Arial, sans-serif; }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""


def draw(text: str, title: str) -> str:
    """The SVG of these lines under a title."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    for line in text.strip("\n").splitlines():
        shown = Text(line)
        shown.highlight_regex(r"✓[^\n]*", "green")
        shown.highlight_regex(r"✗[^\n]*", "red")
        console.print(shown, soft_wrap=False)
    return console.export_svg(title=title, theme=SVG_EXPORT_THEME, code_format=FRAME, unique_id="terminal")


if __name__ == "__main__":
    sys.stdout.write(draw(sys.stdin.read(), sys.argv[1] if len(sys.argv) > 1 else "hopnhat"))
