from collections import Counter
from datetime import datetime

import yaml

from trial.generator import ProvinceTrial, Trial, build_province_trial, write_small_decree
from trial.places import Country
from trial.posts import Sizes


def test_every_old_unit_but_the_standing_ones_ends_in_one_way(vinh_long: ProvinceTrial) -> None:
    ended: Counter[str] = Counter()
    for event in vinh_long.events:
        if event["kind"] == "dissolve":
            ended[event["unit"]["code"]] += 1
        for member in event.get("from", []):
            ended[member["unit"]["code"]] += member["principal"]
    standing = {event["unit"]["code"] for event in vinh_long.events if event["kind"] == "reparent"}
    kept_departments = {unit.agency for unit in vinh_long.units if unit.level == "department" and unit.province == "86"}
    for unit in vinh_long.units:
        stays = unit.admin in standing or unit.agency in kept_departments or unit.ref == "p86"
        assert ended[unit.admin or unit.agency] == (0 if stays else 1), unit


def test_354_communes_become_124(vinh_long: ProvinceTrial) -> None:
    kinds = Counter(event["kind"] for event in vinh_long.events)
    assert kinds["reparent"] + len(vinh_long.begin) == 124
    assert kinds["merge_into_new"] == len(vinh_long.begin)
    assert all(unit["codes"][0]["continues"]["scheme"] == "admin-2004" for unit in vinh_long.begin)


def test_a_divided_commune_has_several_heirs_and_one_principal(vinh_long: ProvinceTrial) -> None:
    parts: dict[str, list[bool]] = {}
    for event in vinh_long.events:
        for member in event.get("from", []):
            if member["share"] == "part":
                parts.setdefault(member["unit"]["code"], []).append(member["principal"])
    assert len(parts) == 8
    assert all(len(principals) == 2 and sum(principals) == 1 for principals in parts.values())


def test_every_district_has_heirs_and_one_principal(vinh_long: ProvinceTrial) -> None:
    ends = [event for event in vinh_long.events if event["kind"] == "dissolve"]
    assert len(ends) == 26 * 10
    assert all(sum(heir["principal"] for heir in event["heirs"]) == 1 for event in ends)


def test_the_written_decree_says_that_it_is_an_example(written: Trial) -> None:
    decree = yaml.safe_load((written.folder / "decree.yaml").read_text(encoding="utf-8"))
    assert decree["format"] == "hopnhat-decree/1"
    assert decree["example"] is True
    assert decree["expect"]["people"]["count"] == written.people
    assert datetime.fromisoformat(decree["effective"]).utcoffset() is not None


def test_the_small_decree_takes_effect_when_the_story_says(written: Trial) -> None:
    instant = datetime.fromisoformat("2026-11-22T10:00:30+07:00")
    decree = yaml.safe_load(write_small_decree(written, instant).read_text(encoding="utf-8"))
    assert datetime.fromisoformat(decree["effective"]) == instant
    assert len(decree["events"]) == 1


def test_island_districts_without_communes_merge_as_communes_do(country: Country) -> None:
    trial = build_province_trial(country, "31", Sizes(1, 1, 1))
    members = [member["unit"]["code"] for event in trial.events for member in event.get("from", [])]
    assert "318" in members
    assert "318" not in [event["unit"]["code"] for event in trial.events if event["kind"] == "dissolve"]
