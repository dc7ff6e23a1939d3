"""Headers that many answers of the provider bear."""

from types import MappingProxyType
from typing import Final

NO_STORE: Final = MappingProxyType({"Cache-Control": "no-store", "Pragma": "no-cache"})
"""Tokens, claims and whatever tells about them are nobody's to keep (RFC 6749 §5.1)."""
