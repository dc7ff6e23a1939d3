from directory.people import find_posts
from directory.succession import answer_successors
from directory.units import get_unit_by_code
from foundation.changes import AsOf, register_digest
from foundation.clocks import parse_instant
from provisioning.merger.apply import apply_plan
from tests.provisioning.merger.conftest import DECREE, Administration

AFTER = AsOf(parse_instant("2025-07-02"))
BEFORE = AsOf(parse_instant("2025-06-30"))


def test_a_merger_is_seen_on_its_day_and_not_before(administration: Administration) -> None:
    rows = [
        administration.row("Phạm Chủ Tịch", "H08.31.21", "H61.101", "Chủ tịch UBND phường", duties=("leader",)),
        administration.row("Võ Văn Huyện", "H08.31", None),
    ]
    plan = administration.plan(DECREE, rows)
    assert plan.header.open == {"undecided": 1, "conflicts": 0, "codes_to_confirm": 1}
    assert plan.header.summary["people"] == {
        "people": 6, "move": 3, "stay": 1, "leave": 1, "undecided": 1, "empty_units": 1,
    }  # fmt: skip
    administration.approve(plan)
    applied = apply_plan(administration.runtime, plan.path, administration.actor("Lê Thị Hoa"))
    assert applied.lines == plan.header.lines
    with administration.runtime.database.read() as reads:
        old = find_posts(reads, [administration.people["Trần Văn Bình"]], BEFORE)
        new = find_posts(reads, [administration.people["Trần Văn Bình"]], AFTER)
        assert [post.unit_id for post in old[administration.people["Trần Văn Bình"]]] == [administration.units["28789"]]
        ward = get_unit_by_code(reads, "H61.101", AFTER)
        assert ward.name == "Phường An Hội"
        assert [post.unit_id for post in new[administration.people["Trần Văn Bình"]]] == [ward.id]
        (chair,) = find_posts(reads, [administration.people["Phạm Chủ Tịch"]], AFTER)[
            administration.people["Phạm Chủ Tịch"]
        ]
        assert chair.duties == ("leader",)
        assert find_posts(reads, [administration.people["Võ Văn Huyện"]], AFTER) == {}
        answer = answer_successors(reads, ["28756"], AFTER, "admin-2004")[0]
        assert [heir["unit"] for heir in answer["origins"][0]["successors"]] == [str(ward.id)]
        assert register_digest(reads) != ""
