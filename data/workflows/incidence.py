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
from budget_model.spending.incidence import Incidence, People, Stream, incidence
from data.readers.incidence_questions import HoursSaved, HourValue, IncidenceQuestions, ProgrammeUse
from data.readers.incidence_users import ProgrammeUsers
from data.store.programmes import lines_by_programme, list_programmes
from data.store.rounds import latest_round, load_round
from data.store.sites import load_site
from data.store.tables import BudgetLine, Programme, SurveyRound
from data.workflows.corrected import answers_fingerprint
from data.workflows.incidence_people import NEED, QUESTION, SEXES, NeedServed, needs_of, people_of, read_people
from data.workflows.indicators import load_answers
from data.workflows.models import latest_budget_year

GROUPS = ("women", "men")
DEFAULT_INCOME = "income_per_head"
STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")
WEEKS = 52
NOTHING = "nothing"
REGISTER, REACH, SURVEY = "register", "reach", "survey"
TABLE = "table"


@dataclass(frozen=True)
class ProgrammeIncidence:
    """One programme's money and its users."""

    code: str
    name: Mapping[str, str]
    spent: float  # currency
    fees: float  # currency that users pay
    sex_from: str  # table, register, reach, survey, or nothing
    income_from: str  # table, question, need, or nothing
    users: tuple[float, float] | None  # women and men who use it in a year; None where nobody counts them
    result: Incidence
    hours_saved: HoursSaved | None

    @property
    def net(self) -> float:
        return self.spent - self.fees

    @property
    def cost_per_user(self) -> float | None:
        return self.net / sum(self.users) if self.users and sum(self.users) > 0 else None

    @property
    def hours(self) -> tuple[float, float] | None:
        """Hours of unpaid work in a year that women and men are spared."""
        if self.hours_saved is None or self.users is None:
            return None
        users = sum(self.users)
        return users * self.hours_saved.women * WEEKS, users * self.hours_saved.men * WEEKS


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
            users = [_Users(users_of(QUESTION + programme.code), None)]
        else:
            users = [_Users(users_of(NEED + link.code), link.reach) for link in needs[programme.id]]
        parts.append(_Part(programme, use, basis.spent[programme.id], tuple(users), table))
    _check_fees(parts, basis.currency)
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


@dataclass(frozen=True)
class _Users:
    """People whom a question or a need tells, and the shares of a programme's users that they are."""

    who: np.ndarray  # (I,) 1 for one of them
    reach: tuple[float, float] | None  # women and men as shares of all users; None: not stated

    def weight(self, sex_shares: tuple[float, float] | None, sex: int) -> float:
        """Part of the programme's users of a sex that these are."""
        if self.reach is not None:
            return self.reach[sex]
        return 1.0 if sex_shares is None else sex_shares[sex]


@dataclass(frozen=True)
class _Part:
    """What is known of one programme before its money is divided."""

    programme: Programme
    use: ProgrammeUse
    spent: Decimal
    users: tuple[_Users, ...]
    table: ProgrammeUsers | None = None  # users by sex and fifth that somebody counted

    @property
    def fees(self) -> Decimal:
        return self.use.fees.value if self.use.fees else Decimal(0)

    @property
    def register(self) -> tuple[float, float] | None:
        counts = self.programme.beneficiaries
        return None if not counts or sum(counts.values()) <= 0 else (counts["women"], counts["men"])

    def streams(self, people: People) -> list[Stream]:
        net = float(self.spent - self.fees)
        if self.table is not None:
            return _by_table(net, self.table, people)
        if not self.users:
            return self._without_users(net)
        return self._by_register(net) if self.register else self._by_reach(net)

    def _without_users(self, net: float) -> list[Stream]:
        nobody = np.zeros(1)
        if self.register is None:
            return [Stream(net, nobody)]
        return [Stream(net * count / sum(self.register), nobody, sex) for sex, count in enumerate(self.register)]

    def _by_register(self, net: float) -> list[Stream]:
        counts = self.register or (0.0, 0.0)
        shares = counts[0] / sum(counts), counts[1] / sum(counts)
        found = []
        for sex, share in enumerate(shares):
            weights = [users.weight(shares, sex) for users in self.users]
            weights = weights if sum(weights) > 0 else [1.0] * len(weights)
            amounts = [net * share * weight / sum(weights) for weight in weights]
            found += [Stream(amount, users.who, sex) for amount, users in zip(amounts, self.users, strict=True)]
        return [stream for stream in found if stream.amount > 0]

    def _by_reach(self, net: float) -> list[Stream]:
        totals = [1.0 if users.reach is None else sum(users.reach) for users in self.users]
        found = []
        for users, total in zip(self.users, totals, strict=True):
            amount = net * total / sum(totals) if sum(totals) > 0 else net / len(totals)
            if users.reach is None or total <= 0:
                found.append(Stream(amount, users.who))
            else:
                found += [Stream(amount * share / total, users.who, sex) for sex, share in enumerate(users.reach)]
        return [stream for stream in found if stream.amount > 0]

    @property
    def sex_from(self) -> str:
        if self.table is not None:
            return TABLE
        if self.register is not None:
            return REGISTER
        return REACH if any(users.reach is not None for users in self.users) else SURVEY if self.users else NOTHING

    @property
    def income_from(self) -> str:
        if self.table is not None:
            return TABLE
        return QUESTION if self.use.users is not None else NEED if self.users else NOTHING

    def report(self, people: People) -> ProgrammeIncidence:
        return ProgrammeIncidence(
            code=self.programme.code,
            name=self.programme.name,
            spent=float(self.spent),
            fees=float(self.fees),
            sex_from=self.sex_from,
            income_from=self.income_from,
            users=self._counted(people),
            result=incidence(people, self.streams(people)),
            hours_saved=self.use.hours_saved,
        )

    def _counted(self, people: People) -> tuple[float, float] | None:
        """Users that a table counts, else the register's, else whom a question found. People in need are no users."""
        if self.table is not None:
            women, men = (float(sum(values)) for values in self.table.users)
            return women, men
        if self.register is not None:
            return self.register
        if self.income_from != QUESTION:
            return None
        weight = people.weight * self.users[0].who
        women, men = (float(weight[people.sex == sex].sum()) for sex in range(len(SEXES)))
        return women, men


def _by_table(net: float, table: ProgrammeUsers, people: People) -> list[Stream]:
    """A stream of money for each sex and fifth that the table counts, to everybody of them alike."""
    whole = sum(map(sum, table.users))
    return [
        Stream(net * users / whole, (people.fifth == fifth).astype(np.float64), sex)
        for sex, by_fifth in enumerate(table.users)
        for fifth, users in enumerate(by_fifth)
        if net * users > 0
    ]


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


def _check_fees(parts: Sequence[_Part], currency: str) -> None:
    problems = [
        Problem(
            "fees_above_spending",
            f"Programme '{part.programme.code}': users pay {part.fees:,.2f} {currency}, which is more than the "
            f"{part.spent:,.2f} {currency} spent on it. Correct one of the two.",
            value=part.programme.code,
            facts={"programme": part.programme.code, "fees": f"{part.fees:,.2f}", "spent": f"{part.spent:,.2f}"},
        )
        for part in parts
        if part.fees > part.spent
    ]
    if problems:
        raise InputError(problems)
