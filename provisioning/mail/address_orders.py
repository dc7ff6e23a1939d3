"""The order that gives new addresses: a template, the domains of units, until when the old addresses go on. Pure.

```yaml
format: hopnhat-addresses/1
title: Địa chỉ thư điện tử công vụ tỉnh Vĩnh Long
decision: {number: 12/QĐ-UBND, date: 2025-06-25, issuer: UBND tỉnh Vĩnh Long}
effective: 2025-07-01T00:00:00+07:00
old_until: 2026-06-30
template: "{login}@{domain}"
domains:
  - {unit: H61, domain: vinhlong.gov.vn}
  - {unit: H61.101, domain: anhoi.vinhlong.gov.vn, template: "{given}.{initials}@{domain}"}
```
"""

import string
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from foundation.clocks import VIETNAM, parse_instant
from foundation.complaints import complain, describe_all
from foundation.errors import BadInput
from foundation.i18n import _
from foundation.mishaps import build_refusal
from provisioning.mail.addresses import LABEL, is_address

FIELDS: Final = frozenset({"login", "given", "initials", "family", "middle", "unit", "domain"})
DOMAIN: Final = rf"^{LABEL}(\.{LABEL})+$"
LARGEST: Final = 1_000_000


class OrderFaulty(BadInput):
    """The order cannot be read; every fault is named with its place."""

    code = "address_order_faulty"
    sentence = "{file} cannot be used: {faults}"


def read_moment(value: object) -> object:
    """A bare date is midnight in Viet Nam; a time without an offset is taken there too."""
    zone: ZoneInfo = VIETNAM
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone).astimezone(UTC)
    if isinstance(value, str):
        try:
            return parse_instant(value, zone)
        except BadInput as error:
            raise complain(error.message, **error.values) from error
    return value


Moment = Annotated[datetime, BeforeValidator(read_moment)]


class Strict(BaseModel):
    """A part of the order: nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Decision(Strict):
    """The legal act."""

    number: str
    date: date
    issuer: str


class Domain(Strict):
    """The domain of a unit and of everything under it that has none of its own."""

    unit: str
    """Code of the unit."""
    domain: str = Field(pattern=DOMAIN)
    """The domain after the @, in lower case."""
    template: str | None = None
    """Another template for this unit."""

    @field_validator("unit", mode="before")
    @classmethod
    def read_code(cls, value: object) -> object:
        """Codes written as numbers are text."""
        return str(value) if isinstance(value, int) else value


def check_template(template: str) -> str:
    """Refuse a template with unknown fields, without the domain, or that can give no address."""
    try:
        named = {field for _text, field, _spec, _conversion in string.Formatter().parse(template) if field is not None}
    except ValueError as error:
        raise complain(_("The template cannot be read: {problem}"), problem=str(error)) from error
    if unknown := named - FIELDS:
        raise complain(_("The template names what is not known: {fields}"), fields=", ".join(sorted(unknown)))
    if not template.endswith("@{domain}") or not named & {"login", "given", "family"}:
        raise complain(_("The template must name the person and end with @{domain}."), domain="{domain}")
    if not is_address(template.format(**dict.fromkeys(FIELDS, "x")).replace("@x", "@x.vn")):
        raise complain(_("The template gives no address."))
    return template


class AddressOrder(Strict):
    """The whole order."""

    format: Literal["hopnhat-addresses/1"]
    title: str = Field(min_length=1)
    decision: Decision | None = None
    effective: Moment
    """From when the new addresses are theirs."""
    old_until: Moment
    """Until when the old ones are delivered and open the door."""
    template: str = "{login}@{domain}"
    """How an address is made: {login} {given} {initials} {family} {middle} {unit} {domain}."""
    keep: bool = True
    """Whether somebody whose address lies in the domain already keeps it."""
    domains: tuple[Domain, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """Refuse an end before the beginning, units named twice, and templates that cannot work."""
        if self.old_until <= self.effective:
            raise complain(_("“old_until” must lie after “effective”."))
        if len({one.unit for one in self.domains}) != len(self.domains):
            raise complain(_("A unit stands twice."))
        for template in (self.template, *(one.template for one in self.domains if one.template)):
            check_template(template)
        return self


def read_order(path: Path) -> AddressOrder:
    """The order in this file. Raises OrderFaulty."""
    try:
        if path.stat().st_size > LARGEST:
            raise OrderFaulty(file=path.name, faults=f"> {LARGEST} bytes")
        content: Any = yaml.safe_load(path.read_text("utf-8"))
        return AddressOrder.model_validate(content)
    except ValidationError as error:
        raise OrderFaulty(file=path.name, faults=describe_all(error)) from error
    except OSError as error:
        raise build_refusal(error) from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise OrderFaulty(file=path.name, faults=str(error).replace("\n", " ")[:300]) from error
