"""The vectors, and a judge who sits in the test's own process."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from signing.verification.cases import Case
from signing.verification.documents import quick_reading
from signing.verification.findings import Findings
from signing.verification.judgement import judge
from signing.verification.sandbox import Sandbox
from tests.vectors.authorities import House, load_house
from tests.vectors.build import SIGNED

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


@cache
def stored_house() -> House:
    return load_house(VECTORS / "pki")


@cache
def paper(name: str) -> bytes:
    """A checked-in document."""
    return (VECTORS / "documents" / f"{name}.pdf").read_bytes()


@pytest.fixture
def house() -> House:
    """The authorities and people of the vectors."""
    return stored_house()


def case_of(
    content: bytes,
    at: datetime = SIGNED + timedelta(days=1),
    *,
    lists: list[bytes] | None = None,
    trust: tuple[bytes, ...] | None = None,
    received: datetime | None = None,
) -> Case:
    """A case judged the day after signing, with fresh lists and the root as trust unless told otherwise."""
    house = stored_house()
    known = house.lists(SIGNED + timedelta(hours=2)) if lists is None else lists
    return Case(
        content=content,
        at=at,
        received=received,
        trust=(house.root.der,) if trust is None else trust,
        crls=tuple(known),
    )


@pytest.fixture(autouse=True)
def hexadecimal() -> Iterator[None]:
    """Strings are read as the isolated process reads them."""
    with quick_reading():
        yield


def judge_paper(name: str, at: datetime = SIGNED + timedelta(days=1), **known: object) -> Findings:
    """The findings on a checked-in document."""
    return judge(case_of(paper(name), at, **known))  # type: ignore[arg-type]  # passes the fixture's own options on


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One wall for all tests that only pass through it."""
    with Sandbox() as sandbox:
        yield sandbox
