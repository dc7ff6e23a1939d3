"""Several provinces flow through: what is common is one file for all, and hardly anything stays in memory."""

import csv
import gc
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from trial import generator
from trial.answers import read_answers
from trial.generator import ProvinceTrial, write_trial
from trial.officials import Official
from trial.posts import Sizes

SMALL = Sizes(1, 1, 1)


def test_common_files_hold_all_provinces_one_after_the_other(tmp_path: Path) -> None:
    alone = [write_trial(tmp_path / code, [code], sizes=SMALL) for code in ("04", "11")]
    both = write_trial(tmp_path / "both", ["04", "11"], sizes=SMALL)
    assert (both.people, both.rows, both.units) == tuple(
        sum(getattr(trial, name) for trial in alone) for name in ("people", "rows", "units")
    )
    units = list(csv.DictReader((both.folder / "units-before.csv").read_text(encoding="utf-8").splitlines()))
    assert len(units) == both.units
    decrees = [yaml.safe_load((trial.folder / "decree.yaml").read_text(encoding="utf-8")) for trial in (*alone, both)]
    assert decrees[2]["events"] == decrees[0]["events"] + decrees[1]["events"]
    assert decrees[2]["units"] == decrees[0]["units"] + decrees[1]["units"]
    assert decrees[2]["expect"]["people"]["count"] == both.people
    assert len(read_answers(both.folder / "answers.jsonl")) == sum(
        len(read_answers(trial.folder / "answers.jsonl")) for trial in alone
    )
    assert json.loads((both.folder / "manifest.json").read_text(encoding="utf-8"))["people"] == both.people
    assert {path.name for path in both.rosters} == {path.name for trial in alone for path in trial.rosters}


def test_rosters_of_an_earlier_story_do_not_stay(tmp_path: Path) -> None:
    write_trial(tmp_path, ["04"], sizes=SMALL)
    again = write_trial(tmp_path, ["11"], sizes=SMALL)
    assert all(path.name.startswith("11-") for path in (*again.rosters, *again.rosters_first))


def test_nobody_of_a_province_that_is_written_stays_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[int] = []
    build = generator.build_province_trial

    def count_and_build(*arguments: Any) -> ProvinceTrial:
        gc.collect()
        alive.append(sum(isinstance(thing, Official) for thing in gc.get_objects()))
        return build(*arguments)

    monkeypatch.setattr(generator, "build_province_trial", count_and_build)
    trial = write_trial(tmp_path, ["04", "11"], sizes=SMALL)
    assert trial.people > 1000
    assert alive[0] == alive[1]
