"""A person with a browser and nothing else: follows redirects, fills in forms, reads pages. No JavaScript."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import httpx

from foundation.errors import OurFault


class PageUnexpected(OurFault):
    """A page was not the one the story needs."""

    code = "page_unexpected"
    sentence = "The page at {address} has no {what}: {text}"


@dataclass
class HtmlForm:
    """A form as it stands in a page."""

    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    multipart: bool = False


class PageReader(HTMLParser):
    """The forms, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[HtmlForm] = []
        self.links: dict[str, str] = {}
        self.words: list[str] = []
        self.ids: set[str] = set()
        self.data: dict[str, str] = {}
        self._silent = 0
        self._link: str | None = None
        self._select: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect forms, fields and links."""
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "main":
            self.data = {
                name.removeprefix("data-"): value for name, value in attributes.items() if name.startswith("data-")
            }
        if tag in ("style", "script"):
            self._silent += 1
        elif tag == "a":
            self._link = attributes.get("href")
        elif tag == "form":
            multipart = attributes.get("enctype", "") == "multipart/form-data"
            self.forms.append(
                HtmlForm(attributes.get("action", ""), attributes.get("method", "get").lower(), multipart=multipart)
            )
        elif self.forms:
            self._read_field(tag, attributes)

    def _read_field(self, tag: str, attributes: dict[str, str]) -> None:
        """One input, button, select or text area of the form at hand."""
        form, name, kind = self.forms[-1], attributes.get("name", ""), attributes.get("type", "text")
        if tag == "button" or (tag == "input" and kind == "submit"):
            form.buttons[attributes.get("id") or attributes.get("value", "")] = (name, attributes.get("value", ""))
        elif tag == "input" and kind == "file":
            form.files.append(name)
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in attributes):
            form.values[name] = attributes.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in attributes or self._select not in form.values):
            form.values[self._select] = attributes.get("value", "")
        elif tag == "textarea" and name:
            form.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave what is silent."""
        if tag in ("style", "script"):
            self._silent -= 1
        elif tag == "a":
            self._link = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        """The words people see."""
        if self._silent:
            return
        words = " ".join(data.split())
        if words:
            self.words.append(words)
            if self._link:
                self.links.setdefault(words, self._link)

    @property
    def text(self) -> str:
        """All words of the page."""
        return " ".join(self.words)


class Visitor:
    """One browser with its own cookies."""

    def __init__(self) -> None:
        self.http = httpx.Client(follow_redirects=True, timeout=30, trust_env=False)
        self.address = ""
        self.status = 0
        self.page = PageReader("")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def open(self, address: str) -> PageReader:
        """Go there and read where it leads."""
        return self._read(self.http.get(urljoin(self.address, address)))

    def submit(self, values: dict[str, str], *, having: str, button: str | None = None,
               files: dict[str, tuple[str, bytes]] | None = None) -> PageReader:  # fmt: skip
        """Fill in the form that has this field (or button id) and send it."""
        form = self.find_form(having)
        content = form.values | values
        if button is not None and button in form.buttons and form.buttons[button][0]:
            content[form.buttons[button][0]] = form.buttons[button][1]
        target = urljoin(self.address, form.action or self.address)
        if form.method == "get":
            return self._read(self.http.get(target, params=content))
        return self._read(self.http.post(target, data=content, files=files))

    def find_form(self, having: str) -> HtmlForm:
        """The first form with this field, button id or file field. Raises PageUnexpected."""
        for form in self.page.forms:
            if having in form.values or having in form.buttons or having in form.files:
                return form
        raise PageUnexpected(address=self.address, what=having, text=self.page.text[:300])

    def expect(self, words: str) -> None:
        """Refuse a page without these words. Raises PageUnexpected."""
        if words not in self.page.text:
            raise PageUnexpected(address=self.address, what=f"“{words}”", text=self.page.text[:600])

    def log_in(self, login: str, password: str) -> PageReader:
        """The log-in page at hand."""
        return self.submit({"login": login, "password": password}, having="password")

    def activate(self, address: str, login: str, code: str, password: str) -> PageReader:
        """The activation page, with a letter in the hand."""
        self.open(address)
        return self.submit(
            {"login": login, "code": code, "new_password": password, "new_password_again": password},
            having="new_password",
        )

    def _read(self, response: httpx.Response) -> PageReader:
        self.address, self.status = str(response.url), response.status_code
        self.page = PageReader(response.text)
        return self.page
