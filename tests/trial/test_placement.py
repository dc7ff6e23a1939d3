from collections import Counter

from python_calamine import CalamineWorkbook

from trial.generator import ProvinceTrial, Trial
from trial.placement import HEADINGS, LEAVING_WORDS, Placement


def named(trial: ProvinceTrial) -> dict[str, list[Placement]]:
    found: dict[str, list[Placement]] = {}
    for row in trial.placements.rows:
        found.setdefault(row.official.personal_number, []).append(row)
    return found


def ends(trial: ProvinceTrial) -> set[str]:
    return {unit.ref for unit in trial.units if unit.province != "86" or unit.level not in ("province", "department")}


def test_every_leader_of_an_ending_unit_and_all_district_staff_are_named(vinh_long: ProvinceTrial) -> None:
    rows, ending = named(vinh_long), ends(vinh_long)
    for official in vinh_long.officials:
        by_name = official.unit.level in ("district", "division") or official.chair.leads
        if official.unit.ref in ending and by_name and official.personal_number not in vinh_long.placements.undecided:
            assert official.personal_number in rows, official


def test_some_are_left_undecided_and_some_leave(vinh_long: ProvinceTrial) -> None:
    rows = named(vinh_long)
    assert 10 <= len(vinh_long.placements.undecided) <= 20
    assert not vinh_long.placements.undecided & set(rows)
    assert 50 <= len(vinh_long.placements.leavers) <= 80
    for number in vinh_long.placements.leavers:
        (row,) = rows[number]
        assert row.unit == ""
        assert row.post.title in LEAVING_WORDS


def test_every_new_commune_has_one_chair_of_the_committee_except_the_conflicts(vinh_long: ProvinceTrial) -> None:
    chairs = Counter(row.unit for row in vinh_long.placements.rows if row.post.title.startswith("Chủ tịch UBND"))
    twice = {unit for unit, count in chairs.items() if count > 1}
    assert len(chairs) == 124
    assert twice == set(vinh_long.placements.conflicts)
    assert len(twice) == 2


def test_the_known_people_go_where_the_story_follows_them(vinh_long: ProvinceTrial) -> None:
    rows = {row.official.persona: row for row in vinh_long.placements.rows if row.official.persona and row.main}
    ward = rows["commune_chair"].unit
    assert rows["commune_chair"].post.title == "Chủ tịch UBND phường"
    assert (rows["district_clerk"].unit, rows["district_clerk"].post.duties) == (ward, ("clerk",))
    assert rows["signer"].unit == "H61"
    assert rows["signer"].post.title == "Phó Chủ tịch UBND tỉnh"
    assert "newcomer" not in rows


def test_the_written_list_has_the_headings_that_the_importer_knows(written: Trial) -> None:
    rows = CalamineWorkbook.from_path(written.folder / "placement.xlsx").get_sheet_by_index(0).to_python()
    assert rows[2] == list(HEADINGS)
    assert len(rows) > 3_000
