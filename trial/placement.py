"""The placement list of a merger: who goes where, as the province's HR office would have decided it.

Named are all leaders, all staff of districts, and the staff of communes that were divided; everybody else goes by the
decree's rules. A leaver has no new unit and one of LEAVING_WORDS as new title. Some people are left out on purpose
(they must come out undecided) and in some communes two people are named for one chair (a conflict).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import xlsxwriter

from trial.draws import open_draws
from trial.offices import DISTRICT_OFFICES, Unit
from trial.officials import Official
from trial.places import Share
from trial.posts import PostKind, kind_of_commune
from trial.rosters import BODY_WORDS, DUTY_WORDS, MAIN_WORDS

HEADINGS = (
    "Số định danh", "Họ và tên", "Mã đơn vị cũ", "Mã đơn vị mới", "Chức vụ mới", "Nhiệm vụ", "Khối",
    "Chính/kiêm nhiệm", "Số quyết định",
)  # fmt: skip
LEAVING_WORDS = ("Nghỉ hưu", "Thôi việc")

LEAVING_SHARE, UNDECIDED_OF_DISTRICTS, UNDECIDED_OF_DIVIDED, CONFLICTS = 0.008, 0.0015, 0.0003, 2

_STAFF_TITLES = (
    PostKind("Chuyên viên Phòng Kinh tế", "committee"),
    PostKind("Chuyên viên Phòng Văn hóa - Xã hội", "committee"),
    PostKind("Chuyên viên Văn phòng HĐND và UBND", "committee"),
    PostKind("Chuyên viên Trung tâm Phục vụ hành chính công", "committee"),
)
_HEAD_TITLES = {
    "van-phong": "Chánh Văn phòng HĐND và UBND", "van-hoa": "Trưởng phòng Văn hóa - Xã hội",
    "giao-duc": "Trưởng phòng Văn hóa - Xã hội",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placement:
    """One line of the list: a person and a new post; `unit` is the new unit's agency code, empty for a leaver."""

    official: Official
    unit: str
    post: PostKind
    main: bool = True


@dataclass(frozen=True, slots=True)
class Placements:
    """The list, and what must come out of a plan made with it."""

    rows: list[Placement]
    leavers: frozenset[str]
    undecided: frozenset[str]
    """Personal numbers of people who are named nowhere although no rule may place them."""
    conflicts: tuple[str, ...]
    """Agency codes of new communes where two people are named for one chair."""


@dataclass(slots=True)
class _Desk:
    """What lies on the desk while the list of one new province is written."""

    draws: random.Random
    shares: dict[str, list[Share]]
    codes: dict[str, str]
    departments: dict[str, str]
    story: str
    """The new commune of the story: its known people keep their chairs."""
    rows: list[Placement] = field(default_factory=list)
    placed: set[int] = field(default_factory=set)
    seniors: dict[str, list[Official]] = field(default_factory=dict)
    """Leaders of districts who may become the first secretaries of new communes, by district."""

    def place(self, official: Official, unit: str, *posts: PostKind) -> None:
        """Name a person for posts in one new unit; the first is the main one."""
        self.placed.add(official.key)
        self.rows += [Placement(official, unit, post, main=number == 0) for number, post in enumerate(posts)]


def build_placements(
    officials: list[Official],
    units: list[Unit],
    shares: dict[str, list[Share]],
    codes: dict[str, str],
    seed: int,
    scope: str,
    story: str,
) -> Placements:
    """The list for all officials of a new province; `codes` are the new communes' agency codes, the first unit its kept province."""
    kept = units[0]
    departments = {
        unit.office: unit.agency for unit in units if unit.level == "department" and unit.province == kept.province
    }
    desk = _Desk(open_draws(seed, "placement", scope), shares, codes, departments, story)
    leavers = _place_leavers(desk, officials)
    undecided = _leave_undecided(desk, officials)
    _place_provincial_leaders(desk, officials, kept)
    by_new = _group_by_new_commune(desk, officials)
    for official in officials:
        if official.unit.level == "district" and official.key not in desk.placed and not official.persona:
            desk.seniors.setdefault(official.unit.district, []).append(official)
    for code, people in by_new.items():
        _place_commune_leaders(desk, code, people)
    _place_staff_of_divided(desk, officials)
    _place_district_staff(desk, officials)
    conflicts = _make_conflicts(desk, by_new)
    return Placements(desk.rows, leavers, undecided, conflicts)


