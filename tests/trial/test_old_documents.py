import csv

from trial.generator import ProvinceTrial, Trial


def test_every_old_unit_left_documents_under_its_own_code(written: Trial, vinh_long: ProvinceTrial) -> None:
    with (written.folder / "old-documents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["unit_code"] for row in rows} == {unit.agency for unit in vinh_long.units}
    assert all(row["date"] < "2025-07-01" and row["subject"] for row in rows)
