"""The house's own applications at the provider, and the secret the signing room logs people in with."""

import os
from datetime import datetime

from foundation.database import Writes
from foundation.runtime import Runtime
from sso.client_keeping import rotate_secret
from sso.house_clients import ensure_own_clients
from sso.keys import ensure_keys

ACTOR = "init"
SIGNING_FILE = "signing-client.secret"


def keep_own_clients(runtime: Runtime, writes: Writes, now: datetime) -> None:
    """Register what is missing, make the provider's keys, and keep the signing room's secret in `<data>/keys`, mode 0600."""
    ensure_keys(writes, runtime.sealer, ACTOR, now)
    secret = ensure_own_clients(writes, runtime.settings.issuer, ACTOR, now)["signing"]
    path = runtime.settings.keys / SIGNING_FILE
    if secret is None and not path.exists():
        secret = rotate_secret(writes, "signing", ACTOR, now)
    if secret is not None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
