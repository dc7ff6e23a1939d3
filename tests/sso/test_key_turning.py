"""Keys follow each other: published before they sign, retired after the longest token."""

from datetime import datetime, timedelta

from foundation.runtime import Runtime
from sso.key_turning import turn_keys, turns
from sso.keys import KeyRing, ensure_keys, find_signing
from sso.settings import SsoSection
from tests.services.clock import START, MovableClock

POLICY = SsoSection()
DAY = timedelta(days=1)


def line(*ages: float) -> list[tuple[str, str, datetime]]:
    """Keys of one algorithm that began to sign so many days ago, newest first."""
    return [("RS256", f"key-{number}", START - age * DAY) for number, age in enumerate(ages)]


def test_a_young_key_is_left_alone() -> None:
    turn = turns(line(10), POLICY, START)
    assert (turn.make, turn.retire) == ((), ())


def test_the_next_key_is_published_a_day_before_it_signs() -> None:
    assert turns(line(88.9), POLICY, START).make == ()
    assert turns(line(89), POLICY, START).make == (("RS256", START + DAY),)


def test_a_key_long_overdue_is_followed_a_day_from_now() -> None:
    assert turns(line(400), POLICY, START).make == (("RS256", START + DAY),)


def test_a_key_is_retired_when_nothing_it_signed_is_believed_any_more() -> None:
    hours = POLICY.session_seconds / 3600 + 1
    assert turns(line(hours / 24 - 0.01, 90), POLICY, START).retire == ()
    assert turns(line(hours / 24, 90), POLICY, START).retire == ("key-1",)


def test_a_key_that_does_not_sign_yet_retires_nobody() -> None:
    assert turns(line(-1, 89), POLICY, START).retire == ()


def test_the_worker_turns_them_and_every_token_is_believed_meanwhile(runtime: Runtime, clock: MovableClock) -> None:
    with runtime.database.write() as writes:
        ensure_keys(writes, runtime.sealer, "test", clock.now)
    ring = KeyRing(runtime)
    seen, tokens = set(), []
    for _day in range(0, 200, 1):
        clock.advance(days=1)
        turn_keys(runtime, POLICY, clock.now)
        ring.forget()
        ring.prepare(clock.now)
        signer = ring.signer("RS256", clock.now)
        assert signer.signs_from <= clock.now
        seen.add(signer.kid)
        claims = {"sub": "n", "aud": "a", "exp": 1, "auth_time": 0}
        tokens.append(ring.sign(claims, "RS256", clock.now))
        assert ring.read_id_token(tokens[-1]) == claims
        with runtime.database.read() as reads:
            assert len([alg for alg, _kid, _from in find_signing(reads) if alg == "RS256"]) <= 2
    assert len(seen) == 3
