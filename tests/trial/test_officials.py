from collections import Counter
from datetime import date

from trial.generator import ProvinceTrial
from trial.officials import Official


def share_of(officials: list[Official], family: str) -> float:
    return sum(official.name.family == family for official in officials) / len(officials)


def test_a_merger_has_about_eight_thousand_officials(vinh_long: ProvinceTrial) -> None:
    assert 7_800 <= len(vinh_long.officials) <= 8_200


def test_families_are_as_frequent_as_they_are(vinh_long: ProvinceTrial) -> None:
    assert 0.34 < share_of(vinh_long.officials, "Nguyễn") < 0.41
    assert 0.09 < share_of(vinh_long.officials, "Trần") < 0.13
    assert share_of(vinh_long.officials, "Huỳnh") > share_of(vinh_long.officials, "Hoàng") == 0


def test_a_personal_number_tells_province_century_sex_and_year(vinh_long: ProvinceTrial) -> None:
    for official in vinh_long.officials:
        digits = official.personal_number
        century = 1900 if digits[3] in "01" else 2000
        assert len(digits) == 12
        assert digits[:3] == f"0{official.unit.province}"
        assert digits[3] in ("02" if official.sex == "m" else "13")
        assert century + int(digits[4:6]) == official.born.year


def test_numbers_and_staff_codes_are_unique_and_nobody_is_a_homonym_by_accident(vinh_long: ProvinceTrial) -> None:
    officials = vinh_long.officials
    assert len({official.personal_number for official in officials}) == len(officials)
    assert len({official.staff_code for official in officials}) == len(officials)
    assert len({(official.name.full, official.born) for official in officials}) == len(officials)


def test_log_ins_are_unique_in_a_province_and_overlap_between_them(vinh_long: ProvinceTrial) -> None:
    per_province = Counter((official.unit.province, official.login) for official in vinh_long.officials)
    assert max(per_province.values()) == 1
    assert Counter(official.login for official in vinh_long.officials)["nva"] == 2
    everywhere = Counter(login for _, login in per_province)
    assert sum(count > 1 for count in everywhere.values()) > 50


def test_party_council_committee_and_front_stand_side_by_side(vinh_long: ProvinceTrial) -> None:
    commune = [official for official in vinh_long.officials if official.unit.ref == "c29242"]
    assert {post.body for official in commune for post in official.chair.posts} == {
        "party", "council", "committee", "front",
    }  # fmt: skip
    assert any(len(official.chair.posts) == 2 for official in commune)


def test_everybody_is_of_working_age(vinh_long: ProvinceTrial) -> None:
    assert all(date(1960, 1, 1) < official.born < date(2002, 1, 1) for official in vinh_long.officials)


def test_the_known_people_sit_where_the_story_looks_for_them(vinh_long: ProvinceTrial) -> None:
    known = {official.persona: official for official in vinh_long.officials if official.persona}
    assert len(known) == 11
    assert known["commune_chair"].chair.posts[0].title == "Chủ tịch UBND phường"
    assert known["commune_clerk"].chair.posts[0].duties == ("clerk",)
    assert known["signer"].chair.posts[0].title == "Chủ tịch UBND tỉnh"
    assert known["signer"].unit.name == "Tỉnh Trà Vinh"
    assert known["hr"].chair.posts[0].duties == ("hr",)
    assert known["newcomer"].password_hash == ""
