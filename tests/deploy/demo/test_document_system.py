"""The document system from the outside: what its pages do, and what it refuses."""

from __future__ import annotations

import ast
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

import deploy.demo.document_system.app as application
from deploy.demo.document_system.app import local_address
from deploy.demo.document_system.settings import SettingsMissing, read_settings
from tests.deploy.demo.conftest import Visitor
from tests.deploy.demo.stub import ISSUER, StubProvider

OWN = {"foundation", "directory", "sso", "signing", "provisioning", "trial"}


def test_it_imports_none_of_our_packages() -> None:
    for path in Path(application.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert not OWN & {name.split(".")[0] for name in names}, path
            assert not (isinstance(node, ast.ImportFrom) and node.level > 1), path


def test_who_logs_in_sees_unit_and_post(visitor: Visitor) -> None:
    assert "Đăng nhập bằng tài khoản công vụ" in visitor.get("/").text
    page = visitor.log_in().text
    assert "Xin chào, Thạch Thị Mai" in page
    assert 'data-unit-code="H59.31.21"' in page
    assert "Công chức Tư pháp - Hộ tịch" in page


def test_after_the_merger_the_same_session_names_the_new_unit(visitor: Visitor, provider: StubProvider) -> None:
    before = visitor.log_in().text
    provider.merged = True
    after = visitor.get("/").text
    assert 'data-unit-code="H61.149"' in after
    assert "Từ 01/07/2025 đơn vị của bạn là <strong>Phường Trà Vinh</strong> (trước đây: phường 3)" in after
    assert before.split('data-sub="')[1][:36] == after.split('data-sub="')[1][:36]


def test_a_person_comes_back_to_the_page_they_wanted(visitor: Visitor) -> None:
    sent = visitor.client.get("/documents", params={"code": "H59.31"}, follow_redirects=False)
    assert sent.headers["location"] == "/login?back=%2Fdocuments%3Fcode%3DH59.31"
    login = visitor.client.get(sent.headers["location"], follow_redirects=False)
    back = visitor.client.get(visitor.answer_of(login), follow_redirects=False)
    assert back.headers["location"] == "/documents?code=H59.31"


def test_an_ended_token_sends_to_a_new_log_in(visitor: Visitor, provider: StubProvider) -> None:
    visitor.log_in()
    provider.access.clear()
    sent = visitor.client.get("/", follow_redirects=False)
    assert sent.headers["location"].startswith("/login")


def test_an_old_code_is_looked_up_without_log_in(visitor: Visitor, provider: StubProvider) -> None:
    assert "Đơn vị này đang hoạt động" in visitor.get("/units?code=H59.31.21").text
    provider.merged = True
    page = visitor.get("/units?code=H59.31.21").text
    assert "<strong>Phường Trà Vinh</strong>" in page
    assert "nhận toàn bộ" in page
    assert "Chưa đơn vị nào mang mã H99" in visitor.get("/units?code=H99").text


def test_documents_follow_the_units_into_their_heir(visitor: Visitor, provider: StubProvider) -> None:
    visitor.log_in()
    before = visitor.get("/documents").text
    assert 'data-count="1"' in before
    provider.merged = True
    after = visitor.get("/documents").text
    assert 'data-count="2"' in after
    assert "nhận một phần" in after
    assert "Của đơn vị khác" not in after
    assert 'data-count="1"' in visitor.get("/documents?code=H59.31").text


def test_who_has_no_duty_that_reads_is_told_who_does(visitor: Visitor, provider: StubProvider) -> None:
    provider.merged, provider.duties = True, ("approver",)
    visitor.log_in()
    page = visitor.get("/documents").text
    assert 'data-count="0" data-closed="2"' in page
    assert "Văn bản của 2 đơn vị do người đứng đầu, cấp phó, văn thư của đơn vị bạn đọc" in page
    assert "12/UBND" not in page
    assert "12/UBND" not in visitor.get("/documents?code=H59.31.21").text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("all", "đã nhập toàn bộ vào phường Trà Vinh. Căn cứ 202/2025/QH15."),
        ("archive", "văn bản do phường Trà Vinh lưu trữ. Căn cứ 202/2025/QH15."),
    ],
)
def test_the_rule_of_the_decree_is_told(visitor: Visitor, provider: StubProvider, rule: str, words: str) -> None:
    provider.merged, provider.rule = True, rule
    visitor.log_in()
    page = visitor.get("/documents").text
    assert f'data-code="H59.31.21" data-rule="{rule}"' in page
    assert words in page


