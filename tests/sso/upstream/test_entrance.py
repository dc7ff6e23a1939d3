"""Coming in by a second, real provider: only after a link, and a link only after a fresh log-in of our own."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from directory.credentials import issue_activation_code
from directory.joins import PersonJoin
from directory.models import Account
from foundation.changes import small_change
from sso.factors.loss import drop_factors
from sso.upstream.links import add_link
from sso.upstream.models import UpstreamLink
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.flow import Attempt, answer_of, form_of, read_id_token, redeem
from tests.sso.people import official
from tests.sso.upstream.conftest import NAME, Elsewhere, Ours, query_of

REFUSED = "upstream=refused"


def is_refused(answer: httpx.Response) -> bool:
    """Whether the browser is back at the log-in page with the one sentence, and in nowhere."""
    return answer.status_code == 303 and REFUSED in answer.headers["location"] and "session" not in answer.cookies


def links(ours: Ours) -> list[tuple[str, str]]:
    """All links, by subject and account."""
    with ours.door.runtime.database.read() as reads:
        rows = reads.execute(sa.select(UpstreamLink.subject, UpstreamLink.account_id))
        return [(subject, str(account)) for subject, account in rows]


def test_an_account_that_is_not_linked_opens_nothing_and_makes_nobody(ours: Ours) -> None:
    """Not by name, log-in or address: the person elsewhere has the same name as ours."""
    browser = ours.door.browser()
    assert is_refused(ours.log_in(browser))
    assert [row["why"] for row in ours.audit("sso.upstream.refused")] == ["not_linked"]
    assert "not linked to one here" in browser.get(f"/login?{REFUSED}").text


def test_who_linked_comes_in_and_the_application_gets_our_own_subject(ours: Ours) -> None:
    done = ours.link(ours.door.browser())
    assert done.headers["location"] == "/me/upstream?changed=yes"
    assert links(ours) == [(str(ours.elsewhere.hoa.person_id), str(ours.hoa.account_id))]
    browser, attempt = ours.door.browser(), Attempt(ours.door.application)
    following = query_of(browser.get(attempt.address()).headers["location"])["next"]
    back = ours.log_in(browser, following)
    code = answer_of(browser.get(back.headers["location"]))["code"]
    claims = read_id_token(browser, redeem(browser, attempt, code).json()["id_token"])
    assert claims["sub"] == str(ours.hoa.person_id)
    assert (claims["acr"], claims["amr"]) == ("urn:hopnhat:password", ["upstream"])
    assert ours.audit("sso.session.opened")[-1]["provider"] == NAME


def test_unlinked_it_opens_nothing_any_more(ours: Ours) -> None:
    ours.linked()
    browser = ours.door.browser()
    assert try_login(browser, ours.hoa.login) == 303
    page = browser.get("/me/upstream")
    assert "Unlink Tỉnh bạn" in page.text
    link_id = page.text.partition('name="remove" value="')[2].partition('"')[0]
    assert browser.post("/me/upstream", data={**form_of(page), "remove": link_id}).status_code == 303
    assert links(ours) == []
    assert is_refused(ours.log_in(ours.door.browser()))
    assert [row["issuer"] for row in ours.audit("sso.upstream.unlinked")] == [ours.elsewhere.issuer]


# --- linking -------------------------------------------------------------------------------------------------------


def test_nobody_links_without_a_log_in(ours: Ours) -> None:
    assert ours.door.browser().get("/me/upstream").headers["location"].startswith("/login")


def test_nobody_links_on_a_log_in_of_an_hour_ago(ours: Ours) -> None:
    """CVE-2026-105207, CVE-2026-105215, CVE-2026-1529."""
    browser = ours.door.browser()
    assert try_login(browser, ours.hoa.login) == 303
    ours.clock.advance(minutes=16)
    assert browser.get("/me/upstream").headers["location"].startswith("/login")


def test_who_came_in_by_a_provider_links_and_unlinks_nothing(ours: Ours) -> None:
    ours.linked()
    browser = ours.door.browser()
    assert ours.log_in(browser).status_code == 303
    assert browser.get("/me").status_code == 200
    assert browser.get("/me/upstream").headers["location"].startswith("/login")


def test_a_link_is_made_only_in_the_session_that_asked(ours: Ours) -> None:
    browser = ours.door.browser()
    assert try_login(browser, ours.hoa.login) == 303
    answer = ours.go_there(ours.ask_for_link(browser))
    other = official(ours.door.runtime, "Trần Nam", "nam.t", unit="Xã Mỹ Lộc", code="H61.13")
    browser.cookies.delete("session")
    assert try_login(browser, other.login) == 303
    assert browser.get(answer).headers["location"] == "/me/upstream?refused=yes"
    assert links(ours) == []


def test_a_log_in_answered_in_a_session_links_nothing(ours: Ours) -> None:
    browser = ours.door.browser()
    sent = browser.get(f"/login/upstream/{NAME}")
    assert try_login(browser, ours.hoa.login) == 303
    assert is_refused(browser.get(ours.go_there(sent)))
    assert links(ours) == []


def test_an_account_elsewhere_opens_one_account_here(ours: Ours) -> None:
    other = official(ours.door.runtime, "Trần Nam", "nam.t", unit="Xã Mỹ Lộc", code="H61.13")
    with ours.door.runtime.database.write() as writes:
        add_link(writes, other.account_id, ours.elsewhere.issuer, str(ours.elsewhere.hoa.person_id), ours.clock.now)
    assert ours.link(ours.door.browser()).headers["location"] == "/me/upstream?refused=yes"
    assert links(ours) == [(str(ours.elsewhere.hoa.person_id), str(other.account_id))]


@pytest.mark.parametrize(("ended", "linked"), [("closed", True), ("joined", True), ("suspended", False)])
def test_a_link_of_an_account_that_ended_stands_in_nobodys_way(ours: Ours, ended: str, linked: bool) -> None:
    """Somebody came back under a new record, or had two: the account elsewhere is theirs as before. A suspended one is still somebody's."""
    other = official(ours.door.runtime, "Lê Thị Hoa", "hoa.cu", unit="Xã Mỹ Lộc", code="H61.13")
    with ours.door.runtime.database.write() as writes:
        add_link(writes, other.account_id, ours.elsewhere.issuer, str(ours.elsewhere.hoa.person_id), ours.clock.now)
        if ended == "joined":
            change = small_change(writes, "test", "test", ours.clock.now)
            pair = {"person_id": other.person_id, "survivor_id": ours.hoa.person_id}
            writes.add(PersonJoin(**pair, joined_at=ours.clock.now, change_id=change.id))
        else:
            writes.execute(sa.update(Account).where(Account.id == other.account_id).values(state=ended))
    answer = "/me/upstream?changed=yes" if linked else "/me/upstream?refused=yes"
    assert ours.link(ours.door.browser()).headers["location"] == answer
    assert links(ours) == [
        (str(ours.elsewhere.hoa.person_id), str(ours.hoa.account_id if linked else other.account_id))
    ]
    assert bool(ours.audit("sso.upstream.unlinked")) == linked


