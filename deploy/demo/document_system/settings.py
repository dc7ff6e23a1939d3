"""What the document system must be told, from environment variables; all complaints at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


class SettingsMissing(Exception):
    """The environment lacks something; the message lists every complaint."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one running document system."""

    issuer: str
    """`DOCUMENTS_ISSUER`: the OpenID provider, exactly as it names itself, without a slash at the end."""
    client_id: str
    """`DOCUMENTS_CLIENT_ID`"""
    client_secret: str = field(repr=False)
    """`DOCUMENTS_CLIENT_SECRET`, or the path of a file that holds it in `DOCUMENTS_CLIENT_SECRET_FILE`."""
    address: str
    """`DOCUMENTS_ADDRESS`: where browsers reach this application: `https://vanban.example.vn`."""
    data: Path
    """`DOCUMENTS_DATA`: the folder of its own database; made if missing."""
    documents: Path | None = None
    """`DOCUMENTS_IMPORT`: a CSV of old documents, read once into an empty database; see `store.py`."""
    title: str = "Hệ thống văn bản"
    """`DOCUMENTS_TITLE`"""

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to after log-in; registered there."""
        return f"{self.address}/login/done"

    @property
    def logged_out_uri(self) -> str:
        """Where the provider sends people back to after log-out; registered there."""
        return f"{self.address}/logged-out"

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS; cookies are then sent over TLS only."""
        return self.address.startswith("https://")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings, or SettingsMissing with everything that is wrong."""
    found = {name: environment.get(f"DOCUMENTS_{name}", "").strip() for name in _NAMES}
    if not found["CLIENT_SECRET"] and found["CLIENT_SECRET_FILE"]:
        found["CLIENT_SECRET"] = Path(found["CLIENT_SECRET_FILE"]).read_text(encoding="utf-8").strip()
    complaints = [f"DOCUMENTS_{name} is missing" for name in _REQUIRED if not found[name]]
    for name in ("ISSUER", "ADDRESS"):
        if found[name] and (complaint := _complaint_about(found[name])):
            complaints.append(f"DOCUMENTS_{name} {complaint}")
    if complaints:
        raise SettingsMissing("; ".join(complaints))
    return Settings(
        issuer=found["ISSUER"],
        client_id=found["CLIENT_ID"],
        client_secret=found["CLIENT_SECRET"],
        address=found["ADDRESS"].rstrip("/"),
        data=Path(found["DATA"]),
        documents=Path(found["IMPORT"]) if found["IMPORT"] else None,
        title=found["TITLE"] or "Hệ thống văn bản",
    )


_REQUIRED = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ADDRESS", "DATA")
_NAMES = (*_REQUIRED, "CLIENT_SECRET_FILE", "IMPORT", "TITLE")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _complaint_about(address: str) -> str:
    """Plain http is for loopback only: tokens and codes pass through these addresses."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must be an http or https address"
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return "must be https (plain http only on loopback)"
    return ""
