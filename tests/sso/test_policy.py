"""The policy file: the shipped one is in force as it says, deviations give their reason, nonsense is refused at start."""

from pathlib import Path

import pytest

from foundation.settings import SettingsRefused
from sso.policy import load_policy
from sso.settings import SsoSection

RULE = '[[rule]]\nsetting = "{setting}"\nvalue = {value}\nsuggested = {suggested}\nbetter = "{better}"\nclause = "c"\n'


def test_the_shipped_file_is_level_three_with_a_clause_beside_each_value() -> None:
    policy = load_policy(SsoSection(policy_file="level-3"))
    assert policy.section.password_length == 14
    assert policy.section.password_classes == 4
    assert policy.section.session_idle_seconds == 15 * 60
    assert policy.section.administration_idle_seconds == 5 * 60
    assert policy.section.administration_password_history == 10
    assert all(rule.clause for rule in policy.rules)
    assert [rule.setting for rule in policy.rules if rule.weaker] == ["shut_seconds"]


def test_what_the_file_does_not_name_stays_as_set() -> None:
    assert load_policy(SsoSection(policy_file="level-3", code_seconds=77)).section.code_seconds == 77


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            RULE.format(setting="guesses", value=8, suggested=5, better="less"), "gives no reason", id="weaker"
        ),
        pytest.param(
            RULE.format(setting="nonsense", value=1, suggested=1, better="less"), "no such setting", id="unknown"
        ),
        pytest.param(
            RULE.format(setting="guesses", value=4, suggested=5, better="less") * 2, "stands twice", id="twice"
        ),
        pytest.param(
            RULE.format(setting="guesses", value=99, suggested=100, better="less"), "policy_file", id="out of bounds"
        ),
        pytest.param("", "no [[rule]]", id="empty"),
        pytest.param("[[rule", "policy_file", id="no TOML"),
    ],
)
def test_a_file_that_does_not_hold_is_refused_at_start(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsRefused) as refused:
        load_policy(SsoSection(policy_file=str(file)))
    assert said in refused.value.shown


def test_a_reason_allows_a_deviation(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    rule = RULE.format(setting="guesses", value=8, suggested=5, better="less")
    file.write_text(rule + 'reason = "laptops and telephones only"\n', encoding="utf-8")
    assert load_policy(SsoSection(policy_file=str(file))).section.guesses == 8


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused):
        load_policy(SsoSection(policy_file=str(tmp_path / "none.toml")))