def test_nobody_takes_anothers_link_away(ours: Ours) -> None:
    other = official(ours.door.runtime, "Trần Nam", "nam.t", unit="Xã Mỹ Lộc", code="H61.13")
    with ours.door.runtime.database.write() as writes:
        add_link(writes, other.account_id, "https://elsewhere.example", "somebody", ours.clock.now)
        link_id = writes.execute(sa.select(UpstreamLink.id)).scalar_one()
    browser = ours.door.browser()
    assert try_login(browser, ours.hoa.login) == 303
    data = {**form_of(browser.get("/me/upstream")), "remove": str(link_id)}
    browser.post("/me/upstream", data=data)
    browser.post("/me/upstream", data=data | {"remove": "nonsense"})
    assert len(links(ours)) == 1


# --- the account ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["suspended", "closed"])
def test_an_account_that_is_not_active_stays_shut(ours: Ours, state: str) -> None:
    ours.linked()
    with ours.door.runtime.database.write() as writes:
        writes.execute(sa.text("UPDATE account SET state = :state").bindparams(state=state))
    assert is_refused(ours.log_in(ours.door.browser()))


def test_a_second_factor_that_is_owed_stays_owed(ours: Ours) -> None:
    ours.linked()
    with ours.door.runtime.database.write() as writes:
        set_app = "INSERT INTO sso_authenticator (account_id, secret_sealed, made_at, last_step) "
        kept = "SELECT id, 'x', :now, 0 FROM account"
        writes.execute(sa.text(set_app + kept).bindparams(sa.bindparam("now", ours.clock.now, sa.DateTime())))
    browser = ours.door.browser()
    assert ours.log_in(browser).headers["location"].startswith("/second-factor")
    assert browser.get("/me").status_code == 303


# --- the answer ----------------------------------------------------------------------------------------------------


def change(query: str, **values: str | None) -> str:
    """An answer's address with other parameters."""
    kept = {**query_of(query), **values}
    return f"{query.partition('?')[0]}?{httpx.QueryParams({name: value for name, value in kept.items() if value is not None})}"


ANSWERS: dict[str, tuple[dict[str, str | None], str]] = {
    "another state": ({"state": "guessed"}, "lost"),
    "no state": ({"state": None}, "lost"),
    "another issuer (mix-up)": ({"iss": "https://attacker.example"}, "mixed_up"),
    "no issuer where it always says it (mix-up)": ({"iss": None}, "mixed_up"),
    "a refusal": ({"error": "access_denied"}, "answer"),
    "no code": ({"code": None}, "answer"),
    "another code": ({"code": "guessed"}, "away"),
}


