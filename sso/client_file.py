"""Applications in a file kept in version control: read, described the same way, and compared with what is registered.

An entry has the fields of a registration and its particulars side by side, under the specifications' names. What is left
out has its default, so that the file says everything about an application it names.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from foundation.clocks import as_rfc3339, parse_instant
from foundation.errors import BadInput
from sso.client_registration import NewClient, check_new_client
from sso.clients import Client
from sso.particulars import LISTS, NAMES, read_particulars, write_particulars
from sso.response_types import CODE, ResponseType

HIDDEN: Final = ("secret_hash", "former_secret_hash", "former_secret_until", "made_at", "particulars")
FIELDS: Final = tuple(field.name for field in fields(NewClient) if field.name != "particulars")


@dataclass(frozen=True)
class Change:
    """What a file changes about one application: `add`, `set` with the fields that differ, or `remove`."""

    op: str
    client_id: str
    fields: Mapping[str, tuple[Any, Any]]


def describe_client(client: Client) -> dict[str, Any]:
    """An application as data; nothing of its secret."""
    described = {name: plain(getattr(client, name)) for name in Client.__dataclass_fields__ if name not in HIDDEN}
    return {**described, **write_particulars(client.particulars)}


@dataclass(frozen=True)
class Reading:
    """What entries are read with: how a unit is found by its code, the zone of an instant that names none, and the response types that
    may be registered here.
    """

    find_unit: Callable[[str], uuid.UUID]
    zone: ZoneInfo
    offered: tuple[ResponseType, ...] = (CODE,)


def read_clients(file: Path, reading: Reading) -> list[NewClient]:
    """The applications of a file (YAML or JSON): one, a list, or a list under `clients`. Raises BadInput, UnitNotFound."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        entries = content.get("clients", [content]) if isinstance(content, dict) else content
        return [build_entry(entry, reading) for entry in entries]
    except (OSError, yaml.YAMLError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise BadInput("{file} does not describe applications: {why}", file=str(file), why=str(error)) from error


def build_entry(entry: Mapping[str, Any], reading: Reading) -> NewClient:
    """A registration from one entry; `unit` is a code, `unit_id` the unit itself. Raises TypeError for a field there is not,
    BadInput."""
    plain = {name: value for name, value in entry.items() if name not in NAMES and name != "unit"}
    if instant := plain.get("register_time"):
        # YAML knows dates and instants of its own; a text is read as everywhere.
        text = instant.isoformat() if isinstance(instant, date) else str(instant)
        plain["register_time"] = parse_instant(text, reading.zone)
    if unit := entry.get("unit", entry.get("unit_id")):
        plain["unit_id"] = reading.find_unit(str(unit))
    rest = {name: list(value) if name in LISTS else value for name, value in entry.items() if name in NAMES}
    particulars = read_particulars(rest)
    if not set(particulars.response_types) <= {each.name for each in reading.offered}:
        raise BadInput(
            "These response types are not offered here: {names}", names=", ".join(particulars.response_types)
        )
    return NewClient(**plain, particulars=particulars)


def compare(wanted: Sequence[NewClient], present: Sequence[Client], *, prune: Sequence[str] = ()) -> list[Change]:
    """What has to be done so that the file's applications stand as it says, by id.

    `prune`: ids that may be removed if the file does not name them. Raises BadInput when an entry has no id, one is named
    twice, or its kind would change.
    """
    known = {client.client_id: client for client in present}
    changes, seen = [], set()
    for new in wanted:
        if not new.client_id or new.client_id in seen:
            raise BadInput("Each application of the file needs an id of its own.")
        seen.add(new.client_id)
        checked = check_new_client(new)
        client = known.get(new.client_id)
        if client is None:
            changes.append(Change("add", new.client_id, {}))
            continue
        if client.kind != checked.kind:
            raise BadInput("The application {id} cannot become {kind}.", id=new.client_id, kind=checked.kind)
        if differing := find_differences(client, checked):
            changes.append(Change("set", new.client_id, differing))
    changes += [Change("remove", client_id, {}) for client_id in prune if client_id in known and client_id not in seen]
    return sorted(changes, key=lambda change: change.client_id)


def find_differences(client: Client, checked: NewClient) -> dict[str, tuple[Any, Any]]:
    """The fields that differ, each as it is and as it shall be."""
    before = {**{name: plain(getattr(client, name)) for name in FIELDS}, **write_particulars(client.particulars)}
    after = {**{name: plain(getattr(checked, name)) for name in FIELDS}, **write_particulars(checked.particulars)}
    names = dict.fromkeys([*before, *after])
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return as_rfc3339(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    return list(value) if isinstance(value, (tuple, list)) else value


def digest_of(changes: Sequence[Change]) -> str:
    """What a reader agrees to: the same changes from the same state, and no others."""
    text = json.dumps([asdict(change) for change in changes], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
