"""Identities of a plan."""

import uuid

from provisioning.rosters.minting import AT_ONCE, Minter


def test_every_identity_is_a_random_uuid_and_is_given_once() -> None:
    minter = Minter()
    given = [minter.give() for _number in range(3 * AT_ONCE)]
    assert len(set(given)) == len(given)
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in given)
    assert {uuid.UUID(text).variant for text in given} == {uuid.RFC_4122}
