"""The page and the API for documents, as browsers and programs meet them."""

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter

from foundation.bearers import Bearer, TokenMissing
from foundation.runtime import Runtime
from foundation.web import TokenRouter, build_app
from signing.verification.pages import build_verification_router
from signing.verification.sandbox import Sandbox
from tests.services.inside import Inside
from tests.signing.verification.conftest import paper


class Tokens(TokenRouter):
    """A provider that knows two tokens."""

    def check_token(self, token: str) -> Bearer:
        if token not in ("verifier", "other"):
            raise TokenMissing
        return Bearer("documents", None, frozenset({"verify"} if token == "verifier" else {"openid"}))


@pytest.fixture
def web(runtime: Runtime, shared_sandbox: Sandbox) -> Iterator[Inside]:
    routers: list[APIRouter] = [build_verification_router(runtime, shared_sandbox), Tokens()]
    with Inside.of(build_app(runtime, routers)) as web:
        yield web


def pdf(content: bytes, name: str = "a.pdf") -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, content, "application/pdf")}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_program_gets_the_report(web: Inside) -> None:
    answer = web.post("/api/verify", files=pdf(paper("page-rewritten")), headers=bearer("verifier"))
    report = answer.json()
    assert answer.status_code == 200
    assert (report["verdict"], report["reason"], report["file"]) == ("invalid", "FORMAT_FAILURE", "a.pdf")


def test_noise_is_a_report_too(web: Inside) -> None:
    report = web.post("/api/verify", files=pdf(b"noise"), headers=bearer("verifier")).json()
    assert (report["verdict"], report["reason"]) == ("invalid", "FORMAT_FAILURE")


def test_the_moment_of_judgement_may_be_named(web: Inside) -> None:
    answer = web.post("/api/verify", files=pdf(paper("b")), data={"at": "2025-06-21"}, headers=bearer("verifier"))
    assert answer.json()["at"] == "2025-06-20T17:00:00Z"


@pytest.mark.parametrize(("token", "status"), [("other", 403), ("unknown", 401), ("", 401)])
def test_a_program_without_the_scope_is_refused(web: Inside, token: str, status: int) -> None:
    assert web.post("/api/verify", files=pdf(paper("b")), headers=bearer(token)).status_code == status


@pytest.mark.parametrize(
    "call",
    [
        pytest.param({"data": {"at": "2025-06-21"}}, id="no multipart body"),
        pytest.param({"files": {"other": ("a", b"x")}}, id="no file"),
        pytest.param({"files": {"file": ("a", b"")}}, id="an empty file"),
        pytest.param({"files": {"file": ("a", b"x")}, "data": {"at": "soon"}}, id="no time"),
        pytest.param({"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, id="no boundary"),
        pytest.param(
            {"content": b"--x\r\nrubbish", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, id="rubbish"
        ),
    ],
)
def test_a_call_that_cannot_be_used_is_refused(web: Inside, call: dict[str, object]) -> None:
    headers = bearer("verifier") | dict(call.pop("headers", {}))  # type: ignore[call-overload]  # a table of keyword sets
    assert web.post("/api/verify", headers=headers, **call).status_code == 400  # type: ignore[arg-type]  # as above


def test_a_document_beyond_the_limit_is_refused_while_it_comes_in(web: Inside) -> None:
    answer = web.post("/api/verify", files=pdf(bytes(66 << 20)), headers=bearer("verifier"))
    assert answer.status_code == 413


def ask_page(web: Inside) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]+)"', web.get("/signing/verify").text)
    assert found
    return found[1]


def test_a_person_sees_who_signed_when_and_by_what_right(web: Inside) -> None:
    answer = web.post("/signing/verify", files=pdf(paper("lt")), data={"form_token": ask_page(web)})
    assert answer.status_code == 200
    assert 'data-verdict="undetermined"' in answer.text
    assert "Nguyễn Văn An" in answer.text
    assert "No path leads from" in answer.text


def test_the_page_says_it_in_vietnamese_too(web: Inside) -> None:
    answer = web.post(
        "/signing/verify", files=pdf(b"noise"), data={"form_token": ask_page(web)}, headers={"Accept-Language": "vi"}
    )
    assert "KHÔNG HỢP LỆ" in answer.text


def test_a_form_of_another_site_is_refused(web: Inside) -> None:
    ask_page(web)
    assert web.post("/signing/verify", files=pdf(paper("b")), data={"form_token": "0" * 48}).status_code == 403


def test_what_is_missing_is_said_beside_the_field(web: Inside) -> None:
    token = ask_page(web)
    answer = web.post("/signing/verify", files={"file": ("", b"")}, data={"form_token": token, "at": "soon"})
    assert answer.status_code == 400
    assert 'href="#file"' in answer.text
    assert 'href="#at"' in answer.text
    assert 'value="soon"' in answer.text


def test_a_name_of_a_file_that_is_markup_is_shown_as_text(web: Inside) -> None:
    answer = web.post(
        "/signing/verify", files=pdf(b"noise", "<script>alert(1)</script>.pdf"), data={"form_token": ask_page(web)}
    )
    assert "<script>alert" not in answer.text
