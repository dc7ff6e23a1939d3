"""The public interfaces as far as the document system knows them, answered in memory: a stand-in for the provider only.

The long stories run the same application against the real service.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ISSUER = "https://hopnhat.example"
CLIENT, SECRET = "documents", "secret-of-the-document-system"

OLD_WARD = {"id": "u-old", "code": "H59.31.21", "name": "Phường 3"}
NEW_WARD = {"id": "u-new", "code": "H61.149", "name": "Phường Trà Vinh"}

REPORT: dict[str, Any] = {
    "verdict": "valid",
    "reason": None,
    "summary": "Văn bản được ký trước ngày hợp nhất; chữ ký hợp lệ.",
    "file": "cong-van.pdf",
    "signatures": [
        {
            "indication": "TOTAL_PASSED",
            "sub_indication": None,
            "level": "PAdES-B-LT",
            "signer": {"name": "Huỳnh Minh Đông"},
            "claimed_time": "2025-06-20T02:30:00Z",
            "best_time": "2025-06-20T02:30:00Z",
            "best_time_from": "timestamp",
            "authority": {
                "verdict": "held",
                "post": "Chủ tịch UBND tỉnh",
                "unit_at_signing": "Tỉnh Trà Vinh",
                "unit_today": ["Tỉnh Vĩnh Long"],
            },
            "steps": [{"n": 1, "name": "container", "result": "passed", "detail": "PDF 1.7"}],
        }
    ],
}


@dataclass
class StubProvider:
    """An OpenID provider with one official, a unit API with one merger, a verification API with one report."""

    issuer: str = ISSUER
    merged: bool = False
    duties: tuple[str, ...] = ("clerk",)
    rule: str = "all"
    down: bool = False
    report: dict[str, Any] = field(default_factory=lambda: dict(REPORT))
    claims_of_token: dict[str, Any] = field(default_factory=dict)
    keys: KeySet = field(
        default_factory=lambda: KeySet([RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"})])
    )
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    heirs_tokens: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=lambda: {"verify", "units.heirs"})
    verified: list[bytes] = field(default_factory=list)

    def person(self) -> dict[str, Any]:
        """What userinfo says now."""
        unit = NEW_WARD if self.merged else OLD_WARD
        former = [{"code": OLD_WARD["code"], "name": OLD_WARD["name"], "until": "2025-06-30T17:00:00Z"}]
        post = {"title": "Công chức Tư pháp - Hộ tịch", "duties": list(self.duties), "main": True, "unit": unit}
        return {
            "sub": "00000000-0000-4000-8000-000000000001", "name": "Thạch Thị Mai", "preferred_username": "ttm",
            "unit": unit, "unit_code": unit["code"], "posts": [post], "former_units": former if self.merged else [],
        }  # fmt: skip

    def approve(self, address: str) -> str:
        """What the browser does at the provider: log in there, and be sent back with a code."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?code={code}&state={query['state']}&iss={self.issuer}"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        path = request.url.path
        if path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self._metadata())
        if path == "/jwks":
            return httpx.Response(200, json=self.keys.as_dict(private=False))
        if path == "/authorize":
            return httpx.Response(303, headers={"location": self.approve(str(request.url))})
        if path == "/logout":
            return httpx.Response(303, headers={"location": request.url.params["post_logout_redirect_uri"]})
        if path == "/token":
            return self._token(request)
        if path == "/userinfo":
            return self._userinfo(request)
        if path == "/api/verify":
            return self._verify(request)
        return self._units(request, path)

    def _metadata(self) -> dict[str, str]:
        names = {
            "authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks", "end_session_endpoint": "logout",
        }  # fmt: skip
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in names.items()}}

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return httpx.Response(401, json={"error": "invalid_client"})
        access = f"access-{len(self.access) + len(self.heirs_tokens)}"
        if form["grant_type"] == "client_credentials":
            if form["scope"] not in self.scopes:
                return httpx.Response(400, json={"error": "invalid_scope"})
            (self.heirs_tokens if form["scope"] == "units.heirs" else self.access).add(access)
            return httpx.Response(200, json={"access_token": access, "expires_in": 300, "scope": form["scope"]})
        asked = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or asked["code_challenge"].encode() != challenge:
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.access.add(access)
        return httpx.Response(200, json={"access_token": access, "id_token": self.id_token(asked["nonce"])})

    def id_token(self, nonce: str) -> str:
        """A signed ID token; `claims_of_token` overrides its claims."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.person()["sub"],
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        }
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims | self.claims_of_token, self.keys)

    def _userinfo(self, request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"].removeprefix("Bearer ") not in self.access:
            return httpx.Response(401)
        return httpx.Response(200, json=self.person())

    def _verify(self, request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"].removeprefix("Bearer ") not in self.access:
            return httpx.Response(401)
        self.verified.append(request.read())
        return httpx.Response(200, json=self.report)

    def _units(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == "/api/units/documents-heirs":
            return self._heirs(request)
        code = path.split("/")[3]
        origins = self._origins(code)
        return httpx.Response(200 if origins else 404, json={"code": code, "origins": origins})

    def _heirs(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.heirs_tokens:
            return httpx.Response(401)
        asked = json.loads(request.content)["codes"]
        return httpx.Response(200, json={"answers": [{"code": code, "origins": self._estates(code)} for code in asked]})

    def _estates(self, code: str) -> list[dict[str, Any]]:
        """The same units with who reads: all successors, or only an archive elsewhere."""
        return [
            {"unit": origin["unit"], "name": origin["name"], "ended": origin["ended"],
             "heirs": [heir | {"rule": self.rule if self.merged else "own", "duties": ["leader", "deputy", "clerk"],
                               "decision": "202/2025/QH15" if self.merged else None} for heir in origin.pop("successors")]}
            for origin in self._origins(code)
        ]  # fmt: skip

    def _origins(self, code: str) -> list[dict[str, Any]]:
        if code == "H59.31":
            return [self._origin("u-district", "Thành phố Trà Vinh", share="part")]
        return [self._origin(OLD_WARD["id"], OLD_WARD["name"])] if code == OLD_WARD["code"] else []

    def _origin(self, unit: str, name: str, share: str = "whole") -> dict[str, Any]:
        heir = NEW_WARD if self.merged else {"id": unit, "code": "H59", "name": name}
        return {
            "unit": unit, "name": name, "borne_from": "2004-07-07T17:00:00Z",
            "borne_to": "2025-06-30T17:00:00Z" if self.merged else None, "ended": self.merged,
            "successors": [
                {
                    "unit": heir["id"], "name": heir["name"], "codes": {"agency": heir["code"], "admin": None},
                    "share": share if self.merged else "whole", "principal": True, "path": [],
                }
            ],
        }  # fmt: skip
