"""What was fetched of providers: one request at a time, kept, and nobody can make us ask on end."""

import threading

import pytest

from sso.upstream.errors import ProviderAway
from sso.upstream.memory import AGAIN_SECONDS, Memory


class Provider:
    """A document that changes with every answer, and the hour."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked = 0
        self.away = False
        self.memory: Memory[int] = Memory(300.0, lambda: self.now)

    def fetch(self) -> int:
        """The next edition."""
        self.asked += 1
        if self.away:
            raise ProviderAway
        return self.asked

    def get(self, least: int = 0) -> int:
        """What is remembered, wanted to be of this edition at least."""
        return self.memory.get("there", self.fetch, lambda edition: edition >= least)


@pytest.fixture
def provider() -> Provider:
    """See the class."""
    return Provider()


def test_a_document_is_kept_until_it_is_old(provider: Provider) -> None:
    assert (provider.get(), provider.get()) == (1, 1)
    provider.now += 299
    assert provider.get() == 1
    provider.now += 1
    assert (provider.get(), provider.get()) == (2, 2)


def test_what_is_not_in_it_makes_us_ask_again_but_seldom(provider: Provider) -> None:
    provider.get()
    assert [provider.get(99) for _forged in range(50)] == [1] * 50
    provider.now += AGAIN_SECONDS
    assert provider.get(2) == 2, "a key that is new there is found"
    assert [provider.get(99) for _forged in range(50)] == [2] * 50
    assert provider.asked == 2


def test_who_is_away_is_not_asked_on_end(provider: Provider) -> None:
    provider.away = True
    for _caller in range(50):
        with pytest.raises(ProviderAway):
            provider.get()
    assert provider.asked == 1
    provider.away, provider.now = False, provider.now + AGAIN_SECONDS
    assert provider.get() == 2


def test_who_is_away_for_a_new_key_leaves_the_old_ones(provider: Provider) -> None:
    provider.get()
    provider.away, provider.now = True, provider.now + AGAIN_SECONDS
    with pytest.raises(ProviderAway):
        provider.get(2)
    assert (provider.get(2), provider.get(), provider.asked) == (1, 1, 2)


def test_what_was_put_there_is_given(provider: Provider) -> None:
    provider.memory.put("there", 7)
    assert (provider.get(7), provider.asked) == (7, 0)


def test_one_fetches_and_only_who_needs_it_waits(provider: Provider) -> None:
    provider.memory.put("there", 1)
    began, over, found = threading.Event(), threading.Event(), list[int]()

    def fetch() -> int:
        began.set()
        provider.asked += 1
        assert over.wait(20)
        return 2

    def want() -> None:
        found.append(provider.memory.get("there", fetch, lambda edition: edition >= 2))

    callers = [threading.Thread(target=want) for _number in range(5)]
    for caller in callers:
        caller.start()
    assert began.wait(20)
    assert provider.get(1) == 1, "what is at hand is given meanwhile"
    over.set()
    for caller in callers:
        caller.join(20)
    assert (found, provider.asked) == ([2] * 5, 1)
