"""What a stranger's application says about itself, for the pages that name it: picture, terms, what it does with data."""

from dataclasses import dataclass

from sso.clients import Client


@dataclass(frozen=True)
class About:
    """Links as registered (https only), and the picture from our own origin."""

    logo: str | None
    site: str | None
    policy: str | None
    terms: str | None


def describe_application(client: Client | None) -> About | None:
    """What there is to say; None for the administration's own applications and those that say nothing."""
    if client is None or client.own:
        return None
    rest = client.particulars
    logo = f"/register/{client.client_id}/logo" if rest.logo_uri else None
    about = About(logo, rest.client_uri, rest.policy_uri, rest.tos_uri)
    return about if any((about.logo, about.site, about.policy, about.terms)) else None