def test_an_ended_token_of_the_heirs_is_replaced(visitor: Visitor, provider: StubProvider) -> None:
    visitor.log_in()
    visitor.get("/documents")
    provider.heirs_tokens.clear()
    assert 'data-count="1"' in visitor.get("/documents").text


def test_without_the_scope_of_heirs_nobody_reads_and_no_log_in_is_blamed(
    visitor: Visitor, provider: StubProvider
) -> None:
    visitor.log_in()
    provider.scopes.discard("units.heirs")
    answer = visitor.get("/documents")
    assert answer.status_code == 502
    assert "Chưa liên lạc được" in answer.text
    assert "12/UBND" not in answer.text


def send(visitor: Visitor, content: bytes, form_token: str) -> httpx.Response:
    files = {"file": ("cong-van.pdf", content, "application/pdf")}
    return visitor.client.post("/verify", data={"form_token": form_token}, files=files)


def test_a_signed_document_gets_its_verdict(visitor: Visitor, provider: StubProvider) -> None:
    visitor.log_in()
    page = send(visitor, b"%PDF-1.7", visitor.form_token()).text
    assert 'data-verdict="valid"' in page
    assert "09:30:00 ngày 20/06/2025 (theo dấu thời gian)" in page
    assert "tỉnh Vĩnh Long" in page
    assert b"%PDF-1.7" in provider.verified[0]


def test_a_token_for_the_program_that_was_ended_is_replaced(visitor: Visitor, provider: StubProvider) -> None:
    visitor.log_in()
    form_token = visitor.form_token()
    send(visitor, b"%PDF-1.7", form_token)
    provider.access.discard(max(provider.access))
    assert 'data-verdict="valid"' in send(visitor, b"%PDF-1.7", form_token).text


@pytest.mark.parametrize("verdict", ["invalid", "undetermined"])
def test_the_other_verdicts_are_told_in_words(visitor: Visitor, provider: StubProvider, verdict: str) -> None:
    provider.report = {"verdict": verdict, "reason": "FORMAT_FAILURE", "summary": "…", "signatures": []}
    visitor.log_in()
    page = send(visitor, b"x", visitor.form_token()).text
    assert f'data-verdict="{verdict}"' in page
    assert "FORMAT_FAILURE" in page


def test_no_answer_is_neither_valid_nor_invalid(visitor: Visitor, provider: StubProvider) -> None:
    visitor.log_in()
    form_token = visitor.form_token()
    provider.down = True
    answer = send(visitor, b"%PDF-1.7", form_token)
    assert answer.status_code == 502
    assert "data-verdict" not in answer.text
    assert "Chưa liên lạc được" in answer.text


def test_a_missing_file_is_asked_for_beside_the_field(visitor: Visitor) -> None:
    visitor.log_in()
    answer = send(visitor, b"", visitor.form_token())
    assert answer.status_code == 400
    assert 'id="file-error"' in answer.text


def test_too_large_a_file_is_refused_before_it_is_read(visitor: Visitor) -> None:
    visitor.log_in()
    answer = visitor.client.post("/verify", content=b"", headers={"content-length": str(10**9)})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/verify", "/logout"])
def test_a_form_from_elsewhere_is_refused(visitor: Visitor, path: str) -> None:
    visitor.log_in()
    answer = visitor.client.post(path, data={"form_token": "guessed"})
    assert answer.status_code == 400
    assert 'data-page="home"' in visitor.get("/").text


