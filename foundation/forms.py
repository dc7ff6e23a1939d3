"""What a request carries: query and form as the sender wrote them, bounded, and the token that binds a form to its
browser.

Empty parameters are absent parameters (RFC 6749 §3.1); which ones were sent twice is remembered, so that a caller
may refuse them.
"""

import hmac
import re
import secrets
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import BadInput, HopnhatError
from foundation.escapes import split_query

FORM_BYTES: Final = 64 * 1024
FORM_FIELDS: Final = 200
PROOF_FIELD: Final = "form_token"
BROWSER_COOKIE: Final = "browser"
COOKIE_VALUE: Final = re.compile(r"[A-Za-z0-9._-]+")
BROWSER_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class FormTooLarge(BadInput):
    """More bytes or fields than any form of ours has."""

    code = "form_too_large"
    status = 413
    sentence = "What was sent is too large."


class FormExpired(HopnhatError):
    """A form came back without the token of the browser it was shown to: an old page, or another site's."""

    code = "form_expired"
    status = 403
    exit_code = 77
    sentence = (
        "This page was open for too long, or your browser keeps no cookies. "
        "Please go back, load the page again and repeat the last step."
    )


class Form(dict[str, str]):
    """Parameters by name, first value, empty ones left out; `repeated` names those sent more than once. Nobody changes one."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__()
        self._pairs = pairs
        repeated = set()
        for name, value in pairs:
            if value and name in self:
                repeated.add(name)
            elif value:
                self[name] = value
        self.repeated = frozenset(repeated)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a parameter that may be sent several times, as they came."""
        return tuple(value for known, value in self._pairs if known == name and value)

    def text(self, name: str) -> str:
        """A field's text, or "" when it is absent."""
        return self.get(name, "")


def parse_pairs(text: str) -> Form:
    """A form from urlencoded text. Raises FormTooLarge, BadInput when the bytes are no UTF-8 or hold a NUL.

    No text of people holds a NUL, and PostgreSQL keeps none.
    """
    if text.count("&") >= FORM_FIELDS:
        raise FormTooLarge()
    try:
        pairs = split_query(text)
    except UnicodeError as error:
        raise BadInput("What was sent is not UTF-8 text.") from error
    if "%00" in text or "\x00" in text:
        raise BadInput("What was sent is not UTF-8 text.")
    return Form(pairs)


def read_query(request: Request) -> Form:
    """The query of a request. Raises as `parse_pairs`."""
    return parse_pairs(request.scope["query_string"].decode("utf-8", "replace"))


def parse_body(body: bytes, content_type: str) -> Form:
    """The form that an urlencoded body is. Raises BadInput when it is another kind of body."""
    if not body:
        return Form([])
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadInput("The body must be application/x-www-form-urlencoded.")
    try:
        return parse_pairs(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadInput("What was sent is not UTF-8 text.") from error


async def read_body(request: Request, limit: int) -> bytes:
    """The body of a request, at most `limit` bytes. Raises FormTooLarge before reading more."""
    chunks: list[bytes] = []
    length, announced = 0, find_length(request.headers.get("content-length"))
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise FormTooLarge()
        chunks.append(chunk)
        if length == announced:
            break  # The server lets no more through; to be told so costs two hops.
    return b"".join(chunks)


def find_length(announced: str | None) -> int | None:
    """The length of a body as its sender announces it (RFC 9110 §8.6), or None; a number nobody sends so much of is none."""
    plain = announced is not None and 0 < len(announced) < 20 and announced.isascii() and announced.isdigit()
    return int(announced) if announced is not None and plain else None


class Indexer(Protocol):
    """What makes keyed digests; the house's sealer does."""

    def blind_index(self, text: str, context: str) -> bytes:
        """A keyed digest of the text in its context."""
        ...


def cookie_name(name: str, https: bool) -> str:
    """A cookie's name: `__Host-` under https (RFC 6265bis §4.1.3.2), plain on loopback http, where browsers refuse the prefix."""
    return f"__Host-{name}" if https else name


def set_cookie(
    response: Response, name: str, value: str, https: bool, max_age: int | None = None, across_sites: bool = False
) -> None:
    """Put a cookie on an answer: whole origin, not for scripts, only over TLS where there is TLS.

    `max_age` in seconds; None: it ends with the browser. `across_sites` lets frames of other sites send it.
    """
    add_cookie(
        response,
        cookie_name(name, https),
        value,
        max_age=max_age,
        secure=https,
        httponly=True,
        samesite="none" if across_sites and https else "lax",
    )


def add_cookie(
    response: Response,
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    secure: bool,
    httponly: bool,
    samesite: str,
) -> None:
    """Put a cookie of the whole origin on an answer (RFC 6265 §4.1.1). Raises ValueError for a value that it could not carry."""
    if not COOKIE_VALUE.fullmatch(value):
        raise ValueError("A cookie of ours holds letters, digits, `-`, `_` and `.` only.")
    life = "" if max_age is None else f"; Max-Age={max_age}"
    marks = f"{'; HttpOnly' if httponly else ''}{life}; Path=/; SameSite={samesite}{'; Secure' if secure else ''}"
    response.raw_headers.append((b"set-cookie", f"{name}={value}{marks}".encode("latin-1")))


def drop_cookie(response: Response, name: str, https: bool) -> None:
    """Take a cookie from the browser."""
    response.delete_cookie(cookie_name(name, https), path="/", secure=https, httponly=True, samesite="lax")


def find_cookie(request: Request, name: str, https: bool) -> str | None:
    """A cookie's value, or None."""
    return request.cookies.get(cookie_name(name, https))


def find_browser(request: Request, https: bool) -> str | None:
    """The random id of the browser a request comes from, or None before its first form."""
    found = find_cookie(request, BROWSER_COOKIE, https)
    return found if found and BROWSER_ID.fullmatch(found) else None


def new_browser() -> str:
    """A random browser id of 256 bits."""
    return secrets.token_urlsafe(32)


def sign_browser(indexer: Indexer, browser: str) -> str:
    """The form token of a browser: a keyed digest of its id."""
    return indexer.blind_index(browser, "web.form").hex()[:48]


def check_form_token(indexer: Indexer, request: Request, form: Form, https: bool) -> None:
    """Refuse a form whose token is not that of the browser it comes from. Raises FormExpired."""
    browser = find_browser(request, https)
    sent = form.text(PROOF_FIELD).encode()
    if browser is None or not hmac.compare_digest(sent, sign_browser(indexer, browser).encode()):
        raise FormExpired()
