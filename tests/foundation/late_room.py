"""A room whose verbs are opened late, for the tests."""

import typer

room_group = typer.Typer(no_args_is_help=True, help="A room.")


@room_group.command("first")
def first(number: int) -> int:
    """Give a number back."""
    return number


@room_group.command("second")
def second() -> int:
    """Another verb."""
    return 0


def alone(times: int = 1) -> int:
    """One verb."""
    return times
