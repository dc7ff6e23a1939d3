"""An application as the suite plays it: registers itself, sends a browser, redeems, asks, goes away again."""

import html
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey

from tests.services.inside import Inside
from tests.sso.examined import ISSUER, Examined
from tests.sso.people import PASSWORD

CALLBACK = "https://localhost:8443/test/a/hopnhat/callback"
AFTER_LOGOUT = "https://localhost:8443/test/a/hopnhat/post_logout_redirect"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


def ask_json(browser: Inside, method: str, path: str, body: Any = None, token: str | None = None) -> httpx.Response:
    """A JSON request to the registration endpoint."""
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    return browser.request(method, path, json=body, headers=headers)


@dataclass
class RelyingParty:
    """One registered application with its browser."""

    op: Examined
    browser: Inside
    metadata: dict[str, Any]
    key: RSAKey | None = None
    state: str = ""
    nonce: str = ""
    answers: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def register(cls, op: Examined, key: RSAKey | None = None, **members: Any) -> "RelyingParty":
        """Register with the suite's usual members and these."""
        browser = op.browser()
        body = {
            "client_name": "conformance one",
            "redirect_uris": [CALLBACK],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "client_secret_basic",
            **members,
        }
        answer = ask_json(browser, "POST", "/register", body)
        assert answer.status_code == 201, answer.text
        return cls(op, browser, answer.json(), key)

    @property
    def client_id(self) -> str:
        """Its id."""
        return str(self.metadata["client_id"])

    def unregister(self) -> None:
        """Take the registration back, which answers 204 and nothing."""
        path = urlsplit(self.metadata["registration_client_uri"]).path
        answer = ask_json(self.browser, "DELETE", path, token=self.metadata["registration_access_token"])
        assert (answer.status_code, answer.content) == (204, b"")

    def parameters(self, **changed: str | None) -> dict[str, str]:
        """An authorization request; a changed parameter that is None is left out."""
        self.state, self.nonce = secrets.token_urlsafe(8), secrets.token_urlsafe(8)
        wanted: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": self.state,
            "nonce": self.nonce,
            "response_type": "code",
            "response_mode": self.op.response_mode,
            **changed,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def send(self, parameters: Mapping[str, str], *, method: str = "GET") -> httpx.Response:
        """The browser goes to the authorization endpoint; whatever comes first."""
        if method == "POST":
            return self.browser.post("/authorize", data=dict(parameters))
        return self.browser.get(f"/authorize?{urlencode(dict(parameters))}")

    def walk(self, response: httpx.Response) -> httpx.Response:
        """Through our pages as the suite's browser does it: log in, allow; until the application is answered or a page has no way on."""
        for _step in range(12):
            if response.status_code == 303:
                address = response.headers["location"]
                if not address.startswith(("/", ISSUER)):
                    return response
                response = self.browser.get(address)
            elif "/login?" in str(response.url):
                fields = {**form_of(response), "login": "an.nguyen", "password": PASSWORD}
                response = self.browser.post(response.url.raw_path.decode(), data=fields)
            elif "/consent?" in str(response.url):
                response = self.browser.post("/consent", data={**form_of(response), "answer": "accept"})
            else:
                return response
        raise AssertionError("the way does not end")

    def authorize(self, *, method: str = "GET", **changed: str | None) -> dict[str, str]:
        """The application's answer to one request, checked as the suite checks each."""
        parameters = self.parameters(**changed)
        answer = read_answer(self.walk(self.send(parameters, method=method)), parameters["redirect_uri"])
        assert answer["iss"] == ISSUER
        assert answer.get("state") == parameters.get("state")
        self.answers.append(answer)
        return answer

    def token(self, form: Mapping[str, str], path: str = "/token") -> httpx.Response:
        """A token request, proved as registered; or a request to another endpoint that wants a proof."""
        method = self.metadata["token_endpoint_auth_method"]
        if method == "client_secret_basic":
            return self.browser.post(path, data=dict(form), auth=(self.client_id, self.metadata["client_secret"]))
        proof = {"client_id": self.client_id, "client_secret": self.metadata.get("client_secret")}
        if method == "private_key_jwt":
            kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            proof = {"client_assertion_type": kind, "client_assertion": self.prove()}
        return self.browser.post(path, data={**form, **{name: text for name, text in proof.items() if text}})

    def prove(self, audience: str = f"{ISSUER}/token", **changed: Any) -> str:
        """A token that proves the application."""
        assert self.key is not None
        now = int(self.op.clock.now.timestamp())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": audience, "iat": now, "exp": now + 60}
        header = {"alg": "RS256", **({"kid": self.key.kid} if self.key.kid else {})}
        return jwt.encode(header, {**claims, "jti": secrets.token_urlsafe(8), **changed}, self.key)

    def sign_request(self, parameters: Mapping[str, Any], **changed: Any) -> str:
        """A request object."""
        assert self.key is not None
        claims = {**parameters, "iss": self.client_id, "aud": ISSUER, **changed}
        return jwt.encode({"alg": "RS256"}, claims, self.key)

    def redeem(self, code: str, **more: str) -> httpx.Response:
        """The code for tokens."""
        return self.token({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **more})

    def log_in(self, **changed: str | None) -> dict[str, Any]:
        """The whole flow: the tokens, the ID token checked as the suite checks each (OpenID Connect Core §3.1.3.7)."""
        answer = self.redeem(self.authorize(method="GET", **changed)["code"])
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["cache-control"] == "no-store"
        tokens = dict(answer.json())
        claims = self.read_id_token(tokens["id_token"])
        assert claims.get("nonce") == (None if changed.get("nonce", "") is None else self.nonce)
        return tokens

    def read_id_token(self, token: str) -> dict[str, Any]:
        """The claims of an ID token meant for this application, signed by a published key of the registered algorithm."""
        keys = KeySet.import_key_set(self.browser.get("/jwks").json())
        read = jwt.decode(token, keys, algorithms=[self.metadata["id_token_signed_response_alg"]])
        assert read.header["kid"] in {key.kid for key in keys.keys}
        claims = dict(read.claims)
        now = int(self.op.clock.now.timestamp())
        assert (claims["iss"], claims["aud"]) == (ISSUER, self.client_id)
        assert claims["iat"] <= now < claims["exp"]
        assert {"sub", "auth_time"} <= set(claims)
        return claims

    def read_signed(self, token: str, alg: str) -> dict[str, Any]:
        """The claims of any token a published key signed."""
        keys = KeySet.import_key_set(self.browser.get("/jwks").json())
        return dict(jwt.decode(token, keys, algorithms=[alg]).claims)

    def header_of(self, token: str) -> dict[str, Any]:
        """The header of a token."""
        return dict(jws.extract_compact(token.encode()).headers())

    def userinfo(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        """The claims at userinfo; the subject is the ID token's."""
        header = {"Authorization": f"Bearer {tokens['access_token']}"}
        answer = self.browser.get("/userinfo", headers=header)
        assert answer.status_code == 200, answer.text
        told = dict(answer.json())
        assert told["sub"] == self.read_id_token(tokens["id_token"])["sub"]
        return told


def form_of(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's form."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in fields}


def read_answer(response: httpx.Response, callback: str = CALLBACK) -> dict[str, str]:
    """The parameters an application is answered with: in the query, behind `#`, or in a form that posts itself."""
    if response.status_code == 303:
        address = response.headers["location"]
        assert address.startswith(callback), address
        parts = urlsplit(address)
        return {name: values[0] for name, values in parse_qs(parts.fragment or parts.query).items()}
    assert response.status_code == 200, response.text
    assert f'action="{html.escape(callback)}"' in response.text, response.text
    assert ".submit()" in response.text, "the page submits itself"
    assert "<button" in response.text, "and has a button"
    return form_of(response)


def make_key(kid: str | None = None) -> RSAKey:
    """A key of an application."""
    return RSAKey.generate_key(2048, {"kid": kid} if kid else None, auto_kid=False)


def public_set(key: RSAKey) -> dict[str, Any]:
    """What the application publishes of it."""
    return {"keys": [{**key.as_dict(private=False), "use": "sig"}]}


def as_json(value: Any) -> str:
    """A document."""
    return json.dumps(value)
