"""The code flow as an application and a browser walk it."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.services.inside import Inside

SCOPE = "openid profile email unit"


@dataclass(frozen=True)
class Application:
    """A registered application; `secret` None for a public one."""

    client_id: str
    secret: str | None
    redirect_uri: str


@dataclass(frozen=True)
class Attempt:
    """One authorization request with what the application keeps of it."""

    application: Application
    scope: str = SCOPE
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8) + " +&=ữ")
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    def parameters(self, **changed: str | None) -> dict[str, str]:
        """The request's parameters; a changed one that is None is left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        wanted: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.application.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changed,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def address(self, **changed: str | None) -> str:
        """The address the application sends the browser to."""
        return f"/authorize?{urlencode(self.parameters(**changed))}"


def form_of(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page's form."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: value.replace("&amp;", "&").replace("&#39;", "'").replace("&#34;", '"') for name, value in fields}


def log_in(browser: Inside, address: str, login: str, password: str) -> httpx.Response:
    """From the authorization request through the log-in page; the answer to the posted form."""
    sent = browser.get(address)
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"].startswith("/login?"), sent.headers["location"]
    page = browser.get(sent.headers["location"])
    return browser.post("/login", data={**form_of(page), "login": login, "password": password})


def follow(browser: httpx.Client, posted: httpx.Response) -> httpx.Response:
    """On from the door: the answer to the application, given with the log-in or by way of the authorization request again."""
    location = posted.headers["location"]
    return browser.get(location) if location.startswith("/") else posted


def answer_of(response: httpx.Response) -> dict[str, str]:
    """The parameters of an answer to the application."""
    assert response.status_code == 303, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def get_code(browser: Inside, attempt: Attempt, login: str, password: str, **changed: str | None) -> str:
    """A code, after a log-in with a password."""
    posted = log_in(browser, attempt.address(**changed), login, password)
    assert posted.status_code == 303, posted.text
    answer = answer_of(follow(browser, posted))
    assert answer["state"] == attempt.state
    return answer["code"]


def redeem(client: Inside, attempt: Attempt, spent: str, **changed: str | None) -> httpx.Response:
    """The token request of the application, by Basic."""
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": spent,
        "redirect_uri": attempt.application.redirect_uri,
        "code_verifier": attempt.verifier,
        **changed,
    }
    return ask_token(client, attempt.application, {name: value for name, value in form.items() if value is not None})


def ask_token(client: Inside, application: Application, form: dict[str, str], path: str = "/token") -> httpx.Response:
    """A request of the application to an endpoint for programs."""
    if application.secret is None:
        return client.post(path, data={"client_id": application.client_id, **form})
    return client.post(path, data=form, auth=(application.client_id, application.secret))


def refresh(client: Inside, application: Application, token: str, **more: str) -> httpx.Response:
    """A refresh request."""
    return ask_token(client, application, {"grant_type": "refresh_token", "refresh_token": token, **more})


def userinfo(client: Inside, token: str) -> httpx.Response:
    """What the token opens."""
    return client.get("/userinfo", headers={"Authorization": f"Bearer {token}"})


def read_id_token(client: Inside, token: str) -> dict[str, Any]:
    """The claims, the signature checked with the published keys."""
    keys = KeySet.import_key_set(client.get("/jwks").json())
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)
