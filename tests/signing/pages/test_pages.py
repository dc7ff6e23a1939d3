"""The pages at their door: log in at the sign-on service, read, approve, bring a key."""

from urllib.parse import urlsplit

from foundation.outbox import drain
from signing.jobs import HANDLERS
from tests.services.inside import Inside
from tests.signing.conftest import Site
from tests.signing.world import PASSWORD, Merged
from tests.sso.flow import form_of


def follow(browser: Inside, address: str, login: str) -> str:
    """Go where redirects lead, logging in when the sign-on service asks. Gives the last page's text."""
    response = browser.get(address)
    for _ in range(12):
        if response.status_code == 303:
            place = urlsplit(response.headers["location"])
            response = browser.get(f"{place.path}?{place.query}" if place.query else place.path)
        elif 'name="password"' in response.text:
            response = browser.post("/login", data={**form_of(response), "login": login, "password": PASSWORD})
        else:
            break
    assert response.status_code == 200, response.text
    return response.text


def test_a_head_reads_and_approves_after_a_fresh_log_in(site: Site, merged: Merged) -> None:
    dossier = merged.propose()
    browser = site.browser()
    text = follow(browser, "/signing/", "hoa.lt")
    assert "Waiting for your approval" in text
    assert f"/signing/dossiers/{dossier}" in text
    page = follow(browser, f"/signing/dossiers/{dossier}", "hoa.lt")
    assert "Nguyễn Văn An" in page
    asked = browser.get(f"/signing/dossiers/{dossier}/approve")
    posted = browser.post(f"/signing/dossiers/{dossier}/approve", data=form_of(asked))
    assert posted.status_code == 303
    assert "Approved" in browser.get(f"/signing/dossiers/{dossier}").text
    drain(site.runtime, HANDLERS)
    assert "With the authority" in browser.get(f"/signing/dossiers/{dossier}").text