def units_placed_by_name(units: Iterable[Unit], shares: dict[str, list[Share]]) -> frozenset[str]:
    """The refs of units whose people no rule may place: districts, their offices, communes that were divided."""
    return frozenset(unit.ref for unit in units if unit.level in ("district", "division")) | _divided(shares)


class PlacementBook:
    """The list being written: a workbook with a title, headings and the rows as they come; nothing of them is kept."""

    def __init__(self, path: Path, decision: str = "1025/QĐ-UBND (ví dụ)") -> None:
        self._decision = decision
        self._workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
        self._workbook.set_properties({"created": datetime(2025, 6, 20, 8, 0)})  # noqa: DTZ001 - a workbook's own date has no zone
        bold = self._workbook.add_format({"bold": True})
        self._page = self._workbook.add_worksheet("Bố trí nhân sự")
        self._page.set_column(0, len(HEADINGS), 22)
        self._page.write_string(0, 0, "PHƯƠNG ÁN BỐ TRÍ CÁN BỘ, CÔNG CHỨC (ví dụ)", bold)
        for column, heading in enumerate(HEADINGS):
            self._page.write_string(2, column, heading, bold)
        self._line = 3

    def add(self, rows: Iterable[Placement]) -> None:
        """Some more rows."""
        for row in rows:
            for column, cell in enumerate(build_placement_cells(row, self._decision)):
                self._page.write_string(self._line, column, cell)
            self._line += 1

    def close(self) -> None:
        """The file is whole."""
        self._workbook.close()


def write_placements(path: Path, rows: Iterable[Placement], decision: str) -> None:
    """Write a whole list."""
    book = PlacementBook(path, decision)
    book.add(rows)
    book.close()


def build_placement_cells(row: Placement, decision: str) -> tuple[str, ...]:
    """The cells of one line, in the order of HEADINGS."""
    leaves = not row.unit
    return (
        row.official.personal_number, row.official.name.full, row.official.unit.agency, row.unit, row.post.title,
        "; ".join(DUTY_WORDS[duty] for duty in row.post.duties), "" if leaves else BODY_WORDS[row.post.body],
        "" if leaves else MAIN_WORDS[row.main], decision,
    )  # fmt: skip


def build_small_placements(officials: list[Official], units: list[Unit]) -> list[Placement]:
    """For the small merger: the leaders of the department that is absorbed become deputies; its staff go by the rule."""
    by_ref = {unit.ref: unit for unit in units}
    kept = units[0].province
    into = by_ref[f"p{kept}-so-noi-vu"].agency
    deputy = PostKind("Phó Giám đốc", "department", ("deputy", "approver"))
    return [
        Placement(replace(official, unit=by_ref[f"p{kept}-so-dan-toc"]), into, deputy)
        for official in officials
        if official.unit.office == "so-dan-toc" and official.chair.leads
    ]


def _place_leavers(desk: _Desk, officials: list[Official]) -> frozenset[str]:
    """Some leave on the day; leaders of the kept units are spared, so that every chair there stays filled."""
    may_leave = [
        each for each in officials if not each.persona and each.unit.level in ("commune", "district", "division")
    ]
    leavers = desk.draws.sample(may_leave, round(len(officials) * LEAVING_SHARE))
    for official in leavers:
        word = LEAVING_WORDS[0] if official.born.year < 1971 or desk.draws.random() < 0.5 else LEAVING_WORDS[1]
        desk.place(official, "", PostKind(word, "committee"))
    return frozenset(official.personal_number for official in leavers)


