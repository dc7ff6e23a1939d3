"""Pages: a template, one small frozen dataclass, and what surrounds every page (title, emblem, hotline, language,
request id).

Templates decide nothing and escape everything. A room keeps its own in `<room>/templates/` and names them
`<room>/<file>`; all extend `foundation/page.html`. `render` makes the form token and the browser cookie it is bound
to where the page has a form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from jinja2 import BaseLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from foundation.assets import Assets
from foundation.forms import BROWSER_COOKIE, find_browser, find_cookie, new_browser, set_cookie, sign_browser
from foundation.frame import PagePolicy
from foundation.i18n import (
    HOUSE,
    ROOMS,
    choose_language,
    find_sentence,
    format_day,
    format_instant,
    show_value,
    translate,
)
from foundation.printed import PRINTS
from foundation.runtime import Runtime
from foundation.settings import Settings
from foundation.web_section import WebSection

LANGUAGE_COOKIE = "language"


@dataclass(frozen=True)
class FieldError:
    """One thing to mend: the input it belongs to and the sentence, in English, as key of the catalogue."""

    input: str
    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


@cache
def open_templates() -> Environment:
    """The template engine over all rooms: everything escaped, an unknown name is an error."""
    rooms: dict[str, BaseLoader] = {room: FileSystemLoader(HOUSE / room / "templates") for room in ROOMS}
    return Environment(
        loader=PrefixLoader(rooms),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def find_language(request: Request, settings: Settings) -> str:
    """The language of the answer: the reader's choice, `ui_locales` of this request, the browser's, the administration's."""
    chosen = find_cookie(request, LANGUAGE_COOKIE, is_https(settings))
    # Hardly any request names one, and reading the whole query again takes longer than all of this.
    named = request.query_params.get("ui_locales") if b"ui_locales" in request.scope["query_string"] else None
    wishes = (chosen, named)
    return choose_language(wishes, request.headers.get("accept-language"), settings.language)


def is_https(settings: Settings) -> bool:
    """Whether people reach the service over TLS; decides the cookies' names and flags."""
    return settings.issuer.startswith("https:")


def render(
    request: Request,
    template: str,
    page: object,
    *,
    status: int = 200,
    form_targets: tuple[str, ...] = (),
    scripts: bool = False,
    frames: tuple[str, ...] = (),
    framed: bool = False,
    printed: bool = False,
) -> HTMLResponse:
    """A page as an answer. `form_targets`: origins a form of it may end at by redirects; `scripts`: it carries modules with the nonce;
    `frames`: origins it shows in frames; `framed`: other sites may show it in one; `printed`: it is asked for so often that what
    never changes of it is kept (`foundation.printed`).
    """
    runtime: Runtime = request.app.state.runtime
    assets: Assets = request.app.state.assets
    https = is_https(runtime.settings)
    language = find_language(request, runtime.settings)
    policy = PagePolicy(form_targets=form_targets, scripts=scripts, frames=frames, framed=framed)
    request.state.policy = policy
    known = find_browser(request, https)
    browser = known or getattr(request.state, "browser", None) or new_browser()
    frame = build_frame(request, runtime, assets, language, policy.nonce, sign_browser(runtime.sealer, browser))

    def write(page: object, frame: Frame) -> str:
        """The page's text."""
        spoken = words(language, runtime.settings)
        return open_templates().get_template(template).render(page=page, frame=frame, **spoken)

    if printed:
        visit = Visit(frame.request_id, frame.nonce, frame.form_token, frame.here)
        around = (template, *(value for name, value in vars(frame).items() if name not in VISIT))
        text = PRINTS.show(around, (page, visit), lambda page, visit: write(page, replace(frame, **vars(visit))))
    else:
        text = write(page, frame)
    response = HTMLResponse(text, status)
    response.headers["Content-Language"] = language
    if known is None:
        set_cookie(response, BROWSER_COOKIE, browser, https)
    return response


@dataclass(frozen=True)
class Frame:
    """What surrounds every page."""

    language: str
    title: str
    subtitle: str
    hotline: str
    request_id: str
    nonce: str
    form_token: str
    here: str
    style: str
    emblem: str
    comfort: str
    passkeys: str
    fonts: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """What of a frame is another at each request."""

    request_id: str
    nonce: str
    form_token: str
    here: str


VISIT: Final = frozenset(Visit.__annotations__)


def build_frame(request: Request, runtime: Runtime, assets: Assets, language: str, nonce: str, token: str) -> Frame:
    """The frame of one page."""
    settings = runtime.settings
    query = request.scope["query_string"].decode("latin-1")
    here = request.scope["path"] + (f"?{query}" if query else "")
    return Frame(
        language=language,
        title=settings.title,
        subtitle=settings[WebSection].subtitle,
        hotline=settings.hotline,
        request_id=request.state.request_id,
        nonce=nonce,
        form_token=token,
        here=here if len(here) < 4000 else "/",
        style=assets.address("hopnhat.css"),
        emblem=assets.address("emblem"),
        comfort=assets.address("comfort.js"),
        passkeys=assets.address("passkeys.js"),
        fonts=(
            assets.address("fonts/be-vietnam-pro-latin-400-normal.woff2"),
            assets.address("fonts/be-vietnam-pro-vietnamese-400-normal.woff2"),
        ),
    )


def words(language: str, settings: Settings) -> dict[str, object]:
    """What templates speak with: `_` a sentence, `rich` a sentence with marks of ours and escaped values, `day`, `instant`."""

    def say(message: str, **values: object) -> str:
        return translate(language, message, **values)

    def rich(message: str, **values: object) -> Markup:
        return Markup(find_sentence(language, message)).format(
            **{name: show_value(language, value) for name, value in values.items()}
        )

    return {
        "_": say,
        "rich": rich,
        "day": lambda value: format_day(language, value),
        "instant": lambda value: format_instant(language, value, settings.zone),
    }
