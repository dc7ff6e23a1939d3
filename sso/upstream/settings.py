"""The providers we let vouch: a file beside the settings, one table each, read and checked once at start."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from foundation.complaints import complain, tell_why
from foundation.i18n import _
from foundation.settings import Section


class UpstreamProvider(BaseModel):
    """One provider, as it was agreed with whoever runs it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    """Stands in addresses and in the audit; never changes."""
    title: str = Field(min_length=1, max_length=60)
    """What people read on the button."""
    issuer: str = Field(pattern=r"^https?://[^?#\s]+[^/?#\s]$")
    """Exactly as its tokens have it (`iss`)."""
    client_id: str = Field(min_length=1)
    secret_file: Path
    """File with the secret it gave us, mode 0600."""
    scopes: tuple[str, ...] = ("openid",)
    log_out: bool = True
    """Whether who logs out here is offered to log out there, too; it must know our /logout as an address to go back to."""

    @field_validator("secret_file")
    @classmethod
    def check_secret(cls, place: Path) -> Path:
        """Refuse a file that is not there."""
        if not place.is_file():
            raise complain(_("{file} is not there"), file=place)
        return place

    @property
    def secret(self) -> str:
        """The secret as the file has it now, so that it can be changed without a restart."""
        return self.secret_file.read_text(encoding="utf-8").strip()

    @property
    def path(self) -> str:
        """Where its answers come: an address of its own, so that no other provider's answer is taken for one of its (RFC 9700 §4.4.2.2)."""
        return f"/login/upstream/{self.name}/answer"


class UpstreamSection(Section):
    """Providers of other administrations that people may come in by, after they have linked them; none without a file."""

    name: ClassVar[str] = "upstream"
    file: Path | None = None
    """TOML file with a table [[provider]] each: name, title, issuer, client_id, secret_file, scopes, log_out. Their hosts must stand in
    `fetch_hosts` under [sso]."""

    @cached_property
    def providers(self) -> tuple[UpstreamProvider, ...]:
        """The providers of the file, in its order."""
        return read_providers(self.file) if self.file is not None else ()

    def find(self, name: str) -> UpstreamProvider | None:
        """The provider of this name."""
        return next((one for one in self.providers if one.name == name), None)

    @model_validator(mode="after")
    def check_file(self) -> Self:
        """Refuse a file that cannot be read, at start."""
        if self.file is not None:
            read_providers(self.file)
        return self


def read_providers(file: Path) -> tuple[UpstreamProvider, ...]:
    """What a file names. Raises PydanticCustomError with every complaint."""
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        found = tuple(UpstreamProvider.model_validate(table) for table in written.pop("provider", []))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise complain(_("{file}: {why}"), file=file, why=tell_why(error)) from error
    if written:
        raise complain(_("{file}: unknown: {words}"), file=file, words=", ".join(written))
    for what in ("name", "issuer"):
        if len({getattr(one, what) for one in found}) != len(found):
            raise complain(_("{file}: two providers with the same {what}"), file=file, what=what)
    return found
