"""New passwords: lengths, kinds of characters, lists of known ones, former ones."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sso.door.breached import BreachedList, ListUnreadable, build_list
from sso.door.passwords import PasswordRules, check_new_password, count_classes, is_common, plain
from tests.services.clock import MovableClock
from tests.sso.conftest import Door
from tests.sso.door.test_login import try_login
from tests.sso.factors.test_second_factor import answer, code_at, set_up
from tests.sso.flow import follow, form_of
from tests.sso.people import PASSWORD, official

HOUSE = PasswordRules(12, 1, None)
STRICT = PasswordRules(14, 4, None)


@pytest.mark.parametrize(
    ("password", "rules", "good"),
    [
        ("bốn con bò vàng", HOUSE, True),
        ("short", HOUSE, False),
        ("Mật khẩu 123456", HOUSE, False),
        ("matkhau2025!!!", HOUSE, False),
        ("VietNam@2025..", HOUSE, False),
        ("aaaaaaaaaaaaaaa", HOUSE, False),
        ("toi la hoa.lt day", HOUSE, False),
        ("x" * 300, HOUSE, False),
        ("bốn con bò vàng", STRICT, False),
        ("Bốn con bò vàng 4", STRICT, True),
        ("BỐN CON BÒ VÀNG 4", STRICT, False),
    ],
)
def test_a_new_password_is_judged(password: str, rules: PasswordRules, good: bool) -> None:
    assert (check_new_password(password, "hoa.lt", rules) is None) is good


@pytest.mark.parametrize(("text", "count"), [("abc", 1), ("aB", 2), ("aB1", 3), ("aB1!", 4), ("Ạ1 ợ", 4), ("", 0)])
def test_kinds_are_counted_in_every_script(text: str, count: int) -> None:
    assert count_classes(text) == count


def test_the_small_list_knows_words_with_figures_behind() -> None:
    assert all(
        is_common(plain(one)) for one in ("matkhau2026", "Mật khẩu 2026", "anhyeuem!!", "ubnd", "matkhaumatkhau1")
    )
    assert not is_common(plain("bốn con bò vàng"))


def test_a_list_of_words_and_of_published_hashes_is_the_same_list(tmp_path: Path) -> None:
    words = ["một hai ba bốn năm", "correct horse battery", "trời xanh mây trắng"]
    hashed = [
        f"{hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper()}:{n}" for n, word in enumerate(words)
    ]
    assert build_list(words, tmp_path / "words") == build_list([*hashed, "", *words], tmp_path / "hashes", run=2) == 3
    assert (tmp_path / "words").read_bytes() == (tmp_path / "hashes").read_bytes()
    known = BreachedList(tmp_path / "words")
    assert len(known) == 3
    assert all(word in known for word in words)
    assert "bốn con bò vàng" not in known
    assert check_new_password(words[0], "hoa.lt", PasswordRules(12, 1, known)) is not None


@given(words=st.sets(st.text(min_size=1).filter(lambda word: "\n" not in word and "\r" not in word), max_size=40))
def test_whatever_stands_in_a_list_is_found(words: set[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("list") / "list"
    build_list(words, file, run=7)
    known = BreachedList(file)
    assert all(word in known for word in words)


@pytest.mark.parametrize("content", [b"", b"text", b"HNPWL1\r\n" + bytes(8) + b"x"])
def test_a_file_that_is_no_list_is_refused_at_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(ListUnreadable):
        BreachedList(tmp_path / "list")


def change(door: Door, browser: object, old: str, new: str) -> int:
    """The status of one change of password: 303 is done."""
    page = browser.get("/password")  # type: ignore[attr-defined]  # a browser of the door
    given = {"password": old, "new_password": new, "new_password_again": new}
    return int(browser.post("/password", data={**form_of(page), **given}).status_code)  # type: ignore[attr-defined]  # the same


def test_an_administrators_former_passwords_do_not_come_back(door: Door, clock: MovableClock) -> None:
    """TCVN 14423:2026 §5: none of the last ten."""
    official(door.runtime, kind="administration")
    browser = door.browser()
    try_login(browser, "hoa.lt")
    set_up(browser, clock)
    assert change(door, browser, PASSWORD, PASSWORD) == 400
    assert change(door, browser, PASSWORD, "mưa rơi trên mái tôn") == 303
    assert change(door, browser, "mưa rơi trên mái tôn", PASSWORD) == 400
    assert change(door, browser, "mưa rơi trên mái tôn", "nắng sớm bên hiên nhà") == 303


def test_an_old_password_leads_to_a_new_one_and_back_to_the_application(door: Door, clock: MovableClock) -> None:
    from tests.sso.flow import Attempt, answer_of

    official(door.runtime, kind="administration")
    browser = door.browser()
    try_login(browser, "hoa.lt")
    secret, _codes = set_up(browser, clock)
    clock.advance(days=61)
    try_login(browser, "hoa.lt")
    answer(browser, code_at(secret, clock))
    sent = browser.get(Attempt(door.application).address())
    assert sent.headers["location"].startswith("/password?")
    page = browser.get(sent.headers["location"])
    new = "mưa rơi trên mái tôn"
    done = browser.post(
        "/password", data={**form_of(page), "password": PASSWORD, "new_password": new, "new_password_again": new}
    )
    assert "code" in answer_of(follow(browser, done))
