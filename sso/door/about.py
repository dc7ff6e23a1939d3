"""What there is to say of an application on the pages that name it: its picture, and what a stranger's tells of itself."""

from dataclasses import dataclass

from sso.clients import Client


@dataclass(frozen=True)
class About:
    """Links as registered (https only), and the picture from our own origin."""

    logo: str | None
    site: str | None
    policy: str | None
    terms: str | None


def describe_application(client: Client | None, *, pictured: bool = False) -> About | None:
    """What there is to say; None where it is nothing. `pictured`: a picture of it is kept here; own applications have no more to say."""
    if client is None:
        return None
    rest = client.particulars
    logo = f"/register/{client.client_id}/logo" if pictured or (rest.logo_uri and not client.own) else None
    if client.own:
        return About(logo, None, None, None) if logo else None
    about = About(logo, rest.client_uri, rest.policy_uri, rest.tos_uri)
    return about if any((about.logo, about.site, about.policy, about.terms)) else None
