"""What there is to say of an application on the pages that name it: its picture, what a stranger tells of itself, if it is a trial."""

from dataclasses import dataclass
from datetime import datetime

from sso.clients import Client


@dataclass(frozen=True)
class About:
    """Links as registered (https only), and the picture from our own origin."""

    logo: str | None
    site: str | None
    policy: str | None
    terms: str | None
    preview: datetime | None = None
    """The instant as of which a preview sees the register."""


def describe_application(client: Client | None) -> About | None:
    """What there is to say; None where it is nothing. Own applications have a picture to show at most, unless they are previews."""
    if client is None:
        return None
    rest = client.particulars
    logo = f"/register/{client.client_id}/logo" if client.pictured or (rest.logo_uri and not client.own) else None
    told = (None, None, None) if client.own else (rest.client_uri, rest.policy_uri, rest.tos_uri)
    about = About(logo, *told, client.register_time)
    return about if any((logo, *told, about.preview)) else None
