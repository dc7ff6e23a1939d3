"""argon2id in places of our own: the same hashes as libargon2's, nothing left behind, no place used twice at once."""

import gc
import threading
import weakref

import argon2
import pytest
from argon2.low_level import Type, hash_secret_raw
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import argon2id
from foundation.argon2id import Cost, Place, Places, derive, fits, write_hash

OURS = Cost(2, 19456)
CHEAP = Cost(1, 8)


def test_a_hash_is_the_one_that_libargon2_computes_in_memory_of_its_own() -> None:
    by_itself = hash_secret_raw(b"mot mat khau dai", b"0123456789abcdef", 2, 19456, 1, 32, Type.ID)
    assert derive(b"mot mat khau dai", b"0123456789abcdef", 32, OURS) == by_itself


def test_the_vector_of_rfc_9106_is_not_ours_to_compute_but_one_lane_of_it_agrees() -> None:
    # RFC 9106 §5.3 has four lanes, a secret and associated data; libargon2 is asked for the same with one lane and none.
    password, salt = b"\x01" * 32, b"\x02" * 16
    assert derive(password, salt, 32, Cost(3, 32)) == hash_secret_raw(password, salt, 3, 32, 1, 32, Type.ID)


@settings(max_examples=30, deadline=None)
@given(password=st.binary(max_size=300), other=st.binary(max_size=300))
def test_whatever_the_password_our_string_and_libargon2_s_are_read_by_each_other(password: bytes, other: bytes) -> None:
    theirs = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    ours = write_hash(password, CHEAP)
    assert theirs.verify(ours, password)
    assert fits(theirs.hash(password), password)
    assert fits(ours, other) is (other == password)


def test_two_hashes_of_one_password_differ() -> None:
    assert write_hash(b"password", CHEAP) != write_hash(b"password", CHEAP)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(argon2.PasswordHasher(1, 16, 2).hash("password"), id="two lanes"),
        pytest.param(argon2.PasswordHasher(1, 8, 1, type=Type.I).hash("password"), id="argon2i"),
    ],
)
def test_a_hash_of_other_parameters_is_read_by_libargon2(kept: str) -> None:
    assert fits(kept, b"password")
    with pytest.raises(argon2.exceptions.VerificationError):
        fits(kept, b"Password")


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param("", id="nothing"),
        pytest.param("$argon2id$v=19$m=8,t=1,p=1$AA$AA", id="a short salt"),
        pytest.param("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$A", id="no base64"),
        pytest.param("$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAA", id="too little memory"),
        pytest.param("$argon2id$v=19$m=999999999,t=1,p=1$AA$AA", id="more memory than there is"),
        pytest.param("$2b$12$abc", id="bcrypt"),
    ],
)
def test_what_is_no_hash_is_refused(kept: str) -> None:
    with pytest.raises((argon2.exceptions.Argon2Error, argon2.exceptions.InvalidHashError)):
        fits(kept, b"password")


def test_nothing_of_a_password_stays_in_the_place_it_was_hashed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(1)
    monkeypatch.setattr(argon2id, "PLACES", places)
    place = places.take()
    places.give(place)
    derive(b"password", b"0123456789abcdef", 32, Cost(1, 19456))
    assert places.take() is place, "the place was given back"
    assert not any(place.read())


def test_hashes_that_are_computed_at_once_do_not_share_a_place() -> None:
    wanted = {number: hash_secret_raw(b"%d" % number, b"saltsalt", 1, 4096, 1, 32, Type.ID) for number in range(4)}
    found: dict[int, bytes] = {}

    def compute(number: int) -> None:
        for _ in range(5):
            found[number] = derive(b"%d" % number, b"saltsalt", 32, Cost(1, 4096))

    threads = [threading.Thread(target=compute, args=(number,)) for number in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == wanted


def test_no_more_places_are_kept_than_asked_and_the_rest_are_gone_at_once() -> None:
    places = Places(1)
    first, second = places.take(), places.take()
    gone = weakref.ref(first)
    gc.disable()
    try:
        places.give(first)
        del first
        places.give(second)
        assert gone() is None, "its memory is given back at once"
    finally:
        gc.enable()
    assert places.take() is second
    assert isinstance(places.take(), Place)
