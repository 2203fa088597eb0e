"""What is estimated beside the figures by area, sex and age: women beside men, by the sex of the head, chosen bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.contrasts import CONTRAST_COLUMNS, contrasts
from budget_model.survey.derived import AgeBands, with_age_band, with_head_sex
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from data.store.tables import SurveyRound
from data.workflows.anonymise import HIDDEN_AREA
from data.workflows.round_states import PUBLISHED

HEAD_SEX, HEAD = "head_sex", "head"
RELATIONS = ("relation", "relationship")  # columns that say who is the head, the first that a round has
ALL = "all"
Rows = list[dict[str, Any]]


def relation_column(columns: Sequence[str]) -> str | None:
    """The column that says who is the head of a household; None where the round has none."""
    return next((name for name in RELATIONS if name in columns), None)


def estimate_contrasts(
    persons: Any,
    definitions: Sequence[IndicatorDefinition],
    area_columns: Sequence[str],
    root: str,
    design: SampleDesign,
) -> pd.DataFrame:
    """Women beside men in the site and each of its areas: `indicator`, `area` and the columns of `contrasts`."""
    frame = contrasts(persons, definitions, [(), *((column,) for column in area_columns)], design)
    area = pd.Series(root, index=frame.index, dtype="object")
    for column in area_columns:
        area = frame[column].astype("object").where(frame[column].notna(), area)
    found = frame.assign(area=area).dropna(subset=["difference"])
    return found[found["area"] != HIDDEN_AREA]


def contrast_rows(frame: pd.DataFrame, ids: Mapping[str, int], areas: Mapping[str, int]) -> Rows:
    """The same as rows of the table `sex_contrast`."""
    rows = frame.to_dict("records")
    return [
        {
            "indicator_id": ids[str(row["indicator"])],
            "area_id": areas[str(row["area"])],
            **{name: number(row[name]) for name in CONTRAST_COLUMNS},
        }
        for row in rows
    ]


def estimate_by_head(
    persons: Any, definitions: Sequence[IndicatorDefinition], design: SampleDesign
) -> pd.DataFrame | None:
    """The whole site by the sex of the household's head, and by that and the person's; None where no column says who is
    the head."""
    relation = relation_column(persons.columns)
    if relation is None or "household_id" not in persons.columns:
        return None
    if HEAD_SEX not in persons.columns:
        persons = with_head_sex(persons, relationship=relation, head=HEAD)
    return estimate(persons, definitions, [(HEAD_SEX,), (HEAD_SEX, "sex")], design)


def head_rows(frame: pd.DataFrame | None, ids: Mapping[str, int]) -> Rows:
    """The same as rows of the table `head_estimate`."""
    if frame is None:
        return []
    return [
        {
            "indicator_id": ids[str(row["indicator"])],
            "head_sex": row[HEAD_SEX],
            "sex": row["sex"] if isinstance(row["sex"], str) else ALL,
            "standard_error": number(row["se"]),
            "n": int(row["n"]),
            "population": float(row["population"]),
            **{name: number(row[name]) for name in ("estimate", "ci_low", "ci_high", "cv", "count")},
        }
        for row in frame[frame["n"] > 0].to_dict("records")
    ]


def with_chosen_bands(persons: Any, starts: Sequence[int] | None) -> Any:
    """The persons with age bands that begin at these years; as they are where none were chosen."""
    return with_age_band(persons, AgeBands(tuple(starts))) if starts else persons


def check_age_bands(survey_round: SurveyRound, starts: Sequence[int], columns: Sequence[str]) -> None:
    """Raise InputError for bands that do not rise, a round without ages, and other bands on a published round, whose
    figures stay as they are."""
    AgeBands(tuple(starts))
    if "age" not in columns:
        message = f"Round '{survey_round.code}' holds no age in years, so that its bands cannot be chosen."
        raise InputError(Problem("age_bands.no_age", message, column="age"))
    if survey_round.state == PUBLISHED and list(starts) != (survey_round.age_starts or []):
        message = f"Round '{survey_round.code}' is published; its figures by age stay as they are."
        facts = {"round": survey_round.code}
        raise InputError(Problem("age_bands.published", message, value=survey_round.code, facts=facts))


def number(value: Any) -> float | None:
    """A number for the store: missing is None."""
    return None if value is None or pd.isna(value) else float(value)
