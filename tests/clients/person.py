"""Somebody at a browser without scripts: follows where an application sends them, logs in where asked, says yes."""

import html
import re
from urllib.parse import urljoin, urlsplit

import httpx

from tests.sso.flow import form_of
from tests.sso.people import PASSWORD

LOGIN = "hoa.lt"
STEPS = 20


class Person:
    """One browser of one official; cookies stay from step to step."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.http = httpx.Client(headers={"Accept": "text/html", "Accept-Language": "en"}, timeout=20)

    def follow(self, address: str, until: str) -> str:
        """The address of the application the browser is sent back to, which begins with `until` and is not opened."""
        reply = self.http.get(address)
        for _step in range(STEPS):
            location = self.next_of(reply)
            if location is None:
                raise AssertionError(f"{reply.url} {reply.status_code}: {reply.text[:2000]}")
            if location.startswith(until):
                return location
            reply = self.http.get(location)
        raise AssertionError(f"no end of redirects at {address}")

    def open(self, address: str) -> httpx.Response:
        """The page one comes to in the end."""
        reply = self.http.get(address)
        for _step in range(STEPS):
            location = self.next_of(reply)
            if location is None:
                return reply
            reply = self.http.get(location)
        raise AssertionError(f"no end of redirects at {address}")

    def next_of(self, reply: httpx.Response) -> str | None:
        """Where a reply leads: by redirect, or by what is filled in on a page of the provider; None for any other page."""
        if reply.is_redirect:
            return urljoin(str(reply.url), reply.headers["location"])
        path = urlsplit(str(reply.url)).path
        if not str(reply.url).startswith(self.issuer) or path not in ("/login", "/consent"):
            return None
        answers = {
            "/login": {"login": LOGIN, "password": PASSWORD},
            "/consent": {"answer": "accept"},
        }
        posted = self.http.post(str(reply.url), data={**form_of(reply), **answers[path]})
        return self.next_of(posted) if posted.is_redirect else None

    def allow_device(self, user_code: str) -> None:
        """Type the code a device shows, look, and allow it."""
        page = self.open(f"{self.issuer}/device?user_code={user_code}")
        shown = self.http.post(f"{self.issuer}/device", data={**form_of(page), "user_code": user_code})
        done = self.http.post(f"{self.issuer}/device", data={**form_of(shown), "answer": "accept"})
        assert "device-done" in done.text or done.is_redirect, done.text

    def log_out(self) -> None:
        """At the provider, with its question."""
        page = self.http.get(f"{self.issuer}/logout")
        self.http.post(f"{self.issuer}/logout", data={**form_of(page), "answer": "log-out"})


def text_of(page: httpx.Response) -> str:
    """A page's words."""
    return html.unescape(re.sub(r"<[^>]+>", " ", page.text))
