"""A document system on a stubbed provider, and a browser that can log in to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.demo.document_system.app import build_app
from deploy.demo.document_system.settings import Settings
from tests.deploy.demo.stub import CLIENT, ISSUER, SECRET, StubProvider
from tests.services.inside import InsideTransport

ADDRESS = "http://127.0.0.1:8100"

DOCUMENTS = """number,date,subject,unit_code,unit_name
12/UBND,2024-03-02,Về việc cấp giấy khai sinh,H59.31.21,UBND phường 3
7/UBND,2023-01-15,Về việc tu sửa đường,H59.31,UBND thành phố Trà Vinh
1/UBND,2022-01-01,Của đơn vị khác,H26.1,UBND thành phố khác
"""


@dataclass
class Visitor:
    """Somebody at the pages, who logs in at the provider when sent there."""

    client: httpx.Client
    provider: StubProvider

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def log_in(self, back: str = "/") -> httpx.Response:
        sent = self.client.get("/login", params={"back": back}, follow_redirects=False)
        return self.client.get(self.answer_of(sent))

    def answer_of(self, sent: httpx.Response) -> str:
        done = urlsplit(self.provider.approve(sent.headers["location"]))
        return f"{done.path}?{done.query}"

    def form_token(self) -> str:
        return self.get("/verify").text.split('name="form_token" value="')[1].split('"')[0]


@pytest.fixture
def provider() -> StubProvider:
    return StubProvider()


@pytest.fixture
def visitor(tmp_path: Path, provider: StubProvider) -> Iterator[Visitor]:
    books = tmp_path / "documents.csv"
    books.write_text(DOCUMENTS, encoding="utf-8")
    settings = Settings(ISSUER, CLIENT, SECRET, ADDRESS, tmp_path / "data", books)
    app = build_app(settings, httpx.MockTransport(provider))
    with httpx.Client(transport=InsideTransport(app), base_url=ADDRESS, follow_redirects=True) as client:
        yield Visitor(client, provider)
