"""The people of a survey round among whom money is divided: incomes, and who lacks or uses what a programme offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.errors import CatalogueError, InputError, Problem
from budget_model.spelling import did_you_mean
from budget_model.spending.incidence import People
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition
from budget_model.survey.quantiles import Answers, read_answers
from data.readers.incidence_questions import IncidenceQuestions, ProgrammeUse
from data.store.indicators import list_indicators
from data.store.programmes import links_by_programme
from data.store.tables import Programme
from data.workflows.indicators import RoundAnswers

SEXES = ("female", "male")
QUESTION, NEED = "question", "need"


@dataclass(frozen=True)
class NeedServed:
    """A need that a programme serves: the condition of those who lack it, and the stated reach."""

    code: str
    condition: str
    reach: tuple[float, float] | None


def needs_of(session: Session, site_id: int, programmes: Sequence[Programme]) -> dict[int, list[NeedServed]]:
    """Programme id -> the needs that it serves and that are shares of people."""
    definitions = {
        indicator.code: IndicatorDefinition.model_validate(indicator.definition)
        for indicator in list_indicators(session, site_id)
    }
    links = links_by_programme(session, site_id)
    return {
        programme.id: [
            NeedServed(link.indicator_code, _lacks(definitions[link.indicator_code]), _stated_reach(link.reach))
            for link in links.get(programme.id, ())
            if link.indicator_code in definitions and definitions[link.indicator_code].numerator is not None
        ]
        for programme in programmes
    }


def _lacks(definition: IndicatorDefinition) -> str:
    lacking = f"({definition.numerator})" if definition.direction == "down" else f"NOT ({definition.numerator})"
    return f"({definition.universe}) AND {lacking}"


def _stated_reach(reach: Any) -> tuple[float, float] | None:
    """Shares of women and men among a programme's users; None where the reach follows the need or the register."""
    if not isinstance(reach, Mapping):
        return None
    return float(reach.get("women", 0.0)), float(reach.get("men", 0.0))


def read_people(
    answers: RoundAnswers,
    programmes: Sequence[Programme],
    asked: IncidenceQuestions,
    needs: Mapping[int, Sequence[NeedServed]],
    income_column: str,
    round_code: str,
    file: str,
) -> tuple[Answers, dict[str, int]]:
    """Income (the first value), and for each question and need 1 or 0 of each person; and where each stands."""
    columns = answers.persons.columns
    if income_column not in columns:
        message = (
            f"Round '{round_code}' has no column '{income_column}', by which people would be ranked."
            f"{did_you_mean(income_column, columns)} Name the column of income under 'income' in the questions file."
        )
        facts = {"round": round_code, "column": income_column}
        raise InputError(Problem("income_missing", message, value=income_column, facts=facts))
    check_conditions(asked, columns, file)
    wanted: dict[str, tuple[str, str, str]] = {"income": ("TRUE", income_column, "mean")}
    for programme in programmes:
        use = asked.programmes.get(programme.code)
        if use and use.users:
            wanted[QUESTION + programme.code] = ("TRUE", _as_number(use.users.condition), "mean")
        else:
            for need in needs[programme.id]:
                wanted[NEED + need.code] = ("TRUE", _as_number(need.condition), "mean")
    read = read_answers(answers.persons, wanted, ["sex"], answers.design)
    return read, {name: position for position, name in enumerate(wanted)}


def _as_number(condition: str) -> str:
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def check_conditions(asked: IncidenceQuestions, columns: Sequence[str], file: str) -> None:
    """Raise CatalogueError with every condition that the columns of a round cannot answer."""
    problems = [
        problem for code, use in asked.programmes.items() for problem in _condition_problems(code, use, columns)
    ]
    if problems:
        raise CatalogueError([replace(problem, file=file) for problem in problems])


def _condition_problems(code: str, use: ProgrammeUse, columns: Sequence[str]) -> Iterator[Problem]:
    if use.users is None:
        return
    try:
        parse_condition(use.users.condition, columns, Place(code, "users"))
    except CatalogueError as error:
        for problem in error.problems:
            what = problem.message.split(": ", 1)[-1]
            yield replace(problem, message=f"programme '{code}', users.condition: {what}")


def people_of(read: Answers) -> tuple[People, np.ndarray]:
    """Everybody in the sample design; those without income or sex have no weight. And who is known."""
    (sexes,) = read.by
    codes = np.array([SEXES.index(level) if level in SEXES else -1 for level in sexes.levels] or [-1])
    sex = np.where(sexes.codes >= 0, codes[sexes.codes], -1)
    income = read.values[:, 0]
    known = (sex >= 0) & ~np.isnan(income)
    if not (read.weight[known] > 0).any():
        raise InputError(Problem("income_unknown", "Nobody in the round has a known income. Check the column."))
    people = People(
        weight=np.where(known, read.weight, 0.0),
        sex=np.where(known, sex, 0).astype(np.int64),
        income=np.where(known, income, 0.0),
        strata=read.strata,
        stratum=read.stratum,
        unit=read.unit,
    )
    return people, known
