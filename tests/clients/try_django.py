"""mozilla-django-oidc, which is also inside Mayan EDMS: by the snippet's settings, with a challenge, and without as Mayan sends none."""

import time

import pytest

from tests.clients.conftest import Standing
from tests.clients.programs import HERE, KEPT, Program
from tests.services.ports import free_port


@pytest.mark.parametrize("challenge", [True, False], ids=["challenge", "as Mayan"])
def test_a_django_site_logs_in_and_renews_without_a_page(standing: Standing, challenge: bool) -> None:
    """Rules 1, 3, 5 and 10: keys by `kid` and `alg`, raw Basic, the challenge is a setting, prompt=none is a redirect."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register("django", f"{home}/oidc/callback/", pkce_required=challenge)
    snippet = standing.snippet("mozilla-django-oidc", "django")
    if not challenge:
        snippet = snippet.replace("OIDC_USE_PKCE = True", "OIDC_USE_PKCE = False")
    words = [KEPT / "python" / "bin" / "python", HERE / "python" / "django_party.py"]
    with Program(words, HERE, {"snippet": snippet, "port": port}) as site:
        assert site.hear() == {"serves": port}
        person = standing.person()
        assert person.open(f"{home}/").json() == {"email": "hoa.lt@vinhlong.gov.vn"}
        time.sleep(1.1)  # the settings say that an id token is old after a second
        asked = person.follow(f"{home}/", standing.issuer)
        assert "prompt=none" in asked
        assert person.follow(asked, home).startswith(f"{home}/oidc/callback/?code="), "no page in between"
        assert person.open(f"{home}/").status_code == 200


def test_mayan_is_shut_out_where_the_challenge_is_demanded(standing: Standing) -> None:
    """The must-not of rule 5: what the setting is for."""
    port = free_port()
    home = f"http://127.0.0.1:{port}"
    standing.register("django", f"{home}/oidc/callback/")
    snippet = standing.snippet("mozilla-django-oidc", "django").replace("OIDC_USE_PKCE = True", "OIDC_USE_PKCE = False")
    words = [KEPT / "python" / "bin" / "python", HERE / "python" / "django_party.py"]
    with Program(words, HERE, {"snippet": snippet, "port": port}) as site:
        site.hear()
        back = standing.person().follow(f"{home}/oidc/authenticate/", f"{home}/oidc/callback/")
    assert "error=invalid_request" in back