def _leave_undecided(desk: _Desk, officials: list[Official]) -> frozenset[str]:
    """Mark as done, without a line, some staff of district offices and of divided communes."""
    divided = _divided(desk.shares)
    free = [each for each in officials if not each.persona and each.key not in desk.placed and not each.chair.leads]
    of_districts = [each for each in free if each.unit.level == "division"]
    of_divided = [each for each in free if each.unit.ref in divided]
    count = len(officials)
    forgotten = desk.draws.sample(of_districts, min(len(of_districts), max(1, round(count * UNDECIDED_OF_DISTRICTS))))
    forgotten += desk.draws.sample(of_divided, min(len(of_divided), round(count * UNDECIDED_OF_DIVIDED)))
    desk.placed.update(official.key for official in forgotten)
    return frozenset(official.personal_number for official in forgotten)


def _place_provincial_leaders(desk: _Desk, officials: list[Official], kept: Unit) -> None:
    """Leaders of absorbed provinces and departments become deputies in the kept ones."""
    for official in officials:
        unit = official.unit
        if unit.province == kept.province or unit.level not in ("province", "department") or not official.chair.leads:
            continue
        target = kept.agency if unit.level == "province" else desk.departments[unit.office]
        desk.place(official, target, _as_deputy(official.chair.posts[0]))


def _as_deputy(post: PostKind) -> PostKind:
    duties = tuple("deputy" if duty == "leader" else duty for duty in post.duties)
    if "leader" not in post.duties:
        return post
    return PostKind(f"Phó {post.title}", post.body, duties)


def _group_by_new_commune(desk: _Desk, officials: list[Official]) -> dict[str, list[Official]]:
    """Leaders of old communes by the new commune that the main part of theirs went to."""
    main = {share.old.ref: code for code, made in desk.shares.items() for share in made if share.principal}
    found: dict[str, list[Official]] = {code: [] for code in desk.shares}
    for official in officials:
        if official.unit.level == "commune" and official.chair.leads and official.key not in desk.placed:
            found[main[official.unit.ref]].append(official)
    return found


def _new_chairs(kind: str) -> Iterator[tuple[tuple[str, ...], tuple[PostKind, ...]]]:
    """The chairs of a new commune: which old titles may fill them, and the posts that go with them."""
    yield (
        ("Bí thư",),
        (
            PostKind(f"Bí thư Đảng ủy {kind}", "party", ("leader",)),
            PostKind(f"Chủ tịch HĐND {kind}", "council", ("leader",)),
        ),
    )
    yield (
        ("Chủ tịch UBND",),
        (
            PostKind(f"Chủ tịch UBND {kind}", "committee", ("leader", "approver")),
            PostKind(f"Phó Bí thư Đảng ủy {kind}", "party", ("deputy",)),
        ),
    )
    yield ("Phó Bí thư", "Bí thư"), (PostKind(f"Phó Bí thư Thường trực Đảng ủy {kind}", "party", ("deputy",)),)
    yield ("Phó Chủ tịch HĐND",), (PostKind(f"Phó Chủ tịch HĐND {kind}", "council", ("deputy",)),)
    for _ in range(2):
        yield (
            ("Chủ tịch UBND", "Phó Chủ tịch UBND"),
            (PostKind(f"Phó Chủ tịch UBND {kind}", "committee", ("deputy", "approver")),),
        )
    yield ("Chủ tịch UBMTTQ",), (PostKind(f"Chủ tịch UBMTTQ Việt Nam {kind}", "front", ("leader",)),)