@pytest.mark.parametrize("which", ANSWERS)
def test_an_answer_that_is_not_the_one_opens_nothing(ours: Ours, which: str) -> None:
    """RFC 9207: the issuer of an answer is compared."""
    changed, why = ANSWERS[which]
    ours.linked()
    browser = ours.door.browser()
    answer = ours.go_there(browser.get(f"/login/upstream/{NAME}"))
    assert is_refused(browser.get(change(answer, **changed)))
    assert [row["why"] for row in ours.audit("sso.upstream.refused")] == [why]
    assert is_refused(browser.get(answer)), "the trip is over"


def test_an_answer_opens_only_the_browser_that_asked_and_once(ours: Ours) -> None:
    ours.linked()
    browser = ours.door.browser()
    answer = ours.go_there(browser.get(f"/login/upstream/{NAME}"))
    assert is_refused(ours.door.browser().get(answer)), "log-in forced upon another browser"
    assert browser.get(answer).headers["location"] == "/me"
    browser.cookies.delete("session")
    assert is_refused(browser.get(answer))


def test_an_answer_after_ten_minutes_is_nobodys(ours: Ours) -> None:
    browser = ours.door.browser()
    answer = ours.go_there(browser.get(f"/login/upstream/{NAME}"))
    ours.clock.advance(minutes=11)
    assert is_refused(browser.get(answer))


def test_an_unknown_provider_is_a_page_that_is_not_there(ours: Ours) -> None:
    assert ours.door.browser().get("/login/upstream/attacker").status_code == 404
    assert ours.door.browser().get("/login/upstream/attacker/answer").status_code == 404


def test_the_way_back_stays_our_own(ours: Ours) -> None:
    ours.linked()
    back = ours.log_in(ours.door.browser(), "https://attacker.example/")
    assert back.headers["location"] == "/me"


def test_the_buttons_are_there_only_where_there_is_a_provider(ours: Ours, standing_door: Door) -> None:
    assert "Log in with Tỉnh bạn" in ours.door.browser().get("/login").text
    plain = standing_door.browser()
    assert "/login/upstream" not in plain.get("/login").text
    assert plain.get(f"/login/upstream/{NAME}").status_code == 404


def test_what_goes_out_says_nothing_of_the_person(ours: Ours, elsewhere: Elsewhere) -> None:
    sent = ours.door.browser().get(f"/login/upstream/{NAME}?login=hoa.lt")
    asked: dict[str, Any] = query_of(sent.headers["location"])
    assert sorted(asked) == [
        *("client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type"),
        *("scope", "state", "ui_locales"),
    ]
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid")


# --- what a provider's word does not open --------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/me/passkeys", "/me/authenticator"])
def test_another_providers_word_lays_no_key_by(ours: Ours, page: str) -> None:
    """A provider that was taken over, or an open screen with a live session there, would else enrol a key that outlives the link."""
    ours.linked()
    browser = ours.door.browser()
    assert ours.log_in(browser).status_code == 303
    assert browser.get("/me").status_code == 200
    assert browser.get(page).headers["location"].startswith("/login")
    assert try_login(browser, ours.hoa.login) == 303
    assert browser.get(page).status_code == 200


def test_a_link_of_whoever_had_taken_the_account_over_does_not_outlive_the_reset(ours: Ours) -> None:
    ours.linked()
    with ours.door.runtime.database.write() as writes:
        code = issue_activation_code(writes, ours.hoa.account_id, ours.clock.now, timedelta(days=7), "reset")
    browser = ours.door.browser()
    fresh = "hoa sen nở trên đầm lầy xanh 84"
    given = {"login": ours.hoa.login, "code": code, "new_password": fresh, "new_password_again": fresh}
    assert browser.post("/activate", data={**form_of(browser.get("/activate")), **given}).status_code == 303
    assert links(ours) == []
    assert is_refused(ours.log_in(ours.door.browser()))


def test_factors_that_are_lost_take_the_links_along(ours: Ours) -> None:
    ours.linked()
    with ours.door.runtime.database.write() as writes:
        drop_factors(writes, ours.hoa.account_id, "test", ours.clock.now)
    assert links(ours) == []


def test_a_live_session_elsewhere_does_not_answer_for_who_has_to_log_in_anew(ours: Ours) -> None:
    """A browser that is in already, and an application that asks with `prompt=login`; the address is changed on its way."""
    ours.linked()
    browser = ours.door.browser()
    ours.log_in(browser)
    address = Attempt(ours.door.application).address(prompt="login")
    following = query_of(browser.get(address).headers["location"])["next"]
    for inside, back in ((browser, "/me/passkeys"), (ours.door.browser(), following)):
        ours.clock.advance(90)
        sent = inside.get(f"/login/upstream/{NAME}", params={"next": back})
        asked = query_of(sent.headers["location"])
        assert (asked["prompt"], asked["max_age"]) == ("login", "0")
        sent.headers["location"] = change(sent.headers["location"], prompt=None, max_age=None)
        assert is_refused(inside.get(ours.go_there(sent)))
    assert [row["why"] for row in ours.audit("sso.upstream.refused")] == ["answer", "answer"]
