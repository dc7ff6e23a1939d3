"""Broken bytes from good ones: cut, doubled, spliced, repeated, turned; the same for the same number."""

import random

WORDS = (
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"%00", b"%", b"%ff", b"{", b"[" * 3000, b'"', b"null", b"-1", b"1e999", b"9" * 400),
    *(b"..", b".", b"=", b"&", b"\\", b"\r\n", b"\xc3", b"\xe1\xbb\xaf", b'{"a":' * 1500, b"Infinity", b"true", b"@", b"://"),
)  # fmt: skip


def damage(seeds: list[bytes], number: int) -> bytes:
    """One of the seeds, broken in up to four ways that the number chooses."""
    chance = random.Random(number)
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(5)):
        first, second = sorted(chance.randrange(len(content) + 1) for _ in range(2))
        match chance.randrange(7):
            case 0:
                del content[first:second]
            case 1:
                content[first:first] = content[first:second]
            case 2:
                content[first:second] = chance.choice(seeds)[first:second]
            case 3:
                content[first:first] = chance.choice(WORDS)
            case 4 if content:
                content[first % len(content)] ^= 1 << chance.randrange(8)
            case 5:
                content[first:first] = chance.randbytes(chance.randrange(1, 9))
            case _:
                del content[first:]
    return bytes(content)
