"""What an application is told: only what its scopes open, and only what the published schema names."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from directory.people import FormerUnit, PersonFacts, PostFacts
from directory.portrait import Portrait
from directory.units import UnitFacts
from sso.claims import build_claims
from sso.discovery import CLAIMS_SCHEMA
from sso.previews import CLAIMS as PREVIEW
from sso.scopes import CLAIMS
from tests.sso.conftest import Door

DAY = datetime(2025, 6, 30, 17, tzinfo=UTC)
ALL = ("openid", "profile", "email", "phone", "address", "unit")


def unit(name: str, code: str | None) -> UnitFacts:
    """A commune."""
    codes = {"agency": code} if code else {}
    return UnitFacts(
        uuid.uuid4(), "commune", name, None, None, "office", None, None, "1 Lê Lợi", None, False, DAY, None, codes
    )


def portrait() -> Portrait:
    """Somebody with two posts who moved with the merger."""
    now, before = unit("Phường An Hội", "H61.101"), unit("Phường 8", None)
    person_id = uuid.uuid4()
    main = PostFacts(uuid.uuid4(), person_id, now.id, "Công chức", "committee", ("clerk",), True, False, DAY, None)
    second = replace(main, post_id=uuid.uuid4(), title="Ủy viên", body="party", duties=(), main=False, acting=True)
    person = PersonFacts(
        id=person_id,
        kind="official",
        name="Lê Thị Ngọc Hoa",
        staff_code="CB1",
        birth_date=date(1970, 2, 1),
        phone="0901234567",
        posts=(main, second),
        logins=("hoa.ltn", "hoa.le"),
        addresses=("hoa.ltn@vinhlong.gov.vn",),
        address_verified=False,
    )
    return Portrait(person, {now.id: now}, (FormerUnit(before, DAY),))


def test_everything_a_person_has() -> None:
    claims = build_claims(portrait(), ALL)
    assert (claims["family_name"], claims["middle_name"], claims["given_name"]) == ("Lê", "Thị Ngọc", "Hoa")
    assert (claims["preferred_username"], claims["birthdate"]) == ("hoa.ltn", "1970-02-01")
    assert claims["unit"] == {"id": claims["unit_id"], "code": "H61.101", "name": "Phường An Hội"}
    assert claims["post"] == {"title": "Công chức", "duties": ["clerk"]}
    assert [(post["main"], post["acting"], post["body"]) for post in claims["posts"]] == [
        (True, False, "committee"),
        (False, True, "party"),
    ]
    assert claims["former_units"] == [{"code": None, "name": "Phường 8", "until": "2025-06-30T17:00:00Z"}]
    assert claims["phone_number_verified"] is False


@pytest.mark.parametrize("scope", list(CLAIMS))
def test_a_scope_opens_its_own_claims(scope: str) -> None:
    own = dict.fromkeys(("nickname", "profile", "picture", "website", "gender", "zoneinfo", "locale"), "x")
    whole = replace(portrait(), joined=(uuid.uuid4(),))
    claims = build_claims(whole, ("openid", scope), own={**own, "updated_at": 1})
    assert set(claims) - {"sub"} == set(CLAIMS[scope])


def test_a_claim_wished_for_comes_alone_and_without_its_scope() -> None:
    claims = build_claims(portrait(), ("openid",), ("name", "nickname"), {"nickname": "Hoa", "gender": "x"})
    assert claims == {"sub": claims["sub"], "name": claims["name"], "nickname": "Hoa"}


def test_openid_alone_says_who_and_nothing_else() -> None:
    assert set(build_claims(portrait(), ("openid",))) == {"sub"}


def test_the_personal_number_and_the_staff_code_are_never_told() -> None:
    assert "CB1" not in repr(build_claims(portrait(), ALL))


def test_what_is_not_stored_is_left_out() -> None:
    whole = portrait()
    bare = replace(whole.person, birth_date=None, phone=None, addresses=(), logins=(), posts=())
    claims = build_claims(replace(whole, person=bare, former=()), ALL)
    assert set(claims) == {"sub", "name", "family_name", "middle_name", "given_name"}


def test_the_published_schema_names_every_claim_and_no_other(standing_door: Door) -> None:
    named = {"sub", *PREVIEW, *(claim for claims in CLAIMS.values() for claim in claims)}
    assert set(CLAIMS_SCHEMA["properties"]) == named
    answer = standing_door.browser().get("/schemas/claims.json")
    assert answer.json() == CLAIMS_SCHEMA
    assert answer.headers["content-type"] == "application/schema+json"
