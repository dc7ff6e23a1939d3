"""What a registration refers to elsewhere: looked at once, before it is kept. Waits for the network, so never in a transaction.

A sector file must name every redirect address (OpenID Connect Dynamic Client Registration §5). Addresses that will be
fetched later must be ones we may fetch. A logo is taken over as a picture of a kind we know by its content, never SVG,
and shown from our own origin: the application's host learns of nobody who looks at a page of ours.
"""

import json
from dataclasses import dataclass
from typing import Final

from sso.client_registration import NewClient
from sso.fetching import Fetcher, FetchFailed, FetchRefused
from sso.registration.metadata import MetadataError

PICTURE_BYTES: Final = 128 * 1024
PICTURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


@dataclass(frozen=True)
class Picture:
    """A logo that was looked at."""

    content: bytes
    media_type: str


def check_outside(fetcher: Fetcher, new: NewClient) -> None:
    """Refuse addresses we may not fetch, and a sector file that does not know this application. Raises MetadataError."""
    particulars = new.particulars
    fetched = (particulars.jwks_uri, new.backchannel_logout_uri, *particulars.request_uris)
    try:
        for address in filter(None, fetched):
            fetcher.check(address)
        if particulars.sector_identifier_uri is not None:
            check_sector(fetcher, particulars.sector_identifier_uri, new)
    except (FetchRefused, FetchFailed) as error:
        raise MetadataError("An address of the registration cannot be fetched by this provider.") from error


def check_sector(fetcher: Fetcher, uri: str, new: NewClient) -> None:
    """Refuse unless the sector file is a list with every redirect address in it. Raises MetadataError, FetchRefused, FetchFailed."""
    try:
        known = json.loads(fetcher.get(uri).content)
    except (ValueError, RecursionError) as error:
        raise MetadataError("The document at sector_identifier_uri is not JSON.") from error
    if not isinstance(known, list) or not set(new.redirect_uris) <= {
        entry for entry in known if isinstance(entry, str)
    }:
        raise MetadataError("A redirect address does not stand in the document at sector_identifier_uri.")


def fetch_picture(fetcher: Fetcher, uri: str | None) -> Picture | None:
    """The logo, or None where there is none to be had or it is no picture we show."""
    if uri is None:
        return None
    try:
        content = fetcher.get(uri, "image/png, image/jpeg, image/webp", PICTURE_BYTES).content
    except (FetchRefused, FetchFailed):
        return None
    media_type = recognise(content)
    return Picture(content, media_type) if media_type else None


def recognise(content: bytes) -> str | None:
    """The kind of a picture by its first bytes; whatever its sender calls it."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for opening, media_type in PICTURES if content.startswith(opening)), None)
