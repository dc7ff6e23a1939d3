"""The policy file: values of an official standard with the clause beside each, read once at start, put over the settings.

A value weaker than the standard suggests needs a reason in the file. What cannot be read, names no setting or gives no reason is refused,
all complaints together.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from foundation.complaints import tell_why
from foundation.i18n import Message, Messages, _
from foundation.settings import SettingsRefused
from sso.settings import SsoSection

FOLDER: Final = Path(__file__).parent / "data"
SHIPPED: Final = ("level-3",)


class Rule(BaseModel):
    """One value: of which setting, what the standard suggests, which way is stricter, where it stands, why it deviates."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    setting: str
    value: int
    suggested: int
    better: Literal["more", "less"]
    clause: str
    reason: str = ""

    @property
    def weaker(self) -> bool:
        """Whether the value is weaker than the suggested one."""
        return self.value < self.suggested if self.better == "more" else self.value > self.suggested


@dataclass(frozen=True)
class Policy:
    """The settings in force, and the rules they come from."""

    section: SsoSection
    rules: tuple[Rule, ...] = ()


def load_policy(section: SsoSection) -> Policy:
    """The settings with the policy file over them, where one is named. Raises SettingsRefused."""
    if not section.policy_file:
        return Policy(section)
    shipped = section.policy_file in SHIPPED
    file = FOLDER / f"{section.policy_file}.toml" if shipped else Path(section.policy_file)
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
        rules = tuple(Rule.model_validate(rule) for rule in written.get("rule", ()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise refuse(file, error) from error
    check_rules(rules, file)
    try:
        return Policy(SsoSection(**{**section.model_dump(), **{rule.setting: rule.value for rule in rules}}), rules)
    except ValidationError as error:
        raise refuse(file, error) from error


def refuse(file: Path, error: Exception) -> SettingsRefused:
    """The refusal of a file that cannot be read, or whose values are not those of the settings."""
    told = {"file": file, "faults": tell_why(error)}
    return SettingsRefused(complaints=Message("sso.policy_file {file}: {faults}", told))


def check_rules(rules: tuple[Rule, ...], file: Path) -> None:
    """Refuse rules of no setting, twice of one, or weaker than suggested without a reason. Raises SettingsRefused."""
    seen: set[str] = set()
    faults = []
    for rule in rules:
        if rule.setting not in SsoSection.model_fields or rule.setting == "policy_file":
            faults.append(Message("{setting}: there is no such setting", {"setting": rule.setting}))
        if rule.setting in seen:
            faults.append(Message("{setting}: stands twice", {"setting": rule.setting}))
        if rule.weaker and not rule.reason.strip():
            weak = _("{setting}: {value} is weaker than {suggested} ({clause}) and gives no reason")
            faults.append(Message(weak, rule.model_dump()))
        seen.add(rule.setting)
    if not rules:
        faults.append(Message("there is no [[rule]] in it"))
    if faults:
        faults_told = Messages(tuple(faults))
        raise SettingsRefused(
            complaints=Message("sso.policy_file {file}: {faults}", {"file": file, "faults": faults_told})
        )
