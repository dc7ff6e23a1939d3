"""The published schemas are served where documents point to them."""

from foundation.runtime import Runtime
from provisioning.app import build_service
from tests.services.inside import Inside


def test_the_schemas_of_the_decree_and_of_the_claims_are_served(runtime: Runtime) -> None:
    with Inside.of(build_service(runtime)) as web:
        decree = web.get("/schemas/decree.json")
        claims = web.get("/schemas/claims.json")
    assert decree.status_code == claims.status_code == 200
    schema = decree.json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["$defs"]) >= {"Correct", "Split", "Dissolve", "Reparent", "Documents", "CodeGrant"}
    assert schema["required"][-3:] == ["title", "decision", "effective"]
