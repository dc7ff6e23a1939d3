"""The running product: settings, database, clocks and keys opened once; what every edge takes as its first argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation import audit
from foundation.clocks import Clocks
from foundation.database import Database
from foundation.memory import share_memory
from foundation.sealing import Sealer, open_sealer
from foundation.settings import Section, Settings, load_settings


@dataclass(frozen=True)
class Runtime:
    """Everything an edge needs; pure modules never see it."""

    settings: Settings
    database: Database
    clocks: Clocks
    sealer: Sealer
    audit_key: audit.AuditKey

    def seal_audit(self) -> int:
        """Seal what is not sealed yet. Gives the number of rows."""
        return audit.seal_rows(self.database, self.audit_key, self.clocks.wall())

    def close(self) -> None:
        """Give the connections back."""
        self.database.close()


def open_runtime(settings: Settings, clocks: Clocks | None = None) -> Runtime:
    """The product on these settings; makes the keys on first use."""
    settings.data.mkdir(parents=True, exist_ok=True)
    return Runtime(
        settings=settings,
        database=Database(settings.database),
        clocks=clocks or Clocks(),
        sealer=open_sealer(settings.keys),
        audit_key=audit.AuditKey(settings.keys, settings.data / "audit" / "heads.jsonl"),
    )


def start(sections: Sequence[type[Section]], config: Path | None = None, clocks: Clocks | None = None) -> Runtime:
    """Read the settings and open the product. Raises SettingsRefused."""
    share_memory()
    return open_runtime(load_settings(sections, config), clocks)
