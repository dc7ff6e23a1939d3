"""The whole service as it is mounted."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from foundation.bodies import BoundedRoute
from foundation.runtime import Runtime
from provisioning.app import build_service
from tests.services.inside import Inside


def typed_routes(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """The typed routes of an application and of every router in it."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        inner = getattr(route, "original_router", None)
        yield from typed_routes(inner.routes if inner else ())


def test_no_typed_route_reads_a_body_without_an_end(runtime: Runtime) -> None:
    taking = [route for route in typed_routes(build_service(runtime).routes) if route.body_field is not None]
    assert taking, "the bulk form of the unit API takes one"
    assert [route.path for route in taking if not isinstance(route, BoundedRoute)] == []


PLAIN = (
    "/login",
    "/token",
    "/par",
    "/introspect",
    "/logout",
    "/signing/logout/called",
    "/signing/requests/1/key",
    "/pki/ocsp",
)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_no_form_is_read_without_an_end(runtime: Runtime, kind: str) -> None:
    browser = Inside.of(build_service(runtime))
    for path in PLAIN:
        answer = browser.post(path, content=b"a=" + b"x" * 1_000_000, headers={"Content-Type": kind})
        assert answer.status_code in (413, 404), path
