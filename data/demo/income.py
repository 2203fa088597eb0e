"""Own income, the household's income per head, poverty, strata, hunger, programmes."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.demo.answers import Answers
from data.demo.draws import choose_households, choose_share

STRATA = ("low", "medium_low", "medium", "medium_high")
Array = np.ndarray[Any, Any]


def add_income(answers: Answers) -> None:
    """Columns own_income, income_per_head, both lines, income_stratum, food_shortage_3m, social_programme."""
    _add_own_income(answers)
    _add_income_per_head(answers)
    _add_strata(answers)
    _add_hunger(answers)
    _add_programmes(answers)


def _add_own_income(answers: Answers) -> None:
    """Earnings, or else a pension or transfer for those who do not belong to the published share without income."""
    age, persons, generator = answers.age, answers.persons, answers.generator
    earnings = persons["monthly_earnings"]
    counted = (age >= 14) & (~persons["attends_school"] | (persons["labour_status"] == 2))
    transfer = np.zeros(persons.size)
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        unpaid = counted & flags & (earnings == 0)
        share = answers.figures.share(f"no_own_income_{sex}") * (counted & flags).sum() / max(unpaid.sum(), 1)
        without = choose_share(generator, -0.07 * age + 0.2 * persons["wealth"], unpaid, min(share, 1.0))
        receives = unpaid & ~without
        transfer[receives] = np.exp(generator.normal(5.9 + 0.25 * (age[receives] >= 65), 0.5))
    own = earnings + np.round(transfer)
    persons.put_number("own_income", own.astype(np.float32), asked=age >= 14)


def _add_income_per_head(answers: Answers) -> None:
    """Members' income plus other income of the household, scaled so that the published share is below the line."""
    households, generator, figures = answers.households, answers.generator, answers.figures
    size = households["household_size"]
    own = answers.sum_by_household(np.nan_to_num(answers.persons["own_income"]))
    other = np.exp(4.6 + 0.35 * households["wealth"] + generator.normal(0, 0.8, households.size)) * size
    line, food_line = figures.assumed["poverty_line_pen"], figures.assumed["food_line_pen"]
    factor = _solve_factor(own / size, other / size, size, line, figures.share("poverty"))
    per_head = (own + factor * other) / size
    # Relatives and neighbours help the poorest most: what is missing to the line shrinks, nobody crosses it.
    per_head = np.where(per_head < line, line * (per_head / line) ** figures.assumed["informal_help"], per_head)
    per_head = np.where(per_head < line, np.minimum(per_head.round(2), line - 0.01), per_head.round(2))
    households.put_number("income_per_head", per_head.astype(np.float64))
    households.put_number("poverty_line", np.full(households.size, line))
    households.put_number("food_line", np.full(households.size, food_line))
    households.raw["poor"] = per_head < line
    households.raw["depth"] = np.clip(np.log(line / np.maximum(per_head, 1)), -2, 2)


def _solve_factor(own: Array, other: Array, members: Array, line: float, share: float) -> float:
    """The factor on other income at which `share` of all members live below `line`, by bisection."""
    low, high = 0.0, 50.0
    for _ in range(60):
        factor = (low + high) / 2
        below = members[own + factor * other < line].sum() / members.sum()
        low, high = (factor, high) if below > share else (low, factor)
    return high


def _add_strata(answers: Answers) -> None:
    """Four strata of income per head with the published shares of people, the poorest first."""
    households = answers.households
    order = np.argsort(households["income_per_head"], kind="stable")
    rank = np.empty(households.size)
    rank[order] = np.cumsum(households["household_size"][order]) / households["household_size"].sum()
    limits = np.cumsum([answers.figures.share(f"stratum_{name}") for name in STRATA[:-1]])
    households.put_words("income_stratum", np.searchsorted(limits, rank, side="right"), STRATA)


def _add_hunger(answers: Answers) -> None:
    households = answers.households
    score = 1.6 * households["depth"] + 0.4 * households["newness"] + 0.4 * households["lone_mother"]
    short = choose_households(
        answers.generator, score, households["household_size"], answers.figures.assumed["food_shortage"]
    )
    households.put_flag("food_shortage_3m", short)


def _add_programmes(answers: Answers) -> None:
    """Vaso de Leche, soup kitchens and social programmes reach poor households with small children first."""
    households, figures, generator = answers.households, answers.figures, answers.generator
    poor = households["poor"]
    score = 0.5 * np.minimum(households["young_children"], 2) - 0.35 * households["newness"]
    receives = choose_share(generator, score, poor, figures.share("poor_in_programmes"))
    receives |= choose_share(generator, score + households["depth"], ~poor, figures.assumed["programme_not_poor"])
    households.put_flag("social_programme", receives)
