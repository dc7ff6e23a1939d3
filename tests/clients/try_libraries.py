"""Libraries of four languages log in through the provider, each by its own checks of what it is answered.

openid-client (npm) is the strictest: content types, `iss` in the answer, `nonce`, `at_hash`, `sub` of userinfo. go-oidc tries a
secret in the header and then in the body. idpyoidc filters what the metadata say against what it wants.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from sso.particulars import Particulars
from tests.clients.conftest import Standing
from tests.clients.programs import HERE, KEPT, Program

CALLBACK = "http://127.0.0.1:8999/callback"
SCOPE = "openid profile email unit offline_access"


def walk(standing: Standing, words: list[str | Path], folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """One log-in of a program, whatever it is written in. Gives what it says at the end."""
    known = {"issuer": standing.issuer, "redirect_uri": CALLBACK, "scope": SCOPE, **told}
    with Program(words, folder, known) as program:
        address = program.hear()["address"]
        program.tell({"came_back": standing.person().follow(address, CALLBACK)})
        return dict(program.hear())


def check_person(standing: Standing, person: dict[str, Any]) -> None:
    """What every application learns of the official."""
    assert person["sub"] == str(standing.hoa.person_id)
    assert (person["unit_code"], person["preferred_username"]) == ("H61.12", "hoa.lt")


def run_node(standing: Standing, **told: Any) -> dict[str, Any]:
    """openid-client, which looks for its library beside itself."""
    script = KEPT / "node" / "relying_party.mjs"
    script.write_text((HERE / "node" / "relying_party.mjs").read_text(encoding="utf-8"), encoding="utf-8")
    return walk(standing, ["node", script], script.parent, told)


@pytest.mark.parametrize("post", [False, True], ids=["basic", "post"])
def test_openid_client_logs_in(standing: Standing, post: bool) -> None:
    secret = standing.register("node", CALLBACK)
    said = run_node(standing, client_id="node", secret=secret, post=post)
    check_person(standing, said["person"])
    assert said["claims"]["iss"] == standing.issuer
    assert (said["seen"]["active"], said["seen"]["username"], said["dead"]) == (True, "hoa.lt", True)
    assert said["goodbye"].startswith(f"{standing.issuer}/logout?")


def test_openid_client_proves_itself_by_a_key_and_pushes_its_request(standing: Standing) -> None:
    key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
    rest = Particulars(
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        require_pushed_authorization_requests=True,
    )
    standing.register("node", CALLBACK, particulars=rest, id_token_alg="RS256")
    said = run_node(standing, client_id="node", key=key.as_dict(private=True), pushed=True)
    check_person(standing, said["person"])


@pytest.mark.parametrize("post", [False, True], ids=["found out", "post"])
def test_go_oidc_logs_in_after_a_wrong_secret(standing: Standing, post: bool) -> None:
    """A wrong secret does not spend the code, whichever way the library tries first (rule 4)."""
    secret = standing.register("go", CALLBACK)
    said = walk(standing, [KEPT / "go-oidc"], HERE, {"client_id": "go", "secret": secret, "post": post})
    check_person(standing, said["person"])
    assert (said["refused"], said["refreshed"], said["sub"]) == (True, True, str(standing.hoa.person_id))


def run_idpyoidc(standing: Standing, **told: Any) -> dict[str, Any]:
    """idpyoidc, in the environment of its own; it writes keys of its own making where it runs."""
    program = HERE / "python" / "idpyoidc_party.py"
    return walk(standing, [KEPT / "python" / "bin" / "python", program], KEPT / "python", told)


def test_idpyoidc_logs_in(standing: Standing) -> None:
    secret = standing.register("idpy", CALLBACK)
    said = run_idpyoidc(standing, client_id="idpy", secret=secret)
    check_person(standing, said["person"])
    assert said["claims"]["aud"] == ["idpy"]


def test_idpyoidc_proves_itself_by_a_key(standing: Standing, tmp_path: Path) -> None:
    """Its pushed requests are not tried: it takes an answer of 200 alone, and the specification says 201."""
    key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    rest = Particulars(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key.as_dict(private=False)]})
    standing.register("idpy", CALLBACK, particulars=rest)
    kept = tmp_path / "keys.json"
    kept.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    said = run_idpyoidc(standing, client_id="idpy", keys=str(kept))
    check_person(standing, said["person"])
