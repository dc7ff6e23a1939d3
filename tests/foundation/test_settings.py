"""Settings complain about everything at once."""

from pathlib import Path

import pytest

from foundation.i18n import translate
from foundation.settings import (
    CoreSettings,
    Field,
    Section,
    SettingsRefused,
    build_settings,
    load_settings,
    sample_file,
)


class Door(Section):
    """A section for the test."""

    name = "door"
    width: int = Field(default=3, ge=1)
    """How wide, in metres."""


def test_all_complaints_come_together() -> None:
    with pytest.raises(SettingsRefused) as caught:
        build_settings({"issuer": "http://example.gov.vn/", "colour": 1, "door": {"width": 0}, "roof": {}}, [Door])
    for word in ("issuer", "colour", "door.width", "[roof]"):
        assert word in caught.value.shown


def test_complaints_are_made_in_the_readers_language() -> None:
    with pytest.raises(SettingsRefused) as caught:
        build_settings({"issuer": "https://a/", "colour": 1, "door": {"width": 0}, "roof": {}}, [Door])
    assert translate("vi", caught.value.message, **caught.value.values) == (
        "Không dùng được cấu hình: [roof] không phải là tên một phần; issuer: không được kết thúc bằng dấu gạch chéo; "
        "colour: Không có từ khóa này ở đây; door.width: Ít nhất phải là 1."
    )


@pytest.mark.parametrize(
    "issuer",
    ["http://sso.tinh.gov.vn", "https://a/", "ftp://a", "https://", "https://a?x=1", "https://a#b", "sso.gov.vn"],
)
def test_an_issuer_that_is_no_safe_origin_is_refused(issuer: str) -> None:
    with pytest.raises(SettingsRefused):
        build_settings({"issuer": issuer})


@pytest.mark.parametrize("issuer", ["https://sso.tinh.gov.vn", "http://127.0.0.1:8000", "http://localhost:1"])
def test_a_safe_issuer_is_taken(issuer: str) -> None:
    assert build_settings({"issuer": issuer}).issuer == issuer


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hopnhat.toml"
    file.write_text('issuer = "https://a.gov.vn"\n[door]\nwidth = 2\n')
    environment = {
        "HOPNHAT_ISSUER": "https://b.gov.vn",
        "HOPNHAT_DOOR__WIDTH": "5",
        "HOPNHAT_TRUSTED_PROXIES": "10.0.0.1,::1",
    }
    settings = load_settings([Door], file, environment)
    assert (settings.issuer, settings[Door].width) == ("https://b.gov.vn", 5)
    assert settings.trusted_proxies == ("10.0.0.1", "::1")


@pytest.mark.parametrize("text", ["issuer = ", "\x00", "issuer = 'http://127.0.0.1"])
def test_a_file_that_is_no_toml_is_a_plain_answer(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hopnhat.toml"
    file.write_text(text)
    with pytest.raises(SettingsRefused):
        load_settings([], file, {})


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused):
        load_settings([], tmp_path / "none.toml", {})


def test_the_sample_names_every_field_with_its_meaning() -> None:
    sample = sample_file([Door])
    assert "[door]" in sample
    assert "# How wide, in metres." in sample
    assert "# width = 3" in sample
    assert all(f"# {name} = " in sample for name in CoreSettings.model_fields)


def test_the_sample_with_everything_uncommented_is_todays_default() -> None:
    lines = [
        line.removeprefix("# ") for line in sample_file([Door]).splitlines() if " = " in line or line.startswith("[")
    ]
    import tomllib

    assert build_settings(tomllib.loads("\n".join(lines)), [Door]).core == CoreSettings()
