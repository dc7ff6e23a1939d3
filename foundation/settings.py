"""Settings: few, nested, frozen, read once at start; every complaint is made at once.

A room describes its own part as a `Section`; the edge that starts the product names all sections. Values come from the
environment (`HOPNHAT_SECTION__FIELD`, `HOPNHAT_ISSUER`, …), then from the first TOML file found, then from the defaults here.
"""

import ast
import inspect
import os
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic import Field as Field

from foundation.complaints import complain, describe_each
from foundation.errors import BadInput
from foundation.i18n import Message, Messages, _

NOT_SETTINGS = ("HOPNHAT_CONFIG", "HOPNHAT_TOKEN_FILE", "HOPNHAT_LANG")
PLACES = (Path("var/hopnhat.toml"), Path("/etc/hopnhat/hopnhat.toml"))


class Section(BaseModel):
    """One room's part of the settings file; `name` is its TOML table."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    name: ClassVar[str]

    @field_validator("*", mode="before")
    @classmethod
    def read_nothing(cls, value: Any, info: ValidationInfo) -> Any:
        """An empty text is nothing where nothing is the default: so the sample file writes it."""
        field = cls.model_fields.get(info.field_name or "")
        return None if value == "" and field is not None and field.default is None else value


S = TypeVar("S", bound=Section)


class SettingsRefused(BadInput):
    """The settings cannot be used; the sentence lists every complaint."""

    code = "settings_refused"
    sentence = "The settings cannot be used: {complaints}"


class CoreSettings(Section):
    """What every room needs."""

    name = ""
    issuer: str = "http://127.0.0.1:8000"
    """Address of the service as its users see it, without a trailing slash; every link is built from it. Plain http only on loopback."""
    database: str = "sqlite:///var/hopnhat.sqlite"
    """SQLAlchemy address of the register: sqlite:///path or postgresql+psycopg://…"""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses (or networks) of proxies whose forwarded headers are believed; all others are stripped."""
    proxy_secret: Path | None = None
    """File with a secret of at least 32 characters that a trusted proxy must show in the header Hopnhat-Proxy of each request, or it is
    none; without one its address alone tells, which every user of its machine has. Not asked for at the service's own socket."""
    data: Path = Path("var")
    """Folder of keys, spool files and sealed audit heads."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """Zone of dates written without an offset."""
    language: str = "vi"
    """Language of pages and letters where the reader has not chosen: vi or en."""
    title: str = "Hợp Nhất"
    """Name of the administration, above every page and letter."""
    hotline: str = "1900 0000"
    """Telephone number named on every page where somebody may be stuck."""

    @field_validator("issuer")
    @classmethod
    def check_issuer(cls, issuer: str) -> str:
        """Refuse an issuer that is no origin, or plain http off loopback (OpenID Connect Discovery 1.0 §3)."""
        parts = urlsplit(issuer)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise complain(_("must be an http(s) address without query or fragment"))
        if issuer.endswith("/"):
            raise complain(_("must not end with a slash"))
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise complain(_("plain http is allowed on loopback only"))
        return issuer

    @field_validator("timezone")
    @classmethod
    def check_zone(cls, zone: str) -> str:
        """Refuse a zone the machine does not know."""
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise complain(_("is not a time zone")) from error
        return zone

    @field_validator("language")
    @classmethod
    def check_language(cls, language: str) -> str:
        """Refuse a language without a catalogue."""
        if language not in ("vi", "en"):
            raise complain(_("must be vi or en"))
        return language


class Settings:
    """All sections, read once. `settings[SectionClass]` gives a room its part; core fields are attributes."""

    def __init__(
        self, core: CoreSettings, sections: Mapping[type[Section], Section], source: Path | None = None
    ) -> None:
        self._sections = dict(sections)
        self.core = core
        self.source = source
        self.issuer = core.issuer
        self.database = core.database
        self.trusted_proxies = core.trusted_proxies
        self.proxy_secret = core.proxy_secret
        self.data = core.data
        self.zone = ZoneInfo(core.timezone)
        self.language = core.language
        self.title = core.title
        self.hotline = core.hotline

    def __getitem__(self, section: type[S]) -> S:
        found = self._sections.get(section)
        if found is None:
            found = self._sections[section] = section()
        assert isinstance(found, section)
        return found

    @property
    def keys(self) -> Path:
        """Folder of secret keys (0700), apart from the database."""
        return self.data / "keys"


def find_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file in force: --config, $HOPNHAT_CONFIG, ./var/hopnhat.toml, /etc/hopnhat/hopnhat.toml.

    Raises SettingsRefused when a file was named and is not there.
    """
    named = config or (Path(environ["HOPNHAT_CONFIG"]) if environ.get("HOPNHAT_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise SettingsRefused("The settings file {file} is not there.", file=str(named))
        return named
    return next((place for place in PLACES if place.is_file()), None)


def load_settings(
    sections: Sequence[type[Section]] = (), config: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Settings from file and environment, checked whole. Raises SettingsRefused with all complaints together."""
    env = os.environ if environ is None else environ
    source = find_file(config, env)
    written: dict[str, Any] = {}
    if source is not None:
        try:
            written = tomllib.loads(source.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsRefused("{file} is not TOML: {why}", file=str(source), why=str(error)) from error
    return build_settings(written, sections, env, source)


def build_settings(
    written: Mapping[str, Any],
    sections: Sequence[type[Section]] = (),
    environ: Mapping[str, str] | None = None,
    source: Path | None = None,
) -> Settings:
    """Settings from plain values; tests call this and never touch the environment. Raises SettingsRefused."""
    tables = {section.name: section for section in sections}
    values, complaints = gather_values(written, tables, environ or {})
    built: dict[type[Section], Section] = {}
    known: dict[str, type[Section]] = {"": CoreSettings, **tables}
    for name, section in known.items():
        try:
            built[section] = section(**values.get(name, {}))
        except ValidationError as error:
            complaints += describe_each(error, *([name] if name else ()))
    if complaints:
        raise SettingsRefused(complaints=Messages(tuple(complaints)))
    core = built.pop(CoreSettings)
    assert isinstance(core, CoreSettings)
    return Settings(core, built, source)


def gather_values(
    written: Mapping[str, Any], tables: Mapping[str, type[Section]], environ: Mapping[str, str]
) -> tuple[dict[str, dict[str, Any]], list[Message]]:
    """Values by section name ("" is the core), environment over file; and what stands in neither's vocabulary."""
    values: dict[str, dict[str, Any]] = {"": {}}
    complaints = []
    for key, value in written.items():
        if isinstance(value, dict):
            if key in tables:
                values[key] = dict(value)
            else:
                complaints.append(Message("[{section}] is not a section", {"section": key}))
        else:
            values[""][key] = value
    for key, text in environ.items():
        if not key.startswith("HOPNHAT_") or key in NOT_SETTINGS:
            continue
        section, _dots, field = key.removeprefix("HOPNHAT_").lower().rpartition("__")
        if section and section not in tables:
            complaints.append(Message("{variable} names no section", {"variable": key}))
            continue
        values.setdefault(section, {})[field] = text.split(",") if field == "trusted_proxies" else text
    return values, complaints


def sample_file(sections: Sequence[type[Section]]) -> str:
    """A commented TOML file with every field, its meaning and its default; generated, never kept by hand."""
    blocks = []
    every: list[type[Section]] = [CoreSettings, *sections]
    for section in every:
        lines = [f"[{section.name}]"] if section.name else []
        meanings = describe_fields(section)
        for name, field in section.model_fields.items():
            lines += [f"# {line}" for line in meanings.get(name, "").splitlines()]
            lines.append(f"# {name} = {as_toml(field.get_default(call_default_factory=True))}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def describe_fields(section: type[Section]) -> dict[str, str]:
    """What the words under each field say. Read from the source only where a sample is wanted: no start waits for it."""
    (declared,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    assert isinstance(declared, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(words.value.value)
        for field, words in pairwise(declared.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(words, ast.Expr)
        and isinstance(words.value, ast.Constant)
        and isinstance(words.value.value, str)
    }


def as_toml(value: object) -> str:
    """A default as TOML text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(as_toml(item) for item in value) + "]"
    text = "" if value is None else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
