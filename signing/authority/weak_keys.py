"""Keys that are known to be weak although they have the right size."""

from math import gcd, prod
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from foundation.i18n import Message
from signing.authority.door import CertifiableKey


def primes_below(limit: int) -> list[int]:
    """The primes below a limit."""
    sieve = bytearray([1]) * limit
    for number in range(2, limit):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return [number for number in range(2, limit) if sieve[number]]


SMALL_PRIMES: Final = primes_below(752)
SMALL_PRODUCT: Final = prod(SMALL_PRIMES)
ROCA_PRIMES: Final = [prime for prime in SMALL_PRIMES if 2 < prime <= 167]
ROCA_GENERATOR: Final = 65537


def powers_modulo(prime: int) -> frozenset[int]:
    """Every power of 65537 modulo a prime."""
    found, power = set(), 1
    while power not in found:
        found.add(power)
        power = power * ROCA_GENERATOR % prime
    return frozenset(found)


ROCA_RESIDUES: Final = {prime: powers_modulo(prime) for prime in ROCA_PRIMES}


def find_weakness(key: CertifiableKey) -> Message | None:
    """Why this key must not be certified, or None. Curves need no more than that their point lies on them, which reading checks.

    RSA: an exponent that is even or below 65537 or absurdly large; a modulus with a small factor; the mark of keys made by the
    chips of CVE-2017-15361 ("ROCA": modulo every small prime the modulus is a power of 65537).
    """
    if not isinstance(key, RSAPublicKey):
        return None
    numbers = key.public_numbers()
    if not 65537 <= numbers.e < 1 << 64 or numbers.e % 2 == 0:
        return Message("its RSA exponent is not a usual one (65537).")
    if gcd(numbers.n, SMALL_PRODUCT) != 1:
        return Message("its RSA modulus has a small factor.")
    if all(numbers.n % prime in residues for prime, residues in ROCA_RESIDUES.items()):
        return Message("it was made by a chip whose keys can be computed (CVE-2017-15361).")
    return None
