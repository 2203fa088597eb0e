"""Who benefits from a site's spending: its programmes' money divided among women and men and fifths of income.

Money: lines of a budget year at a stage, times their shares, less what users pay. Users: women and men by the register
where the programme has one, else by its stated reach, else by the survey; who among them, by income, from the survey:
by a question where one was asked, else people who lack the needs that the programme serves, each need with the share of
the users that its reach states. Each programme says which.

For people of the municipality: programmes with few users would show single households, so no public page has this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.errors import CatalogueError, InputError, Problem
from budget_model.spelling import did_you_mean
from budget_model.spending.incidence import Incidence, incidence
from data.readers.incidence_questions import HourValue, IncidenceQuestions, ProgrammeUse
from data.readers.incidence_users import ProgrammeUsers
from data.store.programmes import lines_by_programme, list_programmes
from data.store.rounds import latest_round, load_round
from data.store.sites import load_site
from data.store.tables import BudgetLine, Programme, SurveyRound
from data.workflows.corrected import answers_fingerprint
from data.workflows.incidence_parts import ProgrammeIncidence, ProgrammePart, UsersTold, check_fees
from data.workflows.incidence_people import NEED, QUESTION, NeedServed, needs_of, people_of, read_people
from data.workflows.indicators import load_answers
from data.workflows.models import latest_budget_year

GROUPS = ("women", "men")
DEFAULT_INCOME = "income_per_head"
STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")


@dataclass(frozen=True)
class SiteIncidence:
    """All programmes together and one by one."""

    currency: str
    round_code: str
    budget_year: int | None
    stage: str
    income_column: str
    whole: Incidence
    programmes: tuple[ProgrammeIncidence, ...]
    without_income: float  # persons of the population whose income or sex is not known; they are left out
    hour_value: HourValue | None


@dataclass(frozen=True)
class IncidenceBasis:
    """Everything that the figures rest on but for the answers themselves, of which it has the fingerprint."""

    currency: str
    survey_round: SurveyRound
    programmes: Sequence[Programme]
    budget_year: int | None
    stage: str
    asked: IncidenceQuestions
    file: str
    counted: Mapping[str, ProgrammeUsers]
    spent: Mapping[int, Decimal]  # programme id -> its money at the stage
    needs: Mapping[int, Sequence[NeedServed]]
    answers_sha256: str

    @property
    def income_column(self) -> str:
        return self.asked.income.column if self.asked.income else DEFAULT_INCOME

    @property
    def sha256(self) -> str:
        """The same for the same content and for no other: figures may be kept under it, and are never out of date."""
        parts = (
            self.currency,
            _columns_of(self.survey_round),
            [_columns_of(programme) for programme in self.programmes],
            *(self.budget_year, self.stage, self.asked, self.file, dict(self.counted), dict(self.spent)),
            *(dict(self.needs), self.answers_sha256),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def _columns_of(row: SurveyRound | Programme) -> list[tuple[str, Any]]:
    return [(column.key, getattr(row, column.key)) for column in type(row).__table__.columns]


def gather_basis(
    session: Session,
    bank_folder: Path,
    site_slug: str,
    round_code: str | None = None,
    budget_year: int | None = None,
    stage: str = "pim",
    questions: IncidenceQuestions | None = None,
    file: str = "questions",
    counted: Mapping[str, ProgrammeUsers] | None = None,
) -> IncidenceBasis:
    """What the money would be divided by; quick, as no answers are read.

    counted : programme -> its users by sex and fifth, where somebody counted them; they go before everything else

    Raises
    ------
    NotFoundError : no such site or round. InputError : the site has no programmes, the round no answers, a line has no
        figure of the stage. CatalogueError : a programme that the site does not have; all of them at once.
    """
    site = load_site(session, site_slug)
    asked = questions or IncidenceQuestions()
    survey_round = _round(session, site.id, round_code)
    programmes = list_programmes(session, site.id)
    _check_programmes(programmes, asked, site_slug, file)
    year = budget_year if budget_year is not None else latest_budget_year(session, site.id)
    return IncidenceBasis(
        currency=site.currency,
        survey_round=survey_round,
        programmes=programmes,
        budget_year=year,
        stage=stage,
        asked=asked,
        file=file,
        counted=counted or {},
        spent=_spending(session, site.id, programmes, year, stage),
        needs=needs_of(session, site.id, programmes),
        answers_sha256=answers_fingerprint(session, bank_folder, survey_round),
    )


def divide(session: Session, bank_folder: Path, basis: IncidenceBasis) -> SiteIncidence:
    """The money divided among the people of the answers.

    Raises
    ------
    InputError : the round has no answers or no income, or fees are above the spending. CatalogueError : a condition
        that the round cannot answer; all of them at once.
    """
    survey_round, asked, counted, needs = basis.survey_round, basis.asked, basis.counted, basis.needs
    answers = load_answers(session, bank_folder, survey_round)
    asking = [one for one in basis.programmes if one.code not in counted]
    read, columns = read_people(answers, asking, asked, needs, basis.income_column, survey_round.code, basis.file)
    people, known = people_of(read)

    def users_of(name: str) -> np.ndarray:
        return np.where(known, np.nan_to_num(read.values[:, columns[name]]), 0.0)

    parts = []
    for programme in basis.programmes:
        use = asked.programmes.get(programme.code, ProgrammeUse())
        table = counted.get(programme.code)
        if table is not None:
            users = []
        elif use.users is not None:
            users = [UsersTold(users_of(QUESTION + programme.code), None)]
        else:
            users = [UsersTold(users_of(NEED + link.code), link.reach) for link in needs[programme.id]]
        parts.append(ProgrammePart(programme, use, basis.spent[programme.id], tuple(users), table))
    check_fees(parts, basis.currency)
    return SiteIncidence(
        currency=basis.currency,
        round_code=survey_round.code,
        budget_year=basis.budget_year,
        stage=basis.stage,
        income_column=basis.income_column,
        whole=incidence(people, [stream for part in parts for stream in part.streams(people)]),
        programmes=tuple(part.report(people) for part in parts),
        without_income=float(read.weight[~known].sum()),
        hour_value=asked.hour_value,
    )


# ---- what is asked for -----------------------------------------------------------------------------------------------


def _round(session: Session, site_id: int, code: str | None) -> SurveyRound:
    found = load_round(session, site_id, code) if code else latest_round(session, site_id, has_needs=True)
    if found is None:
        message = "The site has no survey round with needs. Import answers and run the indicators first."
        raise InputError(Problem("round_missing", message))
    return found


def _check_programmes(programmes: Sequence[Programme], asked: IncidenceQuestions, site: str, file: str) -> None:
    if not programmes:
        message = f"Site '{site}' has no programmes. Import them first (programmes import)."
        raise InputError(Problem("programmes_missing", message))
    codes = [programme.code for programme in programmes]
    problems = [
        Problem(
            "programme_unknown",
            f"The site has no programme '{code}'.{did_you_mean(code, codes)}",
            file=file,
            value=code,
            facts={"programme": code},
        )
        for code in asked.programmes
        if code not in codes
    ]
    if problems:
        raise CatalogueError(problems)


def _spending(
    session: Session, site_id: int, programmes: Sequence[Programme], year: int | None, stage: str
) -> dict[int, Decimal]:
    """Programme id -> its money at a stage, exact; a line without a figure of the stage is refused."""
    if stage not in STAGES:
        raise InputError(
            Problem("stage_unknown", f"There is no stage '{stage}'.{did_you_mean(stage, STAGES)}", value=stage)
        )
    amounts = {programme.id: programme.stated_baseline or Decimal(0) for programme in programmes}
    problems = []
    lines = lines_by_programme(session, site_id, year) if year is not None else {}
    for programme_id, shares in lines.items():
        for line, share in shares:
            amount = getattr(line, stage)
            if amount is None:
                problems.append(_amount_missing(line, stage))
            else:
                amounts[programme_id] += amount * share
    if problems:
        raise InputError(problems)
    return amounts


def _amount_missing(line: BudgetLine, stage: str) -> Problem:
    message = f"Line '{line.code}' of {line.year} has no figure '{stage}'. Choose another stage or year."
    facts = {"line": line.code, "year": line.year, "stage": stage}
    return Problem("amount_missing", message, value=line.code, facts=facts)
