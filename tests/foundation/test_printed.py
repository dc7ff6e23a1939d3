"""Printed pages: the same text as a template gives, whatever stands in it, and never a page that was not understood."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, nodes

import foundation
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
    """A print is made with other texts than the page's: where a template compared one, it would show what is for somebody else."""
    rooms = Path(foundation.__file__).parents[1]
    printed = {
        name
        for source in rooms.glob("*/**/*.py")
        if "tests" not in source.parts
        for name in re.findall(r'render\(\s*request, "(\w+/[\w.]+)"[^)]*printed=True', source.read_text())
    }
    assert printed == {"sso/login.html"}
    for name in printed:
        room, file = name.split("/")
        tree = Environment(extensions=["jinja2.ext.i18n"]).parse((rooms / room / "templates" / file).read_text())
        assert not [*tree.find_all((nodes.Compare, nodes.Test))]
