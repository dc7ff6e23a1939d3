"""Every new province has a stage for the story: a commune made of whole old ones, with somebody in each chair that is followed."""

import pytest

from foundation.errors import BadInput
from trial.casting import FIXED, cast
from trial.decree import stands_on
from trial.generator import all_provinces, build_province_trial
from trial.places import Country
from trial.posts import Sizes
from trial.setting import set_story
from trial.story import find_setting

PARTS = {"newcomer", "commune_chair", "commune_clerk", "district_clerk", "signer"}


def test_vinh_long_has_its_own_people(country: Country) -> None:
    assert cast(country, "86") is FIXED


@pytest.mark.parametrize("province", all_provinces())
def test_the_commune_of_the_story_begins_anew_from_whole_old_ones(country: Country, province: str) -> None:
    setting = set_story([province], province)
    made = setting.made_of
    assert all(share.whole for share in made)
    assert not stands_on(setting.casting.commune, made)
    assert {persona.key for persona in setting.casting.personas} >= PARTS
    assert setting.former in setting.olds


def test_the_followed_people_sit_in_their_chairs_and_go_to_the_commune(country: Country) -> None:
    trial = build_province_trial(country, "04", Sizes(2, 1, 3))
    played = {official.persona: official for official in trial.officials if official.persona}
    assert set(played) == PARTS
    assert played["commune_clerk"].chair.posts[0].duties == ("clerk",)
    named = {row.official.persona: row for row in trial.placements.rows if row.official.persona and row.main}
    assert named["commune_chair"].unit == named["district_clerk"].unit
    assert named["commune_chair"].post.duties == ("leader", "approver")
    assert "newcomer" not in named


def test_a_story_of_the_country_plays_in_vinh_long() -> None:
    setting = find_setting(all_provinces())
    assert (setting.province, setting.whole_country, setting.former.code) == ("86", True, "84")
    assert find_setting(("04",)).whole_country is False


def test_a_code_of_no_new_province_is_refused() -> None:
    with pytest.raises(BadInput):
        find_setting(("83",))
