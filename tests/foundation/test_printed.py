"""Printed pages: the same text as a template gives, whatever stands in it, and never a page that was not understood."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, nodes

import foundation
from foundation.i18n import ROOMS
from foundation.printed import SHAPES_AT_MOST, Prints

TEMPLATES = {
    "plain": "{% if page.name %}<b title='{{ page.name }}'>{{ page.name }}</b>{% endif %}"
    "<a href='/x?b={{ page.back | urlencode }}'>{{ page.part.text }}</a>",
    "raw": "<p>{{ page.name | safe }}</p>",
    "upper": "<p>{{ page.name | upper }}</p>",
    "list": "{% for one in page.several %}<i>{{ one }}</i>{% endfor %}{{ page.name }}",
}
ENGINE = Environment(loader=DictLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True)
class Part:
    """A part of a page."""

    text: str


@dataclass(frozen=True)
class Page:
    """A page of the tests."""

    name: str | None
    back: str
    part: Part
    several: tuple[str, ...] = ()


class Press:
    """Counts how often a template is rendered."""

    def __init__(self, template: str) -> None:
        self.prints, self.template, self.times = Prints(), template, 0

    def render(self, page: object) -> str:
        """The ordinary way."""
        self.times += 1
        return ENGINE.get_template(self.template).render(page=page)

    def show(self, page: Page) -> str:
        """The printed way."""
        return self.prints.show(self.template, (page,), self.render)


PRESS = Press("plain")


@settings(max_examples=200, deadline=None)
@given(name=st.none() | st.text(), back=st.text(), text=st.text())
def test_a_printed_page_is_the_rendered_one_whatever_its_texts(name: str | None, back: str, text: str) -> None:
    page = Page(name, back, Part(text))
    assert PRESS.show(page) == ENGINE.get_template("plain").render(page=page)


def test_a_shape_is_rendered_once() -> None:
    press = Press("plain")
    for number in range(5):
        press.show(Page(f"<{number}>", "&", Part("'")))
    assert press.times == 2, "once for the print, once to try it"
    assert "&lt;7&gt;" in press.show(Page("<7>", "&", Part("'")))
    press.show(Page("", "&", Part("'")))
    press.show(Page(None, "&", Part("'")))
    assert press.times == 6


@pytest.mark.parametrize("template", ["raw", "upper"])
def test_a_text_that_is_written_in_another_way_is_rendered_each_time(template: str) -> None:
    press = Press(template)
    for name in ("eins", "zwei"):
        page = Page(name, "b", Part("t"))
        assert press.show(page) == ENGINE.get_template(template).render(page=page)


def test_a_page_with_a_list_is_rendered_each_time() -> None:
    press = Press("list")
    assert [press.show(Page("n", "b", Part("t"), (one,))) for one in "ab"] == ["<i>a</i>n", "<i>b</i>n"]


def test_no_more_shapes_are_kept_than_there_are() -> None:
    prints = Prints()
    for number in range(SHAPES_AT_MOST + 5):
        assert prints.show(number, (Part("text"),), lambda part: f"{part.text}".replace("&", "&amp;")) == "text"
    assert len(prints) == SHAPES_AT_MOST


def test_no_printed_template_asks_what_a_text_says() -> None:
    """A print is made with other texts than the page's: where a template compared one, it would show what is for somebody else.

    What belongs to a print's shape may be asked: the reader's language, and what a template tells its own macros.
    """
    rooms = Path(foundation.__file__).parents[1]
    printed = {
        name
        for room in ROOMS
        for source in (rooms / room).rglob("*.py")
        for name in re.findall(r'render\(\s*request, "(\w+/[\w.]+)"[^)]*printed=True', source.read_text())
    }
    assert printed == {"sso/login.html"}

    def read(name: str) -> nodes.Template:
        room, file = name.split("/")
        return Environment(extensions=["jinja2.ext.i18n"]).parse((rooms / room / "templates" / file).read_text())

    read_at = find_trees(sorted(printed), read)
    assert set(read_at) >= {"foundation/page.html", "foundation/fields.html", "sso/about.html", "sso/passkey_form.html"}
    assert find_asked(read_at.values()) <= {"frame.language"}


LEAKY = {
    "r/page": "{% extends 'r/around' %}{% from 'r/parts' import field %}{% block main %}{{ field('a', page.name) }}{% endblock %}",
    "r/around": "{% if frame.language == 'vi' %}{% endif %}{% block main %}{% endblock %}",
    "r/parts": "{% macro field(name, value, kind='text') %}{% if kind == 'text' and ASKED %}{{ value }}{% endif %}{% endmacro %}",
}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("name != 'b'", set()),
        ("value", set()),
        ("value == 'b'", {"value"}),
        ("value is equalto('b')", {"value"}),
        ("frame.here == '/'", {"frame.here"}),
        ("page.name == 'b'", {"page.name"}),
    ],
)
def test_what_a_template_asks_is_found_in_all_it_is_made_of(asked: str, found: set[str]) -> None:
    def read(name: str) -> nodes.Template:
        return Environment().parse(LEAKY[name].replace("ASKED", asked))

    assert find_asked(find_trees(["r/page"], read).values()) == {"frame.language", *found}


def find_trees(names: Sequence[str], read: Callable[[str], nodes.Template]) -> dict[str, nodes.Template]:
    """These templates and all they are made of, by name."""
    found: dict[str, nodes.Template] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = read(name)
            for part in found[name].find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
                assert isinstance(part, (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
                waiting.append(part.template.as_const())
    return found


def find_asked(trees: Iterable[nodes.Template]) -> set[str]:
    """What these templates compare or test: each name but those of a macro's words that every call gives as they stand there."""
    every = list(trees)
    calls = [call for tree in every for call in tree.find_all(nodes.Call)]
    found: set[str] = set()
    for tree in every:
        fixed = {id(name) for macro in tree.find_all(nodes.Macro) for name in find_fixed(macro, calls)}
        for question in tree.find_all((nodes.Compare, nodes.Test)):
            asked = [*question.find_all((nodes.Name, nodes.Getattr))]
            inner = {id(one.node) for one in asked if isinstance(one, nodes.Getattr)}
            found |= {tell(one) for one in asked if id(one) not in inner and id(one) not in fixed}
    return found


def find_fixed(macro: nodes.Macro, calls: Sequence[nodes.Call]) -> Iterator[nodes.Name]:
    """Where a macro uses a word of its own that is a constant in every call."""
    words = [word.name for word in macro.args]
    given: dict[str, list[nodes.Expr]] = {word: [] for word in words}
    for call in calls:
        if isinstance(call.node, nodes.Name) and call.node.name == macro.name:
            for word, value in [*zip(words, call.args, strict=False), *((one.key, one.value) for one in call.kwargs)]:
                given[word].append(value)
    constant = {word for word, values in given.items() if all(isinstance(value, nodes.Const) for value in values)}
    for name in macro.find_all(nodes.Name):
        if name.name in constant:
            yield name


def tell(asked: nodes.Node) -> str:
    """A name as the template has it: page.name."""
    return f"{tell(asked.node)}.{asked.attr}" if isinstance(asked, nodes.Getattr) else getattr(asked, "name", "?")
