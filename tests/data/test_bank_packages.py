"""Rounds as packages: exact copies give the same digits elsewhere, extracts name nobody, changed files are refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.__main__ import main
from budget_model.errors import InputError
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.rounds import load_round
from data.store.sites import add_site, load_site
from data.workflows.anonymise import HIDDEN_AREA, OLDEST_SHOWN, ExtractRules, anonymised
from data.workflows.bank_packages import export_round, import_package
from data.workflows.indicators import run_indicators
from data.workflows.publication import cells_of_round
from data.workflows.sensitive import sensitive_answers
from data.workflows.surveys import import_survey
from data.writers.datapackage import csv_table_bytes, write_package, zip_bytes
from tests.workflow_builders import CATALOGUE, MAPPING, Workshop, make_workshop


@pytest.fixture
def workshop(tmp_path: Path, factory) -> Workshop:
    made = make_workshop(tmp_path, factory)
    import_survey(
        made.factory,
        made.bank,
        "testville",
        "2026",
        made.survey_files(),
        made.write("map.yaml", MAPPING),
        "ana",
        seed=3,
    )
    with transaction(factory) as session:
        add_site(session, slug="elsewhere", name="Elsewhere", country="PE", currency="PEN", actor="ana")
    return made


def exported(workshop: Workshop, **options):
    return export_round(workshop.factory, workshop.bank, "testville", "2026", "ana", **options)


def as_zip(workshop: Workshop, files, name: str = "round.zip") -> Path:
    file = workshop.folder / name
    file.write_bytes(zip_bytes(files))
    return file


def digits(workshop: Workshop, site: str, round_code: str) -> dict[tuple[str, ...], str]:
    done = run_indicators(workshop.factory, workshop.bank, site, round_code, CATALOGUE, "ana")
    root = {site: "root"}
    return {
        (row["indicator"], root.get(row["area"], row["area"]), row["sex"], row["age_band"]): repr(
            [row[name] for name in ("estimate", "se", "ci_low", "ci_high", "n", "population", "count")]
        )
        for row in done.estimates.to_dict("records")
    }


def test_an_exact_package_gives_the_same_estimates_in_another_bank_to_the_last_digit(workshop):
    package = as_zip(workshop, exported(workshop, is_exact=True).files)
    import_package(workshop.factory, workshop.bank, "elsewhere", package, "ana")
    assert digits(workshop, "elsewhere", "2026") == digits(workshop, "testville", "2026")


def test_a_folder_is_a_package_too(workshop):
    write_package(exported(workshop, is_exact=True).files, workshop.folder / "package")
    stored = import_package(workshop.factory, workshop.bank, "elsewhere", workshop.folder / "package", "ana", "copy")
    assert (stored.code, stored.persons, stored.new_areas) == ("copy", 8, ("north", "south"))


def test_an_extract_gives_the_site_wide_shares_of_its_columns_to_the_last_digit(workshop):
    """Nobody's sex, weight or answers change; sectors and ages of rare persons do, and nothing else."""
    package = as_zip(workshop, exported(workshop, least=2).files)
    import_package(workshop.factory, workshop.bank, "elsewhere", package, "ana")
    here, there = digits(workshop, "testville", "2026"), digits(workshop, "elsewhere", "2026")
    site_wide = [key for key in here if key[0] == "NO_TAP" and key[1] == "root" and key[3] == "all"]
    assert len(site_wide) == 3
    assert [there[key] for key in site_wide] == [here[key] for key in site_wide]


def test_people_whose_sector_is_hidden_count_in_the_site_and_make_no_area(workshop):
    """Without strata that tell the sector, rare households lose it; the site's figures stay, no area is made."""
    with transaction(workshop.factory) as session:
        load_round(session, load_site(session, "testville").id, "2026").strata_column = None
    made = exported(workshop, least=2)
    assert made.protection["households_without_sector"] > 0
    import_package(workshop.factory, workshop.bank, "elsewhere", as_zip(workshop, made.files), "ana")
    here, there = digits(workshop, "testville", "2026"), digits(workshop, "elsewhere", "2026")
    site_wide = [key for key in here if key[0] == "NO_TAP" and key[1] == "root" and key[3] == "all"]
    assert [there[key] for key in site_wide] == [here[key] for key in site_wide]
    with workshop.factory() as session:
        codes = {area.code for area in list_areas(session, load_site(session, "elsewhere").id)}
        secret = b"s" * 32
        survey_round = load_round(session, load_site(session, "elsewhere").id, "2026")
        published = cells_of_round(session, workshop.bank, survey_round, secret)
    assert HIDDEN_AREA not in codes | {key[1] for key in there}
    assert HIDDEN_AREA not in str(published)


