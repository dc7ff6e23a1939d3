"""A type says what has been checked because only the check makes it."""

import ast

import pytest

from tests.house.source import modules


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        pytest.param("CheckedCSR", "signing/authority/signing_requests.py", id="CheckedCSR"),
        pytest.param("ApprovedRequest", "signing/requests/approval.py", id="ApprovedRequest"),
        pytest.param("Identity", "signing/login/provider.py", id="Identity"),
    ],
)
def test_only_the_check_makes(name: str, maker: str) -> None:
    makers = {
        module.name
        for module in modules("signing", "provisioning", "trial")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    }
    assert makers == {maker}
