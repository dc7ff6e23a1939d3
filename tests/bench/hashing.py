"""The hash, which is most of a log-in."""

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from foundation.argon2id import Cost, derive
from tests.bench.figures import Figure, measure, processor_milliseconds

PASSWORD, SALT = b"mot mat khau dai", b"0123456789abcdef"
PASSES, KIBIBYTES, LANES, BYTES = 2, 19 * 1024, 1, 32


def hash_as_we_do() -> bytes:
    """With the bindings that were compiled at installation, in a place of memory that is kept for it."""
    return derive(PASSWORD, SALT, BYTES, Cost(PASSES, KIBIBYTES))


def hash_as_shipped() -> bytes:
    """With a build made for every processor alike; it costs what argon2's stock wheel costs."""
    return Argon2id(salt=SALT, length=BYTES, iterations=PASSES, lanes=LANES, memory_cost=KIBIBYTES).derive(PASSWORD)


@measure("hash")
def measure_hash() -> list[Figure]:
    """argon2id as the product uses it; 8.6 ms on a Xeon with AVX-512, 10.5 with AVX2 only."""
    return [Figure("password hash (argon2id, 19 MiB, 2 passes)", processor_milliseconds(hash_as_we_do, 40), "ms CPU")]


@measure("hash-gain")
def measure_gain() -> list[Figure]:
    """What compiling for this machine saves, whatever the machine."""
    share = processor_milliseconds(hash_as_we_do, 40) / processor_milliseconds(hash_as_shipped, 40)
    return [Figure("the same, as a share of a stock build's cost", share, "", 0.8)]
