"""The modules of the OpenID Foundation's conformance suite, by their own names: `oidcc-scope-email` is `test_oidcc_scope_email`.

What each wants is written from the specifications it cites. One provider, set as the certification preset sets it, serves
all modules of a file, on both databases; each module registers an application of its own and walks in with a fresh browser.
"""

import pytest


@pytest.fixture(autouse=True)
def kept_keys() -> None:
    """One provider serves a whole file: a key that an earlier module was given would come twice to it."""
