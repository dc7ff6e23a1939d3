from trial.offices import agency_codes, build_units
from trial.places import Country


def test_the_tables_hold_the_whole_reform(country: Country) -> None:
    assert (len(country.provinces_before), len(country.provinces_after)) == (63, 34)
    assert (len(country.districts), len(country.communes_before), len(country.communes_after)) == (696, 10_040, 3_321)
    assert len(country.shares) == 10_602


def test_the_province_that_keeps_its_name_comes_first(country: Country) -> None:
    assert [province.code for province in country.old_provinces("86")] == ["86", "83", "84"]


def test_no_two_units_of_the_country_share_a_code(country: Country) -> None:
    agencies = agency_codes(country)
    units = [
        unit for old in country.provinces_before.values() for unit in build_units(country, old, agencies[old.code])
    ]
    assert len({unit.agency for unit in units}) == len({unit.ref for unit in units}) == len(units)
    known = {unit.ref for unit in units}
    assert all(unit.parent in known for unit in units if unit.parent)


def test_an_agency_code_has_the_shape_of_decision_20(country: Country) -> None:
    assert agency_codes(country)["86"] == "H61"
    assert len(set(agency_codes(country).values())) == 63
