"""The long hunt: `python -m tests.signing.verification.fuzz SECONDS [SEED]` breaks documents in many ways and judges each.

What must hold: no exception, and never "valid" for a document of which a signed byte was changed. Prints the seed of a failure.
"""

import logging
import random
import sys
import time

from signing.verification.documents import quick_reading
from signing.verification.judgement import judge
from tests.signing.verification.conftest import case_of, paper
from tests.signing.verification.test_hostile import damage

NAMES = ("b", "lt", "lta", "leader-then-seal", "filled-in", "pkcs7")


def mutate(chance: random.Random) -> bytes:
    """One document broken in one of many ways: cut, doubled, spliced, repeated, words exchanged."""
    content = bytearray(paper(chance.choice(NAMES)))
    first, second = sorted(chance.randrange(len(content)) for _ in range(2))
    match chance.randrange(6):
        case 0:
            del content[first:second]
        case 1:
            content[first:first] = content[first:second]
        case 2:
            content[first:second] = paper(chance.choice(NAMES))[first:second]
        case 3:
            content[first:first] = bytes([chance.choice(b"<>[]()/0 9")]) * chance.randrange(1, 20000)
        case 4:
            old, new = chance.choice(
                [(b"/Kids", b"/Kidz"), (b" 0 R", b" 9 R"), (b"/Type", b"/Tipe"), (b"endobj", b"obj 1 ")]
            )
            content = content.replace(old, new, chance.randrange(1, 5))
        case _:
            del content[first:]
    return bytes(content)


def hunt(seconds: float, seed: int) -> int:
    """Judge broken documents for so long. Gives how many."""
    logging.disable(logging.CRITICAL)
    begun, count = time.monotonic(), 0
    with quick_reading():
        while time.monotonic() - begun < seconds:
            number = seed + count
            try:
                judge(case_of(mutate(random.Random(number))))
                damage(paper("lt"), number, random.Random(number).randrange(1, 9))
            except Exception:
                print(f"seed {number}", file=sys.stderr)
                raise
            count += 1
    return count


if __name__ == "__main__":
    words = sys.argv[1:]
    chosen = int(words[1]) if len(words) > 1 else random.SystemRandom().randrange(2**32)
    print(f"{hunt(float(words[0]), chosen)} documents from seed {chosen}")
