"""One trial for all tests of this room: built once, never changed."""

from __future__ import annotations

import pytest

from trial.generator import ProvinceTrial, Trial, build_province_trial, write_trial
from trial.places import Country, read_country


@pytest.fixture(scope="session")
def country() -> Country:
    return read_country()


@pytest.fixture(scope="session")
def vinh_long(country: Country) -> ProvinceTrial:
    return build_province_trial(country, "86")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return write_trial(tmp_path_factory.mktemp("trial"))
