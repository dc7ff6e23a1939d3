"""Refresh: what was spent stays spent over a restart, and a family ends whole. Fifty at once (KC CVE-2026-1035): test_races.py."""

import sqlalchemy as sa

from foundation.web import build_app
from sso.app import build_router
from sso.models import RefreshToken
from tests.services.inside import Inside
from tests.sso.flow import Application, refresh
from tests.sso.incidents.conftest import ISSUER, Attacked


def test_keycloak_cve_2026_9802_a_token_that_was_used_is_used_after_a_restart_too(
    attacked: Attacked, application: Application
) -> None:
    first = attacked.tokens(application, attacked.someone())["refresh_token"]
    second = refresh(attacked.browser(), application, first).json()["refresh_token"]
    attacked.clock.advance(seconds=11)
    restarted = Inside.of(build_app(attacked.runtime, [build_router(attacked.runtime)]), origin=ISSUER)
    assert refresh(restarted, application, first).status_code == 400
    assert refresh(restarted, application, second).status_code == 400, "and the family is over"


def test_keycloak_cve_2026_1035_a_token_is_rotated_by_one_statement(
    attacked: Attacked, application: Application
) -> None:
    """The same token shown twice within the seconds for lost answers has one child, kept once."""
    token = attacked.tokens(application, attacked.someone())["refresh_token"]
    with attacked.runtime.database.read() as reads:
        before = reads.execute(sa.select(sa.func.count()).select_from(RefreshToken)).scalar_one()
    children = {refresh(attacked.browser(), application, token).json()["refresh_token"] for _ in range(3)}
    with attacked.runtime.database.read() as reads:
        after = reads.execute(sa.select(sa.func.count()).select_from(RefreshToken)).scalar_one()
    assert (len(children), after - before) == (1, 1)


def test_a_refresh_token_of_another_application_is_none(attacked: Attacked, application: Application) -> None:
    token = attacked.tokens(application, attacked.someone())["refresh_token"]
    assert refresh(attacked.browser(), attacked.application(), token).status_code == 400
    assert refresh(attacked.browser(), application, token).status_code == 200, "nor does a stranger end the family"
