"""The directory server these tests talk to, and people worth printing."""

from tests.services.slapd import slapd, slapd_of_session

__all__ = ["slapd", "slapd_of_session"]
