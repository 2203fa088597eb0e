"""Who benefits from public spending: what is spent on each service, divided among those who use it.

    X_g = Σ_k (E_gk / E_k) S_k

with S_k the net spending on service k (what is spent less what its users pay), E_k its users and E_gk those of group g:
the net cost of one user times the users of the group. Groups are women and men, fifths of people by income, and both
crossed. The method values a service at what it costs, the same for each user, and asks neither for its quality nor for
who would have used it at another price.

Where records say how many women and men a service has, the money is first divided by the records, and within each sex
among the incomes by the survey: each service is then two *streams* of money with users of one sex each.

Sources: Selowsky (1979), Meerman (1979); Demery, "Analyzing the incidence of public spending", in Bourguignon and
Pereira da Silva (eds.), The Impact of Economic Policies on Poverty and Income Distribution (World Bank, 2003); errors
by linearisation as in `survey.variance`, borders of the fifths and the money taken as given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from budget_model.spending.concentration import (
    Ranking,
    concentration_curve,
    concentration_index,
    index_influence,
    quantile_groups,
    rank_people,
)
from budget_model.survey.design import Strata
from budget_model.survey.variance import variance

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
FIFTHS = 5
PLACES = np.linspace(0.0, 1.0, 21)  # where the curve is drawn


@dataclass(frozen=True)
class People:
    """Persons of a survey with known income and sex, one row each, and how they were drawn."""

    weight: Array  # (I,) persons of the population
    sex: Codes  # (I,) 0 … S - 1
    income: Array  # (I,) currency; they are ranked by it
    strata: Strata | None  # None for a census
    stratum: Codes
    unit: Codes | None

    @cached_property
    def ranking(self) -> Ranking:
        return rank_people(self.income, self.weight)

    @cached_property
    def fifth(self) -> Codes:
        """(I,) 0 poorest … 4."""
        return quantile_groups(self.ranking, FIFTHS)

    def cells(self, values: Array, n_sexes: int) -> Array:
        """Sums (S, Q) of the values of persons."""
        sums = np.bincount(self.sex * FIFTHS + self.fifth, weights=values, minlength=n_sexes * FIFTHS)
        return sums.astype(np.float64).reshape(n_sexes, FIFTHS)


@dataclass(frozen=True)
class Stream:
    """Money that is divided equally among users."""

    amount: float  # currency, net of what users pay
    users: Array  # (I,) 1 for a user, 0 for others; a share in between where use is only likely
    sex: int | None = None  # users of one sex only, where records divide the money between the sexes


@dataclass(frozen=True)
class Incidence:
    """Money by sex (S) and fifth of income (Q), poorest first. Errors are NaN for a census."""

    population: Array  # (S, Q) persons
    degrees_of_freedom: int  # of the sample design; 0 for a census
    amounts: Array  # (S, Q) currency
    by_sex: Array  # (S,) currency, also of streams whose users the survey does not show
    by_sex_se: Array
    by_fifth: Array  # (Q,)
    by_fifth_se: Array
    without_fifth: float  # currency whose users' incomes are not known
    index: float  # concentration index of the money
    index_se: float
    gini: float  # of income
    places: Array  # shares of people, poorest first
    curve: Array  # share of the money that they have
    income_curve: Array  # share of income that they have: the Lorenz curve

    @property
    def kakwani(self) -> float:
        """Concentration index of the money less the Gini index of income: below 0 narrows inequality."""
        return self.index - self.gini


def incidence(people: People, streams: Sequence[Stream], n_sexes: int = 2) -> Incidence:
    """Divide the streams among the groups of their users.

    A stream without any user in the survey has no fifth; its money counts by sex where its sex is known.
    """
    money, placed, lost = _money_of_rows(people, streams)
    benefit = np.where(people.weight > 0, money / np.where(people.weight > 0, people.weight, 1.0), 0.0)
    amounts = people.cells(money, n_sexes)
    by_sex = amounts.sum(axis=1)
    for stream in lost:
        if stream.sex is not None:
            by_sex[stream.sex] += stream.amount
    errors = _standard_errors(people, placed, n_sexes)
    ranking = people.ranking
    return Incidence(
        population=people.cells(people.weight, n_sexes),
        degrees_of_freedom=0 if people.strata is None else people.strata.degrees_of_freedom,
        amounts=amounts,
        by_sex=by_sex,
        by_sex_se=errors[:n_sexes],
        by_fifth=amounts.sum(axis=0),
        by_fifth_se=errors[n_sexes:-1],
        without_fifth=float(sum(stream.amount for stream in lost)),
        index=concentration_index(benefit, ranking),
        index_se=float(errors[-1]),
        gini=concentration_index(people.income, ranking),
        places=PLACES,
        curve=concentration_curve(benefit, ranking, PLACES),
        income_curve=concentration_curve(people.income, ranking, PLACES),
    )


def _money_of_rows(people: People, streams: Sequence[Stream]) -> tuple[Array, list[Stream], list[Stream]]:
    """(I,) money of each row, for all whom it stands for; streams with users in the survey, and those without any."""
    money = np.zeros_like(people.weight)
    placed: list[Stream] = []
    lost: list[Stream] = []
    for stream in streams:
        users = _user_weight(people, stream)
        total = users.sum()
        if total > 0:
            money += stream.amount * (users / total)
        (placed if total > 0 else lost).append(stream)
    return money, placed, lost


def _shares_of_users(people: People, stream: Stream) -> Array:
    """(I,) part of the stream that each row has, for all whom it stands for; adds up to 1."""
    users = _user_weight(people, stream)
    return np.asarray(users / users.sum())


def _user_weight(people: People, stream: Stream) -> Array:
    users = people.weight * stream.users
    return users if stream.sex is None else np.where(people.sex == stream.sex, users, 0.0)


def _standard_errors(people: People, placed: Sequence[Stream], n_sexes: int) -> Array:
    """(S + Q + 1,) of the money by sex, by fifth, and of the index; NaN for a census."""
    if people.strata is None:
        return np.full(n_sexes + FIFTHS + 1, np.nan)
    z = np.zeros((len(people.weight), n_sexes + FIFTHS + 1))
    whole = sum(stream.amount for stream in placed)
    for stream in placed:
        share = _shares_of_users(people, stream)
        z[:, :-1] += stream.amount * _share_influence(people, share, n_sexes, stream.sex is not None)
        if whole > 0:
            had = np.where(people.weight > 0, share / np.where(people.weight > 0, people.weight, 1.0), 0.0)
            z[:, -1] += stream.amount / whole * index_influence(had, people.ranking)
    spread = variance(people, z, z**2, np.zeros(len(z), dtype=np.int64), 1)
    return np.asarray(np.sqrt(spread[0]))


def _share_influence(people: People, share: Array, n_sexes: int, sex_is_known: bool) -> Array:
    """Linearised values (I, S + Q) of the groups' shares of a stream: what each person moves them by.

    Where records divide the money between the sexes, the survey's error is in the fifths only.
    """
    groups = np.column_stack(
        [*(people.sex == sex for sex in range(n_sexes)), *(people.fifth == number for number in range(FIFTHS))]
    ).astype(np.float64)
    found = share[:, None] * (groups - share @ groups)
    if sex_is_known:
        found[:, :n_sexes] = 0.0
    return np.asarray(found)
