"""Sealed columns: AES-256-GCM with the key's id in the text, and a blind index to find a value without opening any.

A sealed text is `s1.<key id>.<base64url of nonce and ciphertext>`; the context (table and column) is bound as associated data,
so a value cannot be carried into another column. Keys lie in `<data>/keys`, mode 0600, apart from the database.
"""

import base64
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from foundation.errors import OurFault

NONCE_BYTES = 12


class SealBroken(OurFault):
    """A sealed value cannot be opened: its key is missing or it was changed."""

    code = "seal_broken"
    sentence = "A sealed value cannot be opened."


class Sealer:
    """Seals with the newest key, opens with any of the ring."""

    def __init__(self, keys: Mapping[str, bytes], current: str, index_key: bytes) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = current
        self._index = HMAC(index_key, SHA256())
        """Keyed once: to begin anew for each text takes longer than the text does."""

    def seal(self, content: bytes, context: str) -> str:
        """The content sealed for this context; two seals of one content differ."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, content, context.encode())
        return f"s1.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def open(self, sealed: str, context: str) -> bytes:
        """The content. Raises SealBroken if the key is missing, the text was changed or the context is another."""
        version, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        cipher = self._ciphers.get(key_id)
        if version != "s1" or cipher is None:
            raise SealBroken
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error

    def blind_index(self, text: str, context: str) -> bytes:
        """32 bytes that are equal for equal texts of one context (HMAC-SHA-256); the text cannot be read back."""
        index = self._index.copy()
        index.update(f"{context}\x00{text}".encode())
        return index.finalize()


def open_sealer(keys: Path) -> Sealer:
    """The sealer of an installation; makes the folder and its first keys where there are none."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    index = keep_key(keys / "index.key")
    ring = {path.stem.removeprefix("seal-"): path.read_bytes() for path in sorted(keys.glob("seal-*.key"))}
    if not ring:
        ring = {"1": keep_key(keys / "seal-1.key")}
    return Sealer(ring, max(ring, key=int), index)


def keep_key(path: Path, size: int = 32) -> bytes:
    """The secret in this file, made on first use as `keep_file` does."""
    return keep_file(path, lambda: secrets.token_bytes(size))


def keep_file(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of this file, made on first use with mode 0600; two processes at once get the same one."""
    if not path.exists():
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()


def same_secret(given: str | bytes, kept: str | bytes) -> bool:
    """Whether two secrets are the same, in constant time and for any text; the house's one comparison of secrets."""
    left = given.encode("utf-8", "surrogatepass") if isinstance(given, str) else given
    right = kept.encode("utf-8", "surrogatepass") if isinstance(kept, str) else kept
    return hmac.compare_digest(left, right)
