"""An extract says of each indicator what it can no longer tell; whoever imports it gets what its files give."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.survey.catalogue import parse_catalogue
from data.store.engine import transaction
from data.store.sites import add_site
from data.workflows.anonymise import WIDE_LABELS
from data.workflows.bank_packages import export_round, import_package
from data.workflows.extract_changes import indicator_changes
from data.workflows.indicators import run_indicators
from data.workflows.round_spec import RoundSpec
from data.workflows.surveys import import_survey, store_round
from data.writers.datapackage import write_package
from tests.workflow_builders import CATALOGUE, MAPPING, Workshop, make_workshop

DEFINITIONS = parse_catalogue("""
- {id: ILLIT, level: person, universe: age >= 15, numerator: reads = 'no', direction: down, version: 2, label: {en: a}}
- {id: OLD, level: person, universe: sex = 'female', numerator: age >= 60, direction: down, version: 1, label: {en: b}}
- {id: AGE, level: person, universe: 'TRUE', mean: age, direction: up, version: 1, label: {en: c}}
- {id: TAP, level: household, universe: 'TRUE', numerator: tap = 'no', direction: down, version: 1, label: {en: d}}
- {id: BEATEN, level: person, universe: 'TRUE', numerator: beaten = 'yes', direction: down, version: 1, label: {en: e}}
- {id: PHONE, level: person, universe: 'TRUE', numerator: phone = 'no', direction: down, version: 1, label: {en: f}}
""")
SITE_WIDE = ("estimate", "se", "ci_low", "ci_high", "n", "population", "count")


def persons(**columns: list[object]) -> pl.DataFrame:
    """A woman of 70, a man of 20, a girl of 10 of no answer on reading, a woman of 90, one of unknown age."""
    base: dict[str, list[object]] = {
        "sex": ["female", "male", "female", "female", "female"],
        "age": [70, 20, 10, 90, None],
        "age_band": ["60+", "18-29", "6-11", "60+", None],
        "sector": ["a", "a", "b", "b", "b"],
        "reads": ["no", "yes", None, "yes", "no"],
        "tap": ["no"] * 5,
        "beaten": ["no"] * 5,
    }
    return pl.DataFrame(base | columns)


def test_persons_are_counted_by_what_is_no_longer_known_of_them():
    """The woman of 70 and the man of 20 lost their age, the girl her sector, the woman of 90 five years of age.

    ILLIT: two persons may or may not be 15; the woman of 90, in it for certain, keeps sector and band.
    OLD: of four women one is of unknown age now (the fifth always was). AGE: two means are unknown, 90 became 85.
    """
    after = persons(age=[None, None, 10, 85, None], age_band=[None, "18-59 (wide)", "6-11", "60+", None])
    after = after.with_columns(pl.Series("sector", ["a", "a", "not-shown", "b", "b"])).drop("beaten")
    told = {one["indicator"]: one for one in indicator_changes(persons(), after, DEFINITIONS, "sector")}
    names = ("universe_unknown", "value_unknown", "value_changed", "sector_unknown", "age_band_unknown")
    assert {code: tuple(told[code][name] for name in names) for code in ("ILLIT", "OLD", "AGE", "TAP")} == {
        "ILLIT": (2, 0, 0, 0, 0),
        "OLD": (0, 1, 0, 1, 1),
        "AGE": (0, 2, 1, 1, 2),
        "TAP": (0, 0, 0, 1, 2),
    }
    assert told["ILLIT"]["version"] == 2


def test_strata_under_numbers_are_compared_with_their_names_without_a_fault():
    before = persons(stratum=["n", "n", "s", "s", "s"])
    after = before.with_columns(pl.Series("stratum", [1, 1, 2, 2, 2]))
    told = {one["indicator"]: one for one in indicator_changes(before, after, DEFINITIONS, "sector")}
    assert (told["TAP"]["universe_unknown"], told["TAP"]["value_changed"]) == (0, 0)


def test_indicators_whose_columns_stay_behind_are_named_with_them():
    told = indicator_changes(persons(), persons().drop("beaten"), DEFINITIONS[4:], "sector")
    assert [one["left_out"] for one in told] == [["beaten"], []]  # nobody was asked of a telephone


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    made = make_workshop(tmp_path, factory)
    files, mapping = made.survey_files(), made.write("map.yaml", MAPPING)
    import_survey(made.factory, made.bank, "testville", "2026", files, mapping, "ana", seed=3)
    with transaction(factory) as session:
        add_site(session, slug="elsewhere", name="Elsewhere", country="PE", currency="PEN", actor="ana")
    return made


def run(workshop: Workshop, site: str, **options):
    return run_indicators(workshop.factory, workshop.bank, site, "2026", CATALOGUE, "ana", **options).estimates


def taken(workshop: Workshop, **options) -> Path:
    done = export_round(workshop.factory, workshop.bank, "testville", "2026", "ana", **options)
    folder = workshop.folder / "package"
    write_package(done.files, folder)
    import_package(workshop.factory, workshop.bank, "elsewhere", folder, "ana")
    return folder


def digits(row) -> list[str]:
    return ["missing" if pd.isna(row[name]) else repr(float(row[name])) for name in SITE_WIDE]


@pytest.mark.parametrize("options", [{"least": 2}, {"least": 5}, {"is_exact": True}])
def test_what_is_imported_gives_what_the_files_of_the_package_give_to_the_last_digit(workshop, options):
    run(workshop, "testville")
    folder = taken(workshop, **options)
    design = ["--weight", "weight", "--strata", "sector", "--psu", "household_id"]
    catalogue = workshop.write("catalogue.yaml", CATALOGUE.replace("went_hungry = 'yes'", "Water = 'tap'"))
    command = ["estimate", folder / "persons.parquet", "--indicators", catalogue, "--by", "sex", *design, "--json"]
    answer = CliRunner().invoke(main, [*map(str, command)], catch_exceptions=False)
    direct = {(one["indicator"], one["sex"]): one for one in json.loads(answer.stdout)["estimates"]}
    found = run(workshop, "elsewhere")
    found = found[(found["area"] == "elsewhere") & (found["age_band"] == "all") & (found["sex"] != "all")]
    assert len(found) == 4
    for row in found.to_dict("records"):
        same = direct[row["indicator"], row["sex"]]
        assert digits(row) == digits(same)


def test_an_exact_copy_keeps_the_chosen_age_bands_and_gives_every_figure_again(workshop):
    here = run(workshop, "testville", age_starts=(0, 18, 35))
    taken(workshop, is_exact=True)
    there = run(workshop, "elsewhere").replace({"area": {"elsewhere": "testville"}})
    assert set(here["age_band"]) == {"all", "00-17", "18-34", "35+"}
    assert there.to_json(double_precision=15) == here.to_json(double_precision=15)
    assert there.equals(here)


def test_description_and_readme_of_an_extract_tell_the_same_counts(workshop):
    """Everybody but one is rare among eight persons: most lose their age, and WORKS asks for an age of 15."""
    run(workshop, "testville")
    folder = taken(workshop)
    own = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["cbms"]
    told = {one["indicator"]: one for one in own["protection"]["indicators"]}
    ages = pl.read_parquet(folder / "persons.parquet")["age"]
    assert told["WORKS"]["universe_unknown"] == ages.null_count() > 0
    assert (told["NO_TAP"]["universe_unknown"], told["NO_TAP"]["value_unknown"]) == (0, 0)
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.count(f"| WORKS | {told['WORKS']['universe_unknown']} | 0 | 0 | ") == 2  # Spanish and English
    assert "Estos indicadores dan en el total lo mismo que en el original: NO_TAP." in text
    assert "These indicators give in total the same as in the original: NO_TAP." in text


def test_the_readme_of_an_exact_copy_says_that_nothing_was_changed(workshop):
    run(workshop, "testville")
    text = (taken(workshop, is_exact=True) / "README.md").read_text(encoding="utf-8")
    assert "no answer was changed" in text


def test_wide_age_bands_of_an_imported_extract_are_no_bands_of_figures(workshop):
    """Ten women of 20 and two of 40: the two are rare, and 18-59 of two persons would pass for all of that age."""
    frame = pl.DataFrame({"person_id": range(1, 13), "household_id": range(1, 13), "sex": ["female"] * 12})
    frame = frame.with_columns(pl.Series("age", [20] * 8 + [40] * 2 + [50] * 2), pl.Series("Works", ["yes"] * 12))
    frame = frame.with_columns(pl.Series("age_band", ["18-29"] * 8 + ["30-39"] * 2 + ["40-59"] * 2))
    spec = RoundSpec("2027", "all", is_census=True)
    store_round(workshop.factory, workshop.bank, "testville", spec, frame, frame.select("household_id"), "ana")
    done = export_round(workshop.factory, workshop.bank, "testville", "2027", "ana", least=4)
    write_package(done.files, folder := workshop.folder / "wide")
    assert set(pl.read_parquet(folder / "persons.parquet")["age_band"]) == {"18-29", "18-59 (wide)"}
    import_package(workshop.factory, workshop.bank, "elsewhere", folder, "ana")
    works = CATALOGUE.split("\n- ")[2].join(["- ", ""])
    found = run_indicators(workshop.factory, workshop.bank, "elsewhere", "2027", works, "ana").estimates
    assert set(found["age_band"]) == {"all", "18-29"}
    assert not set(found["age_band"]) & WIDE_LABELS
