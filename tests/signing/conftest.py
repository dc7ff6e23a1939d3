"""A small register around a merger, and the product on it."""

import pytest

from foundation.runtime import Runtime
from signing.authority.embedded import EmbeddedAuthority, open_authority
from tests.services.clock import MovableClock
from tests.signing.site import Site, build_site
from tests.signing.world import MERGER, Merged, World


@pytest.fixture
def world(runtime: Runtime, clock: MovableClock) -> World:
    """A register to be filled by the test, the day after the merger."""
    clock.set(MERGER)
    clock.advance(days=1)
    return World(runtime)


@pytest.fixture
def merged(world: World) -> Merged:
    """Two communes became one."""
    return Merged(world)


@pytest.fixture
def authority(runtime: Runtime, world: World) -> EmbeddedAuthority:
    """The embedded authority of this installation."""
    return open_authority(runtime)


@pytest.fixture
def site(runtime: Runtime, world: World) -> Site:
    """Both rooms on one origin."""
    return build_site(runtime)
