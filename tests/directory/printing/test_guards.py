"""The guards: what stops a printing, and what answers them."""

import pytest

from directory.printing.difference import Delete, Difference
from directory.printing.errors import PrintingUnsafe
from directory.printing.guards import Limits, check_losses, check_sides


def losing(entries: int, of: int, passwords: bool = False) -> list[Difference]:
    """A difference that deletes so many of so many entries."""
    before = {"userPassword": (b"x",)} if passwords else {}
    return [Difference(tuple(Delete(str(n), "", before) for n in range(entries)), of - entries, of)]


@pytest.mark.parametrize(
    "wanted, found, from_nothing",
    [
        pytest.param(0, 1, False, id="empty register"),
        pytest.param(0, 1, True, id="empty register, even from nothing"),
        pytest.param(1, 0, False, id="empty directory"),
    ],
)
def test_an_empty_side_stops_the_printing(wanted: int, found: int, from_nothing: bool) -> None:
    with pytest.raises(PrintingUnsafe):
        check_sides(wanted, found, "ou=people", from_nothing=from_nothing)


@pytest.mark.parametrize("wanted, found, from_nothing", [(1, 1, False), (0, 0, False), (1, 0, True), (0, 0, True)])
def test_two_sides_that_may_be_compared(wanted: int, found: int, from_nothing: bool) -> None:
    check_sides(wanted, found, "ou=people", from_nothing=from_nothing)


@pytest.mark.parametrize(
    "found, allowed",
    [
        pytest.param(10, 5, id="few are always allowed"),
        pytest.param(1_000, 20, id="two per cent"),
        pytest.param(100_000, 200, id="never more than the absolute number"),
    ],
)
def test_how_many_may_go_without_a_word(found: int, allowed: int) -> None:
    check_losses(losing(allowed, found), Limits())
    with pytest.raises(PrintingUnsafe):
        check_losses(losing(allowed + 1, found), Limits())


@pytest.mark.parametrize("expected", [0, 411, 413])
def test_only_the_exact_number_answers_the_guard(expected: int) -> None:
    with pytest.raises(PrintingUnsafe, match="there would be 412"):
        check_losses(losing(412, 1_000), Limits(expected_deletions=expected))
    check_losses(losing(412, 1_000), Limits(expected_deletions=412))


def test_expected_deletions_do_not_answer_for_passwords() -> None:
    with pytest.raises(PrintingUnsafe, match="412 people would lose"):
        check_losses(losing(412, 1_000, passwords=True), Limits(expected_deletions=412))
    check_losses(losing(412, 1_000, passwords=True), Limits(expected_deletions=412, expected_lockouts=412))
