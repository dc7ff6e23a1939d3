"""What the long stories share: a real directory server."""

from tests.services.slapd import slapd, slapd_of_session

__all__ = ["slapd", "slapd_of_session"]