def _place_commune_leaders(desk: _Desk, code: str, people: list[Official]) -> None:
    """Fill the chairs of a new commune, known people of the story first; who finds no chair becomes staff there."""
    made = desk.shares[code]
    unit, kind = desk.codes[code], kind_of_commune(made[0].new.name)
    free = sorted(people, key=lambda official: (not official.persona, official.unit.admin != code, official.key))
    for number, (titles, posts) in enumerate(_new_chairs(kind)):
        official = _senior_of(desk, made) if number == 0 and code != desk.story else None
        official = official or next((each for each in free if each.chair.posts[0].title.startswith(titles)), None)
        if official is not None:
            free = [each for each in free if each is not official]
            desk.place(official, unit, *posts)
    for official in free:
        desk.place(official, unit, desk.draws.choice(_STAFF_TITLES))


def _senior_of(desk: _Desk, made: list[Share]) -> Official | None:
    """A leader of a district on whose territory the new commune lies, while there is one left."""
    for share in made:
        waiting = desk.seniors.get(share.old.district)
        if waiting:
            return waiting.pop(0)
    return None


def _divided(shares: dict[str, list[Share]]) -> set[str]:
    return {share.old.ref for made in shares.values() for share in made if not share.whole}


def _place_staff_of_divided(desk: _Desk, officials: list[Official]) -> None:
    """People of a commune that was divided are shared out by name: a rule may not guess."""
    parts: dict[str, list[str]] = {}
    for code, made in desk.shares.items():
        for share in made:
            if not share.whole:
                parts.setdefault(share.old.ref, []).append(code)
    for official in officials:
        if official.unit.level == "commune" and official.unit.ref in parts and official.key not in desk.placed:
            desk.place(official, desk.codes[desk.draws.choice(parts[official.unit.ref])], official.chair.posts[0])


def _place_district_staff(desk: _Desk, officials: list[Official]) -> None:
    """Scatter the people of districts over the new communes of their territory and the provincial departments."""
    territory: dict[str, list[str]] = {}
    for code, made in desk.shares.items():
        for share in made:
            territory.setdefault(share.old.district, []).append(code)
    heirs = {office.key: office.heir for office in DISTRICT_OFFICES}
    for official in officials:
        unit = official.unit
        if unit.level not in ("district", "division") or official.key in desk.placed:
            continue
        department = desk.departments[heirs.get(unit.office, "van-phong-ubnd")]
        if official.persona or desk.draws.random() < 0.72:
            code = desk.story if official.persona else desk.draws.choice(territory[unit.district])
            desk.place(official, desk.codes[code], _post_in_commune(desk, official))
        else:
            clerk = official.chair.posts[0].duties == ("clerk",)
            post = official.chair.posts[0] if clerk else PostKind("Chuyên viên", "department")
            desk.place(official, department, post)


def _post_in_commune(desk: _Desk, official: Official) -> PostKind:
    post = official.chair.posts[0]
    if post.duties == ("clerk",):
        return PostKind("Văn thư", "committee", ("clerk",))
    if post.duties == ("leader",) and official.unit.level == "division":
        return PostKind(_HEAD_TITLES.get(official.unit.office, "Trưởng phòng Kinh tế"), "committee")
    return desk.draws.choice(_STAFF_TITLES)


def _make_conflicts(desk: _Desk, by_new: dict[str, list[Official]]) -> tuple[str, ...]:
    """In some new communes name a second chair of the committee; nobody of the story is among them."""
    fitting = [code for code, people in by_new.items() if len(people) > 10 and code != desk.story]
    chosen = desk.draws.sample(fitting, min(CONFLICTS, len(fitting)))
    for code in chosen:
        chair = PostKind(
            f"Chủ tịch UBND {kind_of_commune(desk.shares[code][0].new.name)}", "committee", ("leader", "approver")
        )
        for number, row in enumerate(desk.rows):
            if row.unit == desk.codes[code] and row.post in _STAFF_TITLES and row.official.unit.level == "commune":
                desk.rows[number] = replace(row, post=chair)
                break
    return tuple(desk.codes[code] for code in chosen)
