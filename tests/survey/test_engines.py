"""The same figures on every engine: Polars, DuckDB and Spark in local mode (`script/test` installs what that needs)."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.errors import InputError
from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.derived import AgeBands, with_age_band, with_head_sex
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from data.readers.microdata import read_microdata
from tests.survey.test_poverty import INDEX, MONEY
from tests.survey_builders import share

HAS_SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
MUST_RUN = bool(os.environ.get("REQUIRE_SPARK"))  # set by script/test, which installs both
needs_spark = pytest.mark.skipif(not HAS_SPARK and not MUST_RUN, reason="pyspark or Java is not installed")
spark = pytest.param("spark", marks=needs_spark)
SETTINGS = Path(__file__).resolve().parents[1] / "spark"

CONDITIONS = [
    "reads = 'no'",
    "reads LIKE 'n_' OR reads LIKE '%es'",
    "age BETWEEN 6 AND 11 AND NOT reads = 'no'",
    "rooms % 2 = 1",
    "rooms * rooms > 100",
    "COALESCE(reads, 'no') = 'no'",
    "CASE WHEN age < 18 THEN reads ELSE 'yes' END = 'no'",
    "IF(age > 40, hours, rooms) >= 6.5",
    "LEAST(rooms, 3) = GREATEST(2, rooms)",
    "hours / (rooms - 3) > 1",
    "reads IN ('no', 'x') AND age IS NOT NULL",
    "UPPER(TRIM(reads)) = 'NO'",
    "reads IS DISTINCT FROM 'no'",
    "NOT (reads = 'no' AND rooms > 2)",
    "(NOT (reads = 'no' AND rooms > 2)) IS NULL",
    "reads NOT LIKE 'n%'",
    "(reads = 'no') IS NOT TRUE",
    "FLOOR(hours / 10) = CEIL(hours / 10) - 1 AND ABS(-hours) > 5",
]


def catalogue() -> str:
    entries = [
        f"- {{id: C{index:02}, label: {{en: x}}, level: person, universe: {universe}, numerator: {condition!r}, "
        "direction: down, version: 1}"
        for index, condition in enumerate(CONDITIONS)
        for universe in (["TRUE", "age >= 15"][index % 2],)
    ]
    for identifier, measure in (
        ("HOURS", "mean: hours"),
        ("PAY", "mean: income, over: hours"),
        ("MID", "median: hours"),
    ):
        entries.append(
            f"- {{id: {identifier}, label: {{en: x}}, level: person, universe: TRUE, {measure}, "
            "direction: up, version: 1}"
        )
    return "\n".join(entries) + INDEX + MONEY.replace("LINE", "{median_share: 0.6}")


def people(size: int = 900) -> pl.DataFrame:
    random = np.random.default_rng(11)

    def some(values: list, missing: float = 0.1) -> list:
        return [None if random.random() < missing else values[index] for index in random.integers(0, len(values), size)]

    return pl.DataFrame(
        {
            "household_id": np.arange(size) // 4,
            "relationship": ["head", "partner", "child", "child"] * (size // 4),
            "sex": some(["female", "male"], 0.02),
            "age": some(list(range(90))),
            "reads": some(["yes", "no", " no ", ""]),
            "rooms": pl.Series(some([1, 2, 3, 4, 100]), dtype=pl.Int8),
            "hours": random.gamma(3, 5, size),
            "income": np.where(random.random(size) < 0.1, np.nan, random.lognormal(6, 1, size)),
            "water": some(["yes", "no"]),
            "school": some(["yes", "no"], 0),
            "floor": some(["yes", "no"], 0),
            "weight": random.lognormal(2, 0.5, size),
            "stratum": np.arange(size) // 12 % 5,
            "block": np.arange(size) // 60,
            "blocks": np.full(size, 400),
        }
    )


@pytest.fixture(scope="module", autouse=True)
def one_quiet_spark():
    """Settings of the one Spark that all tests of this process share, read when the first of them starts it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(SETTINGS))
        patch.setenv("SPARK_MASTER", "local[1]")
        yield


@pytest.fixture(scope="module")
def survey_files(tmp_path_factory):
    """The same answers as one Parquet file, as CSV, and as a folder of two Parquet files."""
    folder = tmp_path_factory.mktemp("survey")
    (folder / "parts").mkdir()
    for number, part in enumerate(people().iter_slices(500)):
        part.write_parquet(folder / "parts" / f"part{number}.parquet")
    people().write_parquet(folder / "people.parquet")
    people().write_csv(folder / "people.csv")
    return {"parquet": folder / "people.parquet", "csv": folder / "people.csv", "folder": folder / "parts"}


