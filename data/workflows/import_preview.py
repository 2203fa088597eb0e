"""Fourth step of an import: what the round would hold, before anything of it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import IndicatorDefinition, parse_catalogue
from data.readers.survey_mapping import SurveyMapping
from data.settings import PROJECT
from data.workflows.import_found import Found, ProblemGroup, grouped
from data.workflows.indicators import split_runnable
from data.workflows.round_checks import check_round, design_notes
from data.workflows.staging import Stage
from data.workflows.survey_frames import MappedAnswers, map_answers
from data.workflows.surveys import (
    map_form_answers,
    refuse_days_ahead,
    round_spec,
)

CORE_CATALOGUE = PROJECT / "data" / "catalogue" / "indicators.yaml"
FIRST_ROWS = 8
PREVIEW_SEED = 1  # the preview is shuffled as the import is, but alike each time it is looked at


@dataclass(frozen=True)
class Preview:
    """What the round would hold. Without problems of level error it can be imported."""

    problems: tuple[ProblemGroup, ...]
    persons: int = 0
    households: int = 0
    by_area: tuple[tuple[str, int, int, int], ...] = ()  # area, households, women, men
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    indicators: tuple[tuple[IndicatorDefinition, tuple[str, ...]], ...] = ()  # and the questions that it lacks
    days: tuple[date | None, date | None] = (None, None)  # the first and the last

    @property
    def is_refused(self) -> bool:
        return any(group.level == "error" for group in self.problems)


def preview_import(stage: Stage, found: Found) -> Preview:
    """Map the answers without storing anything; never raises for what the files hold."""
    if stage.mapping is None:
        return Preview(grouped([Problem("mapping_missing", "Say first which column is what.")]))
    mapping = SurveyMapping.model_validate(stage.mapping)
    try:
        spec = round_spec(stage.round_code, mapping, {})
        refuse_days_ahead(spec)
        answers = _mapped(mapping, found)
        check_round(spec, answers.persons, answers.households)
    except InputError as refused:
        return Preview(grouped(refused.problems))
    return Preview(
        grouped([*answers.warnings, *design_notes(spec)]),
        answers.persons.height,
        answers.households.height,
        _by_area(mapping, answers),
        *_first_rows(answers.persons),
        _indicators(answers.persons),
        (spec.starts_on, spec.ends_on),
    )


def _mapped(mapping: SurveyMapping, found: Found) -> MappedAnswers:
    if found.answers is not None:
        return map_form_answers(mapping, found.answers, PREVIEW_SEED)[1]
    return map_answers(mapping, found.raw, PREVIEW_SEED)


def _by_area(mapping: SurveyMapping, answers: MappedAnswers) -> tuple[tuple[str, int, int, int], ...]:
    """Households, women and men of each area of level 1, and together under the empty name."""
    names = {code: name for code, name, level, _ in answers.areas if level == 1}
    column = mapping.areas[0].name if mapping.areas else None
    groups = [("", answers.persons)]
    if column:
        groups += [
            (str(key[0]), part) for key, part in answers.persons.sort(column).group_by(column, maintain_order=True)
        ]
    return tuple(
        (
            names.get(code, code),
            part["household_id"].n_unique(),
            part.filter(pl.col("sex") == "female").height,
            part.filter(pl.col("sex") == "male").height,
        )
        for code, part in groups
    )


def _first_rows(persons: pl.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The first rows without the numbers given to people and households."""
    shown = persons.drop("person_id", "household_id").head(FIRST_ROWS)
    rows = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in shown.iter_rows())
    return tuple(shown.columns), rows


def _indicators(persons: pl.DataFrame) -> tuple[tuple[IndicatorDefinition, tuple[str, ...]], ...]:
    definitions = parse_catalogue(CORE_CATALOGUE.read_text(encoding="utf-8-sig"), CORE_CATALOGUE.name)
    _runnable, skipped = split_runnable(definitions, persons.columns, CORE_CATALOGUE.name)
    missing = {str(problem.facts["indicator"]): tuple(problem.facts["questions"]) for problem in skipped}
    return tuple((definition, missing.get(definition.id, ())) for definition in definitions)
