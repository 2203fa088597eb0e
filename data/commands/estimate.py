"""`estimate`: indicators from any survey file, without a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pandas as pd

from budget_model.errors import InputError
from budget_model.survey.catalogue import IndicatorDefinition, parse_catalogue
from budget_model.survey.catalogue_text import with_lines_of
from budget_model.survey.design import SampleDesign
from budget_model.survey.engine import ENGINES
from budget_model.survey.estimate import RESULT_COLUMNS
from budget_model.survey.estimate import estimate as estimate_indicators
from budget_model.survey.intervals import INTERVALS
from budget_model.survey.reliability import reliability_of, rests_on_one_unit
from data.commands.files import INPUT_FILE, INPUT_FILE_OR_FOLDER
from data.commands.made_columns import MadeColumns, with_made_columns
from data.commands.output import json_option, print_json, print_table, progress, refuse_cleanly
from data.readers.files import read_text
from data.readers.microdata import columns_without_gaps, placed, read_microdata

MARK = "reliability"

EXAMPLE = """Estimate the indicators of a catalogue from a survey file.

DATA is a CSV, Parquet, SPSS (.sav) or Stata (.dta) file with one row a person (or household), or a folder of Parquet
files. Without --weight,
--strata, --psu and --fpc it is a census and has no sampling error.

\b
Example:
  python -m budget_model estimate survey.csv --indicators data/catalogue/indicators.yaml \\
      --by sex,area --weight weight --strata stratum --psu block
  python -m budget_model estimate survey.csv --indicators data/catalogue/indicators.yaml \\
      --by sex,age_band --ages 0,15,30,60
  python -m budget_model estimate survey.csv --indicators data/catalogue/indicators.yaml \\
      --by head_sex,sex --head relation=head
"""


def read_indicators(path: Path) -> tuple[IndicatorDefinition, ...]:
    """The definitions of a catalogue file; `InputError` names the file and every problem in it."""
    return parse_catalogue(read_text(path), path.name)


@contextmanager
def named_places(data: Path, indicators: Path) -> Iterator[None]:
    """Problems of answers get the file and line of their row, problems of conditions those of the catalogue."""
    try:
        yield
    except InputError as error:
        problems = with_lines_of(error.problems, read_text(indicators), indicators.name)
        raise type(error)(placed(problem, data) for problem in problems) from None


def split_columns(text: str | None) -> tuple[str, ...]:
    """`sex,area` → ("sex", "area")."""
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


@click.command(help=EXAMPLE)
@click.argument("data", type=INPUT_FILE_OR_FOLDER)
@click.option("--indicators", required=True, type=INPUT_FILE, help="Catalogue of indicators (YAML).")
@click.option("--by", "by", help="Columns that make the cells, separated by commas.")
@click.option("--weight", help="Column of weights.")
@click.option("--strata", help="Column of strata.")
@click.option("--psu", help="Column of primary sampling units; without it each row is one.")
@click.option(
    "--fpc", help="Column with the units in the stratum's population (above 1), or the share drawn (up to 1)."
)
@click.option("--engine", type=click.Choice(ENGINES), default="polars", show_default=True)
@click.option(
    "--interval", type=click.Choice(list(INTERVALS)), default="logit", show_default=True, help="Interval of shares."
)
@click.option("--ages", help="Years at which age bands begin, such as 0,15,65: makes the column age_band for --by.")
@click.option("--age", default=MadeColumns.age, show_default=True, help="Column of age in years, for --ages.")
@click.option(
    "--head",
    help="Who is the head of a household, as COLUMN=ANSWER: makes the column head_sex for --by. Without it "
    "relation=head or relationship=head is looked for.",
)
@click.option(
    "--household", default=MadeColumns.household, show_default=True, help="Column of households, for head_sex."
)
@click.option("--sex", default=MadeColumns.sex, show_default=True, help="Column of sex, for head_sex.")
@json_option
@refuse_cleanly
def estimate(
    data: Path,
    indicators: Path,
    by: str | None,
    weight: str | None,
    strata: str | None,
    psu: str | None,
    fpc: str | None,
    engine: str,
    interval: str,
    as_json: bool,
    **made: str | None,
) -> None:
    columns = split_columns(by)
    definitions = read_indicators(indicators)
    table = read_microdata(data, engine, say=progress)
    design = SampleDesign(weight, strata, psu, fpc)
    with named_places(data, indicators):
        table = with_made_columns(table, columns, MadeColumns(**made), progress)
        frame = estimate_indicators(table, definitions, [columns], design, engine, interval, columns_without_gaps(data))
    for identifier, line in frame.attrs["lines"].items():
        progress(f"{identifier}: the poverty line is {line:,.2f}.")
    for column, persons in frame.attrs["persons_without"].items():
        if persons:
            progress(f"{persons:,} rows have no answer in '{column}' and are in no cell.")
    for identifier, reason, cells in frame.attrs["undefined"]:
        progress(f"{identifier}: {cells:,} {'cell has' if cells == 1 else 'cells have'} no figure, because {reason}.")
    _say_what_rests_on_one_unit(frame)
    units = frame["units"].astype("Int64").astype("object").where(frame["units"].notna(), None)
    frame = frame.assign(units=units, **{MARK: reliability_of(frame, definitions)})
    if as_json:
        print_json({"estimates": frame.to_dict("records")})
    else:
        _print_for_people(frame, columns)


def _say_what_rests_on_one_unit(frame: pd.DataFrame) -> None:
    """A standard error of 0 must not pass for an exact figure."""
    number = int(rests_on_one_unit(frame).sum())
    if number:
        progress(
            f"{number:,} of {len(frame):,} estimates rest on the answers of a single sampling unit. Their standard "
            "error cannot be estimated: the 0 beside them does not mean exact, and they are marked unreliable."
        )


def _print_for_people(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    rows = frame.to_dict("records")
    names = ("indicator", *columns)
    print_table(
        [*names, *RESULT_COLUMNS, MARK],
        ([*(row[name] for name in names), *(_shown(row[name]) for name in RESULT_COLUMNS), row[MARK]] for row in rows),
    )


def _shown(value: float | int) -> str | None:
    if pd.isna(value):
        return None
    return f"{value:,.4f}" if isinstance(value, float) else f"{value:,}"