def run(file, engine: str, design: SampleDesign) -> pd.DataFrame:
    with warnings.catch_warnings():
        if engine == "spark":  # it has warnings of its own about pandas and about sockets left to the collector
            warnings.simplefilter("ignore")
        table = with_head_sex(with_age_band(read_microdata(file, engine), AgeBands((0, 15, 65))))
        by = [(), ("sex",), ("head_sex",), ("age_band", "sex")]
        return estimate(table, parse_catalogue(catalogue()), by, design, engine)


CASES = [
    ("parquet", SampleDesign("weight", "stratum", "block", "blocks")),
    ("csv", SampleDesign("weight")),
    ("folder", SampleDesign()),
]


@pytest.mark.parametrize("engine", ["duckdb", spark])
@pytest.mark.parametrize(("kind", "design"), CASES, ids=[kind for kind, _ in CASES])
def test_every_engine_gives_the_same_figures(survey_files, engine, kind, design):
    expected = run(survey_files[kind], "polars", design)
    assert (expected["n"] > 0).sum() > 200
    found = run(survey_files[kind], engine, design)
    pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=1e-9, atol=1e-12)
    assert found.attrs["lines"] == pytest.approx(expected.attrs["lines"])
    assert found.attrs["persons_without"] == expected.attrs["persons_without"]
    for name in ("n", "indicator", "sex", "head_sex", "age_band"):
        pd.testing.assert_series_equal(found[name], expected[name])


NESTED = [
    "NOT ({a} AND {b})",
    "(NOT {a}) IS NULL",
    "{a} = {b}",
    "{a} <> ({b} IS NULL)",
    "NOT ({a} = {b})",
    "({a} IS NULL) = ({b} IS NULL)",
    "{a} IN ({b}, {a})",
    "{a} IS DISTINCT FROM {b}",
    "IF({a}, rooms, 2) = 2 OR NOT NOT {b}",
]


def test_conditions_within_conditions_keep_their_brackets(tmp_path):
    pairs = list(itertools.pairwise(CONDITIONS))
    texts = [form.format(a=f"({a})", b=f"({b})") for form in NESTED for a, b in pairs]
    shares = [share(text, identifier=f"N{index}") for index, text in enumerate(texts)]
    people().write_parquet(tmp_path / "people.parquet")
    one, other = (
        estimate(read_microdata(tmp_path / "people.parquet", engine), shares) for engine in ("polars", "duckdb")
    )
    differing = (one["n"] != other["n"]) | (one["count"] != other["count"])
    assert not [texts[int(identifier[1:])] for identifier in one["indicator"][differing]]


def test_parts_of_a_table_must_be_alike(tmp_path):
    with pytest.raises(InputError, match="holds no Parquet files"):
        read_microdata(tmp_path)
    people(40).write_parquet(tmp_path / "a.parquet")
    people(40).drop("age").write_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"its columns are not those of a\.parquet"):
        read_microdata(tmp_path)


COMMAND = ["--by", "sex", "--weight", "weight", "--strata", "stratum", "--psu", "block", "--json"]


@needs_spark
def test_the_command_gives_the_same_document_with_spark(survey_files, tmp_path):
    (tmp_path / "catalogue.yaml").write_text(
        "- {id: READS, label: {en: x}, level: person, universe: age >= 15, numerator: reads = 'no', direction: down, "
        "version: 1}\n"
    )
    documents = []
    for engine in ("polars", "spark"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arguments = ["estimate", str(survey_files["parquet"]), "--indicators", str(tmp_path / "catalogue.yaml")]
            result = CliRunner().invoke(main, [*arguments, *COMMAND, "--engine", engine])
        assert result.exit_code == 0, result.output
        documents.append(json.loads(result.stdout)["estimates"])
    assert [row["sex"] for row in documents[0]] == [row["sex"] for row in documents[1]] == ["female", "male"]
    for one, other in zip(*documents, strict=True):
        for name in ("estimate", "se", "ci_low", "ci_high", "n", "population", "count"):
            assert other[name] == pytest.approx(one[name], rel=1e-9)


def test_without_pyspark_the_engine_spark_says_what_to_install(tmp_path, monkeypatch):
    for name in ("pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, None)  # an import of it then fails
    people(40).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"requirements-spark\.txt and Java"):
        read_microdata(tmp_path / "a.parquet", "spark")


@needs_spark
def test_without_java_the_engine_spark_says_so(tmp_path, monkeypatch):
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", classmethod(lambda cls: None))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    people(40).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="needs Java 17 or newer"):
        read_microdata(tmp_path / "a.parquet", "spark")
