"""How an application proves itself, and the one refusal."""

import base64

import pytest

from tests.sso.conftest import Door

ASK = {"grant_type": "client_credentials"}


def basic(client_id: str, secret: str) -> dict[str, str]:
    """A Basic header of these bytes."""
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_both_ways_of_sending_the_secret_are_taken(standing_door: Door) -> None:
    browser, application = standing_door.browser(), standing_door.application
    assert application.secret is not None
    header = basic(application.client_id, application.secret)
    assert browser.post("/token", data=ASK, headers=header).status_code == 200
    assert browser.post("/token", data={**ASK, "client_id": "van-ban"}, headers=header).status_code == 200
    body = {**ASK, "client_id": "van-ban", "client_secret": application.secret}
    assert browser.post("/token", data=body).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(basic("van-ban", "wrong"), id="wrong secret"),
        pytest.param(basic("nobody", "wrong"), id="unknown client"),
        pytest.param(basic("van-ban", ""), id="empty secret"),
        pytest.param(basic("van-ban", "mật khẩu ữ"), id="secret beyond ASCII (a TypeError in compare_digest)"),
        pytest.param({"Authorization": "Basic"}, id="no value"),
        pytest.param({"Authorization": "Basic ###"}, id="no base64"),
        pytest.param({"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()}, id="no UTF-8"),
        pytest.param({"Authorization": "Basic " + base64.b64encode(b"van-ban").decode()}, id="no colon"),
        pytest.param({"Authorization": "Basic " + "A" * 9000}, id="endless"),
        pytest.param({"Authorization": "Bearer x"}, id="another scheme"),
    ],
)
def test_every_failure_is_the_same_refusal(standing_door: Door, header: dict[str, str]) -> None:
    answer = standing_door.browser().post("/token", data=ASK, headers=header)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.json()["error_description"] == "The client could not be authenticated."
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


def test_no_proof_at_all_is_refused_without_a_challenge(standing_door: Door) -> None:
    answer = standing_door.browser().post("/token", data=ASK)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "www-authenticate" not in answer.headers


def test_two_proofs_are_refused(standing_door: Door) -> None:
    application = standing_door.application
    assert application.secret is not None
    body = {**ASK, "client_id": "van-ban", "client_secret": application.secret}
    header = basic("van-ban", application.secret)
    assert standing_door.browser().post("/token", data=body, headers=header).json()["error"] == "invalid_request"
    other = {**ASK, "client_id": "other"}
    assert standing_door.browser().post("/token", data=other, headers=header).json()["error"] == "invalid_request"


def test_the_query_is_never_read(standing_door: Door) -> None:
    application = standing_door.application
    query = f"/token?grant_type=client_credentials&client_id=van-ban&client_secret={application.secret}"
    assert standing_door.browser().post(query, data={"x": "y"}).json()["error"] == "invalid_request"


def test_a_parameter_sent_twice_is_refused(standing_door: Door) -> None:
    content = "grant_type=client_credentials&scope=verify&scope=verify"
    header = {
        **basic("van-ban", standing_door.application.secret or ""),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = standing_door.browser().post("/token", content=content, headers=header)
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "content, kind",
    [
        pytest.param(b'{"grant_type":"client_credentials"}', "application/json", id="JSON"),
        pytest.param(b"\xff\xfe=1", "application/x-www-form-urlencoded", id="no UTF-8"),
        pytest.param(b"a=%ff", "application/x-www-form-urlencoded", id="escaped bytes that are no UTF-8"),
        pytest.param(b"&".join(b"a%d=1" % n for n in range(500)), "application/x-www-form-urlencoded", id="500 fields"),
        pytest.param(b"a=" + b"x" * 100_000, "application/x-www-form-urlencoded", id="100 KB"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_refusal(standing_door: Door, content: bytes, kind: str) -> None:
    for path in ("/token", "/introspect", "/revoke"):
        answer = standing_door.browser().post(path, content=content, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500
        assert "error" in answer.json()
