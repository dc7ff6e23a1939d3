"""Identities of a plan."""

import uuid
from datetime import UTC, datetime, timedelta

from provisioning.rosters.minting import AT_ONCE, HIGH, Minter, OrderedMinter

NOW = datetime(2025, 5, 20, tzinfo=UTC)


def test_every_identity_is_a_random_uuid_and_is_given_once() -> None:
    minter = Minter()
    given = [minter.give() for _number in range(3 * AT_ONCE)]
    assert len(set(given)) == len(given)
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in given)
    assert {uuid.UUID(text).variant for text in given} == {uuid.RFC_4122}


def test_what_belongs_to_people_has_identities_in_order() -> None:
    minter = OrderedMinter(NOW)
    given = [minter.give() for _number in range((1 << HIGH) + AT_ONCE)]
    assert given == sorted(set(given))
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 7 for text in given[:: AT_ONCE // 2])
    assert {uuid.UUID(text).variant for text in given[:: AT_ONCE // 2]} == {uuid.RFC_4122}
    assert int(given[0].replace("-", "")[:12], 16) == NOW.timestamp() * 1000


def test_a_later_plan_goes_on_behind_an_earlier_one_and_two_of_one_instant_share_nothing() -> None:
    assert OrderedMinter(NOW).give() < OrderedMinter(NOW + timedelta(milliseconds=1)).give()
    assert OrderedMinter(NOW).give() != OrderedMinter(NOW).give()


def test_a_counter_that_is_full_goes_on_with_the_next_millisecond() -> None:
    minter = OrderedMinter(NOW)
    minter._given = (1 << 2 * HIGH) - 1
    last, first = minter.give(), minter.give()
    assert last < first
    assert len(first) == len(last) == 36
