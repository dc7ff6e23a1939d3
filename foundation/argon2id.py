"""argon2id (RFC 9106) computed in places of memory that are kept for it, on large pages where the kernel has them.

A hash walks at random through its 19 MiB: looking pages of 4 KiB up, and taking the memory anew each time, cost a tenth to a fifth of
it. libargon2 wipes a place before it hands it back. Hashes are in the PHC form, as libargon2 writes them itself.
"""

import base64
import hmac
import mmap
import re
import secrets
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import argon2
from argon2.low_level import core, ffi

PLACE_BYTES: Final = 20 << 20
"""Ten large pages: room for the 19 MiB of our own hashes."""
LARGE_PAGE: Final = 2 << 20
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
VERSION: Final = 0x13
ONE_LANE: Final = re.compile(r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,5}),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")


@dataclass(frozen=True)
class Cost:
    """What a hash costs: passes over so many KiB; one lane."""

    passes: int
    kibibytes: int


class Place:
    """Memory for one hash at a time."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, PLACE_BYTES + LARGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        with suppress(OSError, AttributeError):  # A kernel without large pages: it works on small ones.
            self._memory.madvise(mmap.MADV_HUGEPAGE)
        start = int(ffi.cast("uintptr_t", ffi.from_buffer(self._memory)))
        self._start = -(-start // LARGE_PAGE) * LARGE_PAGE
        self.take = ffi.callback("int(uint8_t **, size_t)", partial(point_to, self._start))
        self.leave = ffi.callback("void(uint8_t *, size_t)", lambda _memory, _size: None)

    def read(self) -> bytes:
        """What stands in it now."""
        offset = self._start - int(ffi.cast("uintptr_t", ffi.from_buffer(self._memory)))
        return self._memory[offset : offset + PLACE_BYTES]


def point_to(start: int, memory: Any, size: int) -> int:
    """Called by libargon2: where it may work; anything but 0 is a refusal.

    It knows no place: one that is let go has to be gone at once, not when the interpreter looks for cycles.
    """
    if size > PLACE_BYTES:
        return 1
    memory[0] = ffi.cast("uint8_t *", start)
    return 0


class Places:
    """The places of a process. So many are kept while nobody needs them; those who compute at once have each their own, which a crowd
    hands on from one to the next.
    """

    def __init__(self, most: int) -> None:
        self._idle: deque[Place] = deque(maxlen=most)

    def take(self) -> Place:
        """A place for one hash."""
        try:
            return self._idle.pop()
        except IndexError:
            return Place()

    def give(self, place: Place) -> None:
        """Take it back; one too many is let go."""
        self._idle.append(place)


PLACES: Final = Places(1)
"""A web process holds one: a second is 20 MB that it needs for moments."""


def derive(password: bytes, salt: bytes, length: int, cost: Cost) -> bytes:
    """The argon2id tag. Raises HashingError for parameters that argon2 does not allow, or that need more than a place."""
    place = PLACES.take()
    tag = ffi.new("uint8_t[]", length)
    context = ffi.new(
        "argon2_context *",
        {
            "out": tag,
            "outlen": length,
            "pwd": ffi.from_buffer("uint8_t[]", password),
            "pwdlen": len(password),
            "salt": ffi.from_buffer("uint8_t[]", salt),
            "saltlen": len(salt),
            "t_cost": cost.passes,
            "m_cost": cost.kibibytes,
            "lanes": 1,
            "threads": 1,
            "version": VERSION,
            "allocate_cbk": place.take,
            "free_cbk": place.leave,
        },
    )
    fault = core(context, argon2.Type.ID.value)
    PLACES.give(place)
    if fault:
        raise argon2.exceptions.HashingError(argon2.low_level.error_to_str(fault))
    return bytes(ffi.buffer(tag, length))


def write_hash(password: bytes, cost: Cost) -> str:
    """A new hash of a password, with a salt of its own."""
    salt = secrets.token_bytes(SALT_BYTES)
    tag = derive(password, salt, HASH_BYTES, cost)
    return f"$argon2id$v=19$m={cost.kibibytes},t={cost.passes},p=1${encode(salt)}${encode(tag)}"


def fits(kept: str, password: bytes) -> bool:
    """Whether the password gives this hash. Raises argon2's errors for what is none.

    A hash of other parameters than ours, an old directory's, is left to libargon2's own reading.
    """
    found = ONE_LANE.fullmatch(kept)
    if found is None or int(found[1]) * 1024 > PLACE_BYTES:
        return argon2.PasswordHasher().verify(kept, password)
    wanted = decode(found[4])
    given = derive(password, decode(found[3]), len(wanted), Cost(int(found[2]), int(found[1])))
    return hmac.compare_digest(given, wanted)


def encode(data: bytes) -> str:
    """Base64 as PHC strings have it, without padding."""
    return base64.b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """The bytes of base64 without padding. Raises InvalidHashError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise argon2.exceptions.InvalidHashError("This is no base64.") from error
