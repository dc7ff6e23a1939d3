"""A short hunt in every run; `make fuzz` is the long one."""

import pytest

from tests.sso.fuzzing.damage import damage
from tests.sso.fuzzing.readers import READERS, Reader

TRIES = 250


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_broken_is_refused_in_the_readers_own_words(reader: Reader) -> None:
    seeds = reader.seeds()
    for content in (*seeds, *(damage(seeds, number) for number in range(TRIES))):
        reader.try_on(content)


def test_the_hunt_finds_what_is_there_to_find() -> None:
    def stumble(content: bytes) -> None:
        if b"\x00" in content:
            raise KeyError(content)

    weak = Reader("weak", stumble, lambda: [b"abc"], (ValueError,))
    broken = [content for number in range(TRIES) if b"\x00" in (content := damage([b"abc"], number))]
    assert broken
    with pytest.raises(KeyError):
        weak.try_on(broken[0])
