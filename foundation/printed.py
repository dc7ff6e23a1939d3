"""Pages that are asked for at every log-in: rendered once for each shape, and after that only their texts are put in.

A page's shape is everything but its texts: template, language, which texts are empty, and what surrounds it here. The template is
rendered with marks in the place of texts; where a mark comes out escaped, or escaped for an address, the text goes in just so. A page
on which a text comes out in any other way, or that holds lists, is rendered as every other. A template that is printed may ask whether
a text is there, and never what it says.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass, replace
from itertools import count
from typing import Any, Final

from markupsafe import escape

from foundation.escapes import write_address

SHAPES_AT_MOST: Final = 200
SECRET: Final = f"zq{secrets.token_hex(8)}"
"""What no text of ours holds."""
TRIED: Final = "aB {}<&'\"é/?" + "dài " * 100
MARK: Final = re.compile(rf"{SECRET}n(\d+)(&amp;|%26)z")
WRITTEN: Final[dict[str, Callable[[str], str]]] = {
    "&amp;": lambda text: str(escape(text)),
    "%26": lambda text: str(escape(write_address(text))),
}
"""By what became of a mark's sign."""


class Unprintable(Exception):
    """This page has to be rendered anew each time."""


@dataclass(frozen=True)
class Print:
    """A rendered page with places for its texts."""

    literals: tuple[str, ...]
    places: tuple[tuple[int, Callable[[str], str]], ...]

    def fill(self, texts: Sequence[str]) -> str:
        """The page with these texts."""
        parts = [self.literals[0]]
        for (number, write), literal in zip(self.places, self.literals[1:], strict=True):
            parts += (write(texts[number]), literal)
        return "".join(parts)


class Prints:
    """The prints of a process."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Print | None] = {}

    def __len__(self) -> int:
        return len(self._known)

    def show(self, around: Hashable, values: Sequence[object], render: Callable[..., str]) -> str:
        """The page that `render` gives for the values: dataclasses whose texts vary. `around`: whatever else it depends on."""
        texts: list[str] = []
        try:
            shape = (around, tuple(sort_out(value, texts) for value in values))
        except Unprintable:
            return render(*values)
        if shape not in self._known:
            if len(self._known) >= SHAPES_AT_MOST:
                return render(*values)
            self._known[shape] = make_print(values, render)
        found = self._known[shape]
        return found.fill(texts) if found is not None else render(*values)


def sort_out(value: object, texts: list[str]) -> Hashable:
    """The shape of a value; its texts are added to the list. Raises Unprintable."""
    if isinstance(value, str):
        if value:
            texts.append(value)
        return bool(value)
    if value is None or isinstance(value, (bool, int)) or value == ():
        return (type(value), value)
    if is_dataclass(value):
        return (type(value), tuple(sort_out(part, texts) for part in vars(value).values()))
    raise Unprintable()


def make_print(values: Sequence[object], render: Callable[..., str]) -> Print | None:
    """The print of a shape, or None where its texts come out in another way than those known: tried with texts of every kind of sign."""
    pieces = MARK.split(render(*put_each(values, f"{SECRET}n{{}}&z")))
    places = tuple((int(number), WRITTEN[sign]) for number, sign in zip(pieces[1::3], pieces[2::3], strict=True))
    made, tried = Print(tuple(pieces[::3]), places), put_each(values, TRIED)
    texts: list[str] = []
    for value in tried:
        sort_out(value, texts)
    return made if made.fill(texts) == render(*tried) else None


def put_each(values: Sequence[object], pattern: str) -> list[object]:
    """The values with texts of this pattern, numbered in the order of `sort_out`, in the place of theirs."""
    numbered = (pattern.replace("{}", str(number)) for number in count())
    return [put_marks(value, numbered) for value in values]


def put_marks(value: Any, marks: Iterator[str]) -> Any:
    """The value with marks in the place of its texts, in the order of `sort_out`."""
    if isinstance(value, str):
        return next(marks) if value else value
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{name: put_marks(part, marks) for name, part in vars(value).items()})
    return value


PRINTS: Final = Prints()