def test_the_description_tells_questions_design_coverage_and_hashes(workshop):
    document = json.loads(exported(workshop).files["datapackage.json"])
    own = document["cbms"]
    assert (own["coverage_area"], own["coverage_rate"]) == ("two sectors", 0.9)
    assert own["design"] == {
        "census": False,
        "weight": "weight",
        "strata": "sector",
        "psu": "household_id",
        "fpc": None,
    }
    assert [resource["path"] for resource in document["resources"]] == [
        *("persons.parquet", "persons.csv", "households.parquet", "households.csv")
    ]
    assert all(resource["hash"].startswith("sha256:") for resource in document["resources"])
    assert document["licenses"][0]["title"].startswith("No licence stated")


def test_real_answers_do_not_enter_an_invented_site(workshop):
    with transaction(workshop.factory) as session:
        add_site(session, slug="made-up", name="Made up", country="PE", currency="PEN", actor="ana", is_synthetic=True)
    package = as_zip(workshop, exported(workshop).files)
    before = workshop.everything_stored()
    with pytest.raises(InputError, match="real answers"):
        import_package(workshop.factory, workshop.bank, "made-up", package, "ana")
    assert workshop.everything_stored() == before


def broken(files: dict[str, bytes], what: str) -> bytes:
    if what == "changed":
        files["persons.parquet"] = files["households.parquet"]
    if what == "missing":
        del files["households.parquet"]
    if what == "foreign":
        files["datapackage.json"] = b"{}"
    content = zip_bytes(files)
    return content[: len(content) // 2] if what == "truncated" else content


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("changed", "it was changed"),
        ("missing", "no readable file 'households.parquet'"),
        ("foreign", "not made by a data bank"),
        ("truncated", "neither a folder nor a ZIP"),
    ],
)
def test_a_package_that_is_not_whole_leaves_nothing_behind(workshop, what, words):
    file = workshop.folder / "broken.zip"
    file.write_bytes(broken(dict(exported(workshop).files), what))
    before = workshop.everything_stored()
    with pytest.raises(InputError, match=words):
        import_package(workshop.factory, workshop.bank, "elsewhere", file, "ana")
    assert workshop.everything_stored() == before


def test_every_export_stands_in_the_audit_trail(workshop):
    exported(workshop)
    assert "bank.export" in str(workshop.everything_stored())


# --- protection ----------------------------------------------------------------------------------------------------


def people(number: int, **columns: object) -> pl.DataFrame:
    """One household a person, so that the household size is 1 everywhere."""
    ids = list(range(1, number + 1))
    return pl.DataFrame({"person_id": ids, "household_id": ids, "sex": ["female"] * number, **columns})


def rules(**changes: object) -> ExtractRules:
    base: dict[str, object] = {"area_columns": ("sector",), "strata": None, "psu": None, "sensitive": ()}
    return ExtractRules(**{**base, **changes})  # type: ignore[arg-type]


def test_ages_from_85_are_together_and_free_text_names_and_sensitive_answers_stay_here():
    frame = people(
        60,
        age=[90] * 60,
        sector=["a"] * 60,
        block=["a1"] * 60,
        beaten=["no"] * 60,
        remark=[f"remark {i}" for i in range(60)],
        phone=["1"] * 60,
    )
    given = anonymised(
        frame, frame.select("household_id"), rules(area_columns=("sector", "block"), sensitive={"beaten"})
    )
    assert given.persons.columns == ["person_id", "household_id", "sex", "age", "sector"]
    assert given.persons["age"].unique().to_list() == [OLDEST_SHOWN]
    assert given.protection["left_out"] == {
        "phone": "identifies people",
        "remark": "free text",
        "block": "area below level 1",
        "beaten": "sensitive",
    }


