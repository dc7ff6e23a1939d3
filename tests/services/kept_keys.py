"""Signing keys of tests that prove nothing about them: made once a session, the first for the first that a test asks for, and so on.

An RSA key takes 50 milliseconds or more of processor, as long as all else such a test does. Within a test no key comes twice.
"""

from collections import defaultdict
from collections.abc import Callable
from threading import Lock

from sso.algorithms import Key, generate

_kept: dict[str, list[Key]] = defaultdict(list)
_lock = Lock()


def generate_once() -> Callable[[str], Key]:
    """What makes the keys of one test."""
    given: dict[str, int] = defaultdict(int)

    def give(alg: str) -> Key:
        with _lock:
            if given[alg] == len(_kept[alg]):
                _kept[alg].append(generate(alg))
            given[alg] += 1
            return _kept[alg][given[alg] - 1]

    return give
