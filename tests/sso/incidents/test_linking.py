"""Linking an account elsewhere: by who has just logged in here, in that very session, and never by a name or an address alone."""

from tests.sso.door.test_login import try_login
from tests.sso.upstream.conftest import Ours, elsewhere, ours
from tests.sso.upstream.test_entrance import is_refused, links

__all__ = ["elsewhere", "ours"]


def test_zitadel_cve_2026_105215_an_account_elsewhere_is_linked_after_a_fresh_log_in_only(ours: Ours) -> None:
    """KC CVE-2026-1529: the same name, log-in or address there makes nobody somebody here; nor does an old session."""
    browser = ours.door.browser()
    assert is_refused(ours.log_in(browser))
    assert try_login(browser, ours.hoa.login) == 303
    ours.clock.advance(minutes=16)
    assert browser.get("/me/upstream").headers["location"].startswith("/login")
    assert links(ours) == []
    assert try_login(browser, ours.hoa.login) == 303
    assert browser.get("/me/upstream").status_code == 200
