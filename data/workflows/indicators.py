"""Answers of a round -> estimates by area, sex and age band, and the needs of women and men, stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import CatalogueError, InputError, Problem
from budget_model.needs.gaps import needs_from_estimates
from budget_model.spelling import nearest
from budget_model.survey.catalogue import CONDITION_KEYS, IndicatorDefinition, is_part, parse_catalogue
from budget_model.survey.catalogue_text import line_of_column, with_lines_of
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from data.store import audit
from data.store.areas import list_areas, root_area
from data.store.engine import transaction
from data.store.estimates import replace_contrasts, replace_estimates, replace_head_estimates
from data.store.indicators import save_indicators
from data.store.needs import replace_needs
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.anonymise import HIDDEN_AREA, WIDE_LABELS
from data.workflows.corrected import corrected_answers
from data.workflows.empty_universes import empty_universes
from data.workflows.indicator_details import (
    check_age_bands,
    contrast_rows,
    estimate_by_head,
    estimate_contrasts,
    head_rows,
    with_chosen_bands,
)
from data.workflows.round_spec import sampling_unit
from data.workflows.sensitive import refuse_unmarked

AGE_BAND, SEX, ALL = "age_band", "sex", "all"


@dataclass(frozen=True)
class IndicatorRun:
    """What came of a run."""

    round_code: str
    indicators: tuple[str, ...]
    skipped: tuple[Problem, ...]  # one for each indicator whose questions the round did not ask
    estimates: pd.DataFrame  # of persons: indicator, area, sex, age_band and the columns of `estimate`
    households: pd.DataFrame  # of households, for entries of level household: indicator, area, …; not stored
    needs: pd.DataFrame
    empty: tuple[Problem, ...] = ()  # one for each indicator that nobody of the round is asked for


@dataclass(frozen=True)
class RoundAnswers:
    """The stored answers of a round and how they were drawn."""

    persons: ibis.Table
    households: ibis.Table
    area_columns: tuple[str, ...]
    design: SampleDesign
    root_area: str
    corrections: Mapping[str, Any] = field(default_factory=dict)  # how many were applied, and the hash of their log


def run_indicators(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    catalogue_text: str,
    actor: str,
    catalogue_file: str = "catalogue",
    age_starts: Sequence[int] | None = None,
) -> IndicatorRun:
    """Estimate a catalogue on a round and store estimates and needs in one transaction.

    Estimates of the same round and indicator version are replaced. Indicators that ask for a question the round
    lacks are left out and named in `skipped`; if none is left, InputError names them all. So it does for indicators
    of sensitive answers that are not marked as such.

    age_starts : years at which age bands begin, kept for the round; None leaves the bands that it has
    """
    definitions = parse_catalogue(catalogue_text, catalogue_file)
    with _places_named(catalogue_text, catalogue_file):
        refuse_unmarked(definitions, catalogue_file)
    with factory() as session:
        site = load_site(session, site_slug)
        survey_round = load_round(session, site.id, round_code)
        answers = load_answers(session, bank_folder, survey_round, age_starts)
        site_id, round_id = site.id, survey_round.id
    runnable, missing = split_runnable(definitions, answers.persons.columns, catalogue_file)
    skipped = [_placed(problem, catalogue_text) for problem in missing]
    if not runnable:
        raise InputError(skipped)
    with _places_named(catalogue_text, catalogue_file):
        found = _estimate_all(answers, runnable)
        empty = tuple(empty_universes(found.persons, answers.persons, runnable, catalogue_file))
    with transaction(factory) as session:
        ids = save_indicators(session, site_id, runnable)
        _replace_all(session, site_id, round_id, ids, found)
        if age_starts:
            load_round(session, site_id, round_code).age_starts = list(age_starts)
        detail = {
            "indicators": sorted(ids),
            "skipped": [str(problem.facts["indicator"]) for problem in skipped],
            "nobody_in_universe": [str(problem.facts["indicator"]) for problem in empty],
            "corrections": dict(answers.corrections),
        }
        audit.record(session, actor, "indicators.run", f"round {round_code}", site_id, detail)
    return IndicatorRun(round_code, tuple(ids), tuple(skipped), found.persons, found.households, found.needs, empty)


@dataclass(frozen=True)
class _Estimated:
    """Everything that a run computes, before any of it is stored."""

    persons: pd.DataFrame
    households: pd.DataFrame
    needs: pd.DataFrame
    contrasts: pd.DataFrame
    by_head: pd.DataFrame | None  # None: no column says who is the head


def _estimate_all(answers: RoundAnswers, runnable: Sequence[IndicatorDefinition]) -> _Estimated:
    estimates = estimate_persons(answers, runnable)
    return _Estimated(
        estimates,
        estimate_households(answers, runnable),
        needs_from_estimates(_without_age(_whole(estimates)), runnable),
        estimate_contrasts(answers.persons, runnable, answers.area_columns, answers.root_area, answers.design),
        estimate_by_head(answers.persons, runnable, answers.design),
    )


def _replace_all(session: Session, site_id: int, round_id: int, ids: dict[str, int], found: _Estimated) -> None:
    areas = {area.code: area.id for area in list_areas(session, site_id)}
    replace_estimates(session, round_id, ids.values(), _estimate_rows(found.persons, ids, areas))
    replace_needs(session, round_id, ids.values(), _need_rows(found.needs, ids, areas))
    replace_contrasts(session, round_id, ids.values(), contrast_rows(found.contrasts, ids, areas))
    replace_head_estimates(session, round_id, ids.values(), head_rows(found.by_head, ids))


def _placed(problem: Problem, text: str) -> Problem:
    """A missing question at the line of the catalogue that asks for it."""
    identifier, questions = str(problem.facts["indicator"]), problem.facts["questions"]
    return replace(problem, line=line_of_column(text, identifier, questions[0]))


@contextmanager
def _places_named(text: str, file: str) -> Iterator[None]:
    """Problems of an indicator get the line of its entry, or of the key that they are of."""
    try:
        yield
    except InputError as error:
        raise type(error)(with_lines_of(error.problems, text, file)) from None


def load_answers(
    session: Session, bank_folder: Path, survey_round: SurveyRound, age_starts: Sequence[int] | None = None
) -> RoundAnswers:
    """The corrected answers of a round as Ibis tables, and its sample design.

    age_starts : years at which age bands begin, in place of those of the round
    """
    corrected = corrected_answers(session, bank_folder, survey_round)
    if age_starts:
        check_age_bands(survey_round, age_starts, corrected.persons.columns)
    design = SampleDesign()
    if not survey_round.is_census:
        design = SampleDesign(
            weight=survey_round.weight_column,
            strata=survey_round.strata_column,
            psu=sampling_unit(survey_round.is_census, survey_round.psu_column),
            fpc=survey_round.fpc_column,
        )
    root = root_area(session, survey_round.site_id)
    return RoundAnswers(
        with_chosen_bands(ibis.memtable(corrected.persons), age_starts or survey_round.age_starts),
        ibis.memtable(corrected.households),
        tuple(survey_round.area_columns),
        design,
        root.code,
        {"applied": corrected.corrections, "sha256": corrected.sha256},
    )


def estimate_persons(answers: RoundAnswers, definitions: Sequence[IndicatorDefinition]) -> pd.DataFrame:
    """Estimates of persons: site and every area level by sex and together, and the site by sex and age band."""
    by: list[tuple[str, ...]] = [(), (SEX,)]
    by += [columns for area in answers.area_columns for columns in ((area,), (area, SEX))]
    if AGE_BAND in answers.persons.columns:
        by += [(AGE_BAND,), (SEX, AGE_BAND)]
    return _tidy(estimate(answers.persons, definitions, by, answers.design), answers)


def estimate_households(answers: RoundAnswers, definitions: Sequence[IndicatorDefinition]) -> pd.DataFrame:
    """Estimates that count households, for entries of level `household` where the households table can answer them."""
    columns = answers.households.columns
    design = _household_design(answers)
    of_households = [item for item in definitions if item.level == "household"]
    runnable, _ = split_runnable(of_households, columns, "")
    if not runnable or design is None:
        return _tidy(pd.DataFrame({"indicator": []}), answers)
    by = [(), *((area,) for area in answers.area_columns if area in columns)]
    return _tidy(estimate(answers.households, runnable, by, design), answers)


def _household_design(answers: RoundAnswers) -> SampleDesign | None:
    """The design as far as households carry it; None if a part of it is known of persons only."""
    parts = answers.design.columns()
    return answers.design if set(parts.values()) <= set(answers.households.columns) else None


def _tidy(frame: pd.DataFrame, answers: RoundAnswers) -> pd.DataFrame:
    """One `area` column instead of one a level; `sex` and `age_band` say `all` where they are not split."""
    result = frame.copy()
    area = pd.Series(None, index=frame.index, dtype="object")
    for column in answers.area_columns:
        if column in frame:
            area = area.where(frame[column].isna(), frame[column].astype("object"))
    result["area"] = area.where(area.notna(), answers.root_area)
    for column in (SEX, AGE_BAND):
        known = frame[column] if column in frame else pd.Series(None, index=frame.index, dtype="object")
        result[column] = known.astype("object").where(known.notna(), ALL)
    first = ["indicator", "area", SEX, AGE_BAND]
    rest = [name for name in frame.columns if name not in (*first, *answers.area_columns)]
    is_told = (result["area"] != HIDDEN_AREA) & ~result[AGE_BAND].isin(WIDE_LABELS)  # the others count in the site
    return result.loc[is_told, first + rest].reset_index(drop=True)


def _whole(estimates: pd.DataFrame) -> pd.DataFrame:
    """Without the parts of single deprivations in a multidimensional measure: those are no needs of their own."""
    return estimates[~estimates["indicator"].map(is_part)]


def _without_age(estimates: pd.DataFrame) -> pd.DataFrame:
    return estimates[estimates[AGE_BAND] == ALL].drop(columns=AGE_BAND).reset_index(drop=True)


def split_runnable(
    definitions: Sequence[IndicatorDefinition], columns: Sequence[str], file: str
) -> tuple[list[IndicatorDefinition], list[Problem]]:
    """Definitions that the columns can answer, and one problem for each of the others; wrong conditions raise."""
    runnable, skipped = [], []
    for definition in definitions:
        missing = sorted(set(_missing_questions(definition, columns, file)))
        if missing:
            message = (
                f"indicator '{definition.id}' is left out: the round lacks the "
                f"{'question' if len(missing) == 1 else 'questions'} {', '.join(missing)}.{_hint(missing, columns)}"
            )
            facts = {"indicator": definition.id, "questions": missing}
            skipped.append(Problem("questions_missing", message, level="warning", file=file or None, facts=facts))
        else:
            runnable.append(definition)
    return runnable, skipped


def _hint(missing: Sequence[str], columns: Sequence[str]) -> str:
    """The nearest columns of the round, where some are near enough to be meant."""
    near = [found for name in missing if (found := nearest(name, columns))]
    named = " or ".join(f"'{name}'" for name in dict.fromkeys(near))
    return f" If it is misspelt: did you mean {named}?" if near else ""


def _missing_questions(definition: IndicatorDefinition, columns: Sequence[str], file: str) -> Iterator[str]:
    for key in CONDITION_KEYS:
        sql = getattr(definition, key)
        if sql is None:
            continue
        try:
            parse_condition(sql, columns, Place(definition.id, key, file))
        except CatalogueError as error:
            unknown = [problem for problem in error.problems if problem.rule == "condition.unknown_column"]
            if len(unknown) < len(error.problems):
                raise
            yield from (str(problem.facts["column"]) for problem in unknown)


def _estimate_rows(estimates: pd.DataFrame, ids: dict[str, int], areas: dict[str, int]) -> Iterator[dict[str, Any]]:
    for row in estimates[estimates["n"] > 0].to_dict("records"):
        yield {
            "indicator_id": ids[row["indicator"]],
            "area_id": areas[row["area"]],
            "sex": row[SEX],
            "age_band": row[AGE_BAND],
            "estimate": _number(row["estimate"]),
            "standard_error": _number(row["se"]),
            "ci_low": _number(row["ci_low"]),
            "ci_high": _number(row["ci_high"]),
            "cv": _number(row["cv"]),
            "deff": _number(row["deff"]),
            "n": int(row["n"]),
            "population": float(row["population"]),
            "count": _number(row["count"]),
            "count_standard_error": _number(row["count_se"]),
        }


def _need_rows(needs: pd.DataFrame, ids: dict[str, int], areas: dict[str, int]) -> Iterator[dict[str, Any]]:
    for row in needs[needs["universe"] > 0].to_dict("records"):
        yield {
            "indicator_id": ids[row["indicator"]],
            "area_id": areas[row["area"]],
            "target_group": row["group"],
            "universe": float(row["universe"]),
            "deficit": float(row["deficit"]),
            "deficit_standard_error": _number(row["deficit_se"]),
        }


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
