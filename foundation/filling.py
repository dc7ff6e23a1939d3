"""argon2id in the code that was compiled for this processor at installation (`argon2id.c`): a quarter to a third less than libargon2 takes.

That code fills the memory and nothing else; what stands around it (RFC 9106 §3.2, §3.3) is BLAKE2b, which Python has. It is used only after
it gave the same as libargon2 in this very process; where it was not compiled libargon2 does all of it.
"""

import ctypes
import hashlib
import logging
import struct
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Final

from argon2.low_level import Type, hash_secret_raw

NAME: Final = "hopnhat_argon2.so"
VERSION: Final = 0x13
ARGON2ID: Final = 2
BLOCK: Final = 1024
LONGEST_DIGEST: Final = 64
CHECKED: Final = (b"password", b"somesalt", 32, 2, 64)
"""What both have to agree on: password, salt, length, passes, KiB."""

Fill = Callable[[int, int, int, bytes, "ctypes.Array[ctypes.c_char]"], None]
log = logging.getLogger("hopnhat.argon2")


def compute(fill: Fill, place: int, password: bytes, salt: bytes, length: int, passes: int, kibibytes: int) -> bytes:
    """The tag of one lane, worked out in the memory at this address, of which nothing is left there."""
    start = blake2b(
        struct.pack("<6I", 1, length, kibibytes, passes, VERSION, ARGON2ID)
        + struct.pack("<I", len(password))
        + password
        + struct.pack("<I", len(salt))
        + salt
        + struct.pack("<2I", 0, 0),
        LONGEST_DIGEST,
    )
    first = b"".join(stretch(start + struct.pack("<2I", number, 0), BLOCK) for number in (0, 1))
    last = ctypes.create_string_buffer(BLOCK)
    fill(place, kibibytes // 4 * 4, passes, first, last)
    return stretch(last.raw, length)


def stretch(data: bytes, length: int) -> bytes:
    """H' (RFC 9106 §3.3): so many bytes of it."""
    data = struct.pack("<I", length) + data
    if length <= LONGEST_DIGEST:
        return blake2b(data, length)
    half, parts = LONGEST_DIGEST // 2, []
    while length > LONGEST_DIGEST:
        data = blake2b(data, LONGEST_DIGEST)
        parts.append(data[:half])
        length -= half
    return b"".join(parts) + blake2b(data, length)


def blake2b(data: bytes, length: int) -> bytes:
    """The digest of this length (RFC 7693)."""
    return hashlib.blake2b(data, digest_size=length).digest()


def load_fill(path: Path) -> Fill | None:
    """The compiled code, or None where there is none, or where it does not give what libargon2 gives."""
    if not path.is_file():
        return None
    try:
        fill: Fill = ctypes.CDLL(str(path)).hopnhat_fill
    except (OSError, AttributeError) as error:
        log.warning("argon2: %s cannot be used: %s", path.name, error)
        return None
    fill.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_char_p]  # type: ignore[attr-defined]  # A function of a C library has them.
    fill.restype = None  # type: ignore[attr-defined]  # The same.
    password, salt, length, passes, kibibytes = CHECKED
    memory = ctypes.create_string_buffer(kibibytes * BLOCK + BLOCK)
    place = -(-ctypes.addressof(memory) // BLOCK) * BLOCK
    wanted = hash_secret_raw(password, salt, passes, kibibytes, 1, length, Type.ID)
    if compute(fill, place, *CHECKED) != wanted:
        log.warning("argon2: %s gives other hashes than libargon2, which is used instead", path.name)
        return None
    return fill


FILL: Final = load_fill(Path(sysconfig.get_path("platlib"), NAME))