def test_log_out_ends_the_session_here_and_at_the_provider(visitor: Visitor) -> None:
    visitor.log_in()
    answer = visitor.client.post("/logout", data={"form_token": visitor.form_token()}, follow_redirects=False)
    address = httpx.URL(answer.headers["location"])
    assert str(address).startswith(f"{ISSUER}/logout?")
    assert address.params["post_logout_redirect_uri"].endswith("/logged-out")
    assert address.params["id_token_hint"]
    assert 'data-page="welcome"' in visitor.get("/").text
    assert "Bạn đã đăng xuất" in visitor.get("/logged-out").text


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another audience": {"aud": "somebody-else"},
    "another authorized party": {"azp": "somebody-else"},
    "another nonce": {"nonce": "replayed"},
    "ended": {"exp": int(time.time()) - 3600},
    "another subject than userinfo": {"sub": "somebody-else"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_a_wrong_id_token_logs_nobody_in(visitor: Visitor, provider: StubProvider, claims: dict[str, Any]) -> None:
    provider.claims_of_token = claims
    assert visitor.log_in().status_code == 400
    assert 'data-page="welcome"' in visitor.get("/").text


def test_an_id_token_by_another_key_logs_nobody_in(visitor: Visitor, provider: StubProvider) -> None:
    sent = visitor.client.get("/login", follow_redirects=False)
    answer = visitor.answer_of(sent)
    forger = StubProvider()
    provider.id_token = forger.id_token  # type: ignore[method-assign]  # the attack is exactly this exchange
    assert visitor.client.get(answer).status_code == 400


WRONG_ANSWERS = {
    "a state nobody began": "/login/done?code=x&state=unknown",
    "no state": "/login/done?code=x",
    "an error of the provider": "error",
    "another provider": "iss",
}


@pytest.mark.parametrize("answer", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_a_wrong_answer_logs_nobody_in(visitor: Visitor, answer: str) -> None:
    sent = visitor.client.get("/login", follow_redirects=False)
    right = visitor.answer_of(sent)
    wrong = {
        "error": right.replace("code=", "error="),
        "iss": right.replace(ISSUER, "https://elsewhere.example"),
    }.get(answer, answer)
    refused = visitor.client.get(wrong)
    assert refused.status_code == 400
    assert "Chưa đăng nhập được" in refused.text


def test_an_answer_is_taken_once_and_by_its_own_browser_only(visitor: Visitor) -> None:
    sent = visitor.client.get("/login", follow_redirects=False)
    answer = visitor.answer_of(sent)
    own = dict(visitor.client.cookies)
    visitor.client.cookies.clear()
    assert visitor.client.get(answer).status_code == 400
    visitor.client.cookies.update(own)
    assert visitor.client.get(answer).status_code == 200
    assert visitor.client.get(answer).status_code == 400


def test_two_log_ins_at_once_do_not_disturb_each_other(visitor: Visitor) -> None:
    first = visitor.client.get("/login?back=/units", follow_redirects=False)
    second = visitor.client.get("/login?back=/documents", follow_redirects=False)
    assert visitor.client.get(visitor.answer_of(second)).status_code == 200
    assert visitor.client.get(visitor.answer_of(first)).status_code == 200


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\nb"])
def test_nobody_is_sent_elsewhere_after_a_log_in(back: str) -> None:
    assert local_address(back) == "/"


def test_every_page_forbids_scripts_and_frames(visitor: Visitor) -> None:
    headers = visitor.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_all_missing_settings_are_named_together() -> None:
    with pytest.raises(SettingsMissing, match=r"DOCUMENTS_CLIENT_ID.*DOCUMENTS_ADDRESS must be https"):
        read_settings({"DOCUMENTS_ISSUER": ISSUER, "DOCUMENTS_ADDRESS": "http://vanban.example", "DOCUMENTS_DATA": "x"})
