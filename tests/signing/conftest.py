"""A small register around a merger, and the product on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.runtime import Runtime, open_runtime
from foundation.settings import build_settings
from signing.authority.embedded import EmbeddedAuthority, open_authority
from signing.settings import SigningSection
from tests.services.clock import MovableClock
from tests.signing.world import MERGER, World


@pytest.fixture
def runtime(database_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[Runtime]:
    """The product on an empty register, the day after the merger."""
    clock.set(MERGER)
    clock.advance(days=1)
    settings = build_settings({"database": database_url, "data": str(tmp_path / "data")}, [SigningSection])
    runtime = open_runtime(settings, clock.clocks)
    yield runtime
    runtime.close()


@pytest.fixture
def world(runtime: Runtime) -> World:
    """The register's first change is open to be filled by the test."""
    return World(runtime)


@pytest.fixture
def authority(runtime: Runtime) -> EmbeddedAuthority:
    """The embedded authority of this installation."""
    return open_authority(runtime)
