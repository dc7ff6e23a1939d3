"""The provider of one process: what its endpoints share, and the work of one request."""

import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.portraits import Portraits
from foundation.changes import AsOf
from foundation.database import Reads, Writes
from foundation.runtime import Runtime
from sso.client_keys import ClientKeys
from sso.clients import Clients
from sso.door.passwords import build_rules
from sso.fetching import Fetcher
from sso.keys import KeyRing
from sso.own_claims import OwnClaims
from sso.policy import load_policy
from sso.settings import SsoSection


class Provider:
    """Settings, keys and clients as every endpoint of the room uses them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.settings = runtime.settings
        self.policy = load_policy(runtime.settings[SsoSection]).section
        self.rules = build_rules(self.policy)
        self.database = runtime.database
        self.issuer = runtime.settings.issuer
        self.clients = Clients()
        self.keys = KeyRing(runtime)
        self.fetcher = Fetcher(self.policy)
        self.client_keys = ClientKeys(self.fetcher)
        self.own_claims = OwnClaims()
        self.portraits = Portraits()
        self.log = logging.getLogger("hopnhat.sso")

    def now(self) -> datetime:
        """Protocol time."""
        return self.runtime.clocks.wall()

    def find_own(self, reads: Reads, person_id: uuid.UUID) -> Mapping[str, Any]:
        """What belongs to a person's profile beside the register: their own claims, the administration's zone and language."""
        place = {"zoneinfo": self.settings.zone.key, "locale": self.settings.language}
        return {**place, **self.own_claims.find(reads, person_id)}

    def as_of(self) -> AsOf:
        """Where the register is read: now, as known now."""
        return AsOf(self.runtime.clocks.register())


@dataclass(frozen=True)
class Work:
    """One request's transaction and instant.

    Hot paths ask `writes.connection()`: a session looks for entities in every statement, which costs more than the statement.
    """

    provider: Provider
    writes: Writes
    now: datetime