def test_a_rare_person_loses_the_sector_and_everybody_with_them_in_that_cell():
    """Ten women in a, two in b: the two in b are rare; without sector they are two still, and get no band at all."""
    frame = people(12, age_band=["18-29"] * 12, sector=["a"] * 10 + ["b"] * 2)
    given = anonymised(frame, frame.select("household_id", "sector"), rules())
    assert given.persons["sector"].to_list() == ["a"] * 10 + [HIDDEN_AREA] * 2
    assert given.households["sector"].to_list() == ["a"] * 10 + [HIDDEN_AREA] * 2
    assert given.protection["rare_before"] == 2
    assert given.protection["rare_after"] == 2  # two of a kind cannot be made five: reported


def test_where_the_strata_tell_the_sector_it_is_not_hidden_in_vain():
    frame = people(12, age=[20] * 12, sector=["a"] * 10 + ["b"] * 2)
    given = anonymised(frame, frame.select("household_id"), rules(strata="sector"))
    assert given.persons["sector"].to_list() == ["a"] * 10 + ["b"] * 2
    assert given.persons["age"].to_list() == [20] * 10 + [None] * 2
    assert given.protection["sector_told_by_design"] == ["sector"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["female", "male"]), st.integers(0, 99), st.sampled_from("ab"), st.integers(1, 12)),
        min_size=1,
        max_size=80,
    )
)
def test_who_is_still_rare_is_counted_by_an_independent_judge(rows):
    homes = [home for *_, home in rows]
    sectors = {home: sector for *_, sector, home in reversed(rows)}
    frame = pl.DataFrame(
        {
            "person_id": range(1, len(rows) + 1),
            "household_id": homes,
            "sex": [row[0] for row in rows],
            "age": [row[1] for row in rows],
            "age_band": [f"{row[1] // 10}" for row in rows],
            "sector": [sectors[home] for home in homes],
        }
    )
    given = anonymised(frame, frame.select("household_id").unique(), rules())
    cells = [
        (row["sex"], row["age_band"], row["sector"], homes.count(row["household_id"]))
        for row in given.persons.to_dicts()
    ]
    rare = [cell for cell in cells if cells.count(cell) < 5]
    assert len(rare) == given.protection["rare_after"] <= given.protection["rare_before"]
    assert all(cell[1] is None and cell[2] == HIDDEN_AREA for cell in rare)
    assert given.persons["sex"].to_list() == frame["sex"].to_list()


def test_questions_on_violence_are_sensitive_and_shared_ones_are_not():
    found = sensitive_answers()
    assert {"partner_violence_12m", "help_institution"} <= found
    assert not found & {"age", "sex", "has_dni", "water_source"}


def test_texts_that_begin_like_a_formula_are_defused_in_the_csv():
    lines = csv_table_bytes(pl.DataFrame({"=a": ["=1+1", "-2", "fine", None], "n": [-1.5, 2.0, None, 0.0]})).decode()
    assert lines.splitlines() == ["'=a,n", "'=1+1,-1.5", "'-2,2.0", "fine,", ",0.0"]


def test_the_commands_export_and_import(workshop, sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'cli.sqlite'}")
    monkeypatch.setenv("BANK_FOLDER", str(tmp_path / "cli-bank"))
    files = workshop.survey_files()
    for slug in ("one", "two"):
        run("site", "add", slug, "--name", slug, "--country", "PE", "--currency", "PEN")
    run("survey", "import", "one", "r", "--persons", files["persons"], "--households", files["households"], "--map",
        workshop.write("map.yaml", MAPPING))  # fmt: skip
    done = run("bank", "export", "one", "r", tmp_path / "out.zip", "--exact")
    assert (done["persons"], done["exact"]) == (8, True)
    assert zipfile.ZipFile(tmp_path / "out.zip").testzip() is None
    assert run("bank", "import", tmp_path / "out.zip", "--site", "two")["persons"] == 8
    again = CliRunner().invoke(main, ["bank", "export", "one", "r", str(tmp_path / "out.zip")])
    assert (again.exit_code, "lies there already" in again.stderr) == (1, True)


def run(*arguments: object) -> dict[str, object]:
    result = CliRunner().invoke(main, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
