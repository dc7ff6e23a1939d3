"""What a provider publishes of itself (OpenID Connect Discovery 1.0 §4), fetched by the guarded client and kept for a while.

Keys are fetched at each log-in, where a code of the provider is in our hands; for log-out tokens, which anybody may send, they are kept.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from sso.algorithms import Key
from sso.client_keys import has_kid
from sso.fetching import Fetched, Fetcher, FetchFailed, FetchRefused
from sso.key_sets import read_key_set
from sso.upstream.errors import ProviderAway
from sso.upstream.memory import Memory
from sso.upstream.settings import UpstreamProvider

KEPT_SECONDS: Final = 600.0
KEYS_KEPT_SECONDS: Final = 300.0


@dataclass(frozen=True)
class Metadata:
    """What we need of a provider."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    """Whether its answers say who they are from (RFC 9207 §3): then one that does not is none of its."""
    secret_in_form: bool
    """Whether it takes our secret only as a form's field."""
    end_session_endpoint: str | None = None
    """Where people log out there, if it says so."""


class Documents:
    """The documents of all providers, one memory for a process."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self._metadata: Memory[Metadata] = Memory(KEPT_SECONDS)
        self._keys: Memory[list[Key]] = Memory(KEYS_KEPT_SECONDS)

    def find(self, provider: UpstreamProvider) -> Metadata:
        """A provider's metadata. Waits for the network. Raises ProviderAway."""
        address = f"{provider.issuer}/.well-known/openid-configuration"
        return self._metadata.get(provider.issuer, lambda: read_metadata(provider, self.fetch(address).content))

    def find_keys(self, metadata: Metadata) -> list[Key]:
        """The keys a provider signs with, as of now. Waits for the network. Raises ProviderAway."""
        keys = self.fetch_keys(metadata.jwks_uri)
        self._keys.put(metadata.jwks_uri, keys)
        return keys

    def find_kept_keys(self, metadata: Metadata, kid: Any) -> list[Key]:
        """The same from memory, fetched anew for a name we do not know, and that seldom. Waits for the network. Raises ProviderAway."""
        uri = metadata.jwks_uri
        return self._keys.get(uri, lambda: self.fetch_keys(uri), lambda keys: kid is None or has_kid(keys, kid))

    def fetch_keys(self, uri: str) -> list[Key]:
        """The key set at an address. Raises ProviderAway."""
        try:
            return read_key_set(self.fetch(uri).content)
        except ValueError as error:
            raise ProviderAway(why=str(error)) from error

    def fetch(self, address: str) -> Fetched:
        """One document. Raises ProviderAway."""
        try:
            return self.fetcher.get(address)
        except (FetchRefused, FetchFailed) as error:
            raise ProviderAway(why=f"{address}: {error}") from error

    def post(self, address: str, form: dict[str, str], headers: dict[str, str]) -> Fetched:
        """One answer to a form. Raises ProviderAway."""
        try:
            return self.fetcher.post(address, form, headers)
        except (FetchRefused, FetchFailed) as error:
            raise ProviderAway(why=f"{address}: {error}") from error


def read_metadata(provider: UpstreamProvider, content: bytes) -> Metadata:
    """The metadata of a document that is this provider's (§4.3: the issuer is exactly the one asked). Raises ProviderAway."""
    try:
        told: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ProviderAway(why="no metadata") from error
    if not isinstance(told, dict) or told.get("issuer") != provider.issuer:
        raise ProviderAway(why="the metadata of somebody else")
    places = [read_place(provider, told.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization_endpoint=places[0],
        token_endpoint=places[1],
        jwks_uri=places[2],
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        end_session_endpoint=read_place(provider, told["end_session_endpoint"])
        if "end_session_endpoint" in told
        else None,
        secret_in_form=isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def read_place(provider: UpstreamProvider, told: Any) -> str:
    """The address of an endpoint, as safe as the issuer's. Raises ProviderAway."""
    scheme = provider.issuer.partition(":")[0]
    if not isinstance(told, str) or not told.startswith(f"{scheme}://"):
        raise ProviderAway(why="an endpoint is missing, or less safe than the issuer")
    return told
