"""The code flow from the first redirect to the claims."""

from tests.sso.conftest import Door
from tests.sso.flow import Attempt, get_code, read_id_token, redeem, userinfo
from tests.sso.people import PASSWORD, official


def test_an_official_logs_in_and_the_application_learns_unit_and_post(door: Door) -> None:
    hoa = official(door.runtime)
    browser, attempt = door.browser(), Attempt(door.application)
    answer = redeem(browser, attempt, get_code(browser, attempt, "hoa.lt", PASSWORD))
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    claims = read_id_token(browser, tokens["id_token"])
    assert claims["sub"] == str(hoa.person_id)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == ("http://127.0.0.1:8000", "van-ban", attempt.nonce)
    told = userinfo(browser, tokens["access_token"]).json()
    assert told["sub"] == claims["sub"]
    assert told["name"] == "Lê Thị Hoa"
    assert (told["unit_name"], told["unit_code"]) == ("Xã An Bình", "H61.12")
    assert told["post"] == {"title": "Công chức tư pháp", "duties": []}
