"""Expenditure incidence as plain data: figures by sex and fifth of income, the curve, and the assumptions.

`None` where a figure does not exist; intervals (95 %, t with the design's degrees of freedom) are None for a census,
which has no sampling error.
"""

from __future__ import annotations

import math
from typing import Any

from budget_model.spending.incidence import FIFTHS, Incidence
from budget_model.survey.student import student_quantile

CONFIDENCE = 0.95
ASSUMPTIONS = {
    "cost": "A service is worth to its users what it costs, and costs the same for each of them.",
    "table": "Where a table counts a programme's users by sex and fifth of income, its money is divided by that table.",
    "register": "Where a programme has a register, its money is divided between women and men by the register.",
    "question": "Where a question tells who uses a programme, its users are those who said so.",
    "reach": "Where there is no register, women and men among the users are those of the programme's stated reach.",
    "survey": "Where neither is known, women and men among the users are those whom the survey finds.",
    "need": (
        "Where no question was asked, users are taken to be spread over incomes like the people who lack what the "
        "programme serves; of several needs each counts with the share of users that its reach states."
    ),
    "nothing": "Money of programmes whose users are not known is left out of the groups and shown apart.",
    "fifths": "People are ranked by the income per head of their household; people of one income are never parted.",
    "income": "People whose income or sex is not known are left out.",
}


def incidence_document(found: Incidence, groups: tuple[str, ...]) -> dict[str, Any]:
    """Money, its shares and money a person, by group, by fifth and crossed; concentration.

    groups : names of the sexes in the order of the arrays
    """
    whole = float(found.by_sex.sum())
    placed = float(found.by_fifth.sum())
    people_of_sex, people_of_fifth = found.population.sum(axis=1), found.population.sum(axis=0)
    everybody = float(found.population.sum())
    return {
        "by_group": {
            group: _row(found, found.by_sex[s], found.by_sex_se[s], whole, people_of_sex[s], everybody)
            for s, group in enumerate(groups)
        },
        "by_fifth": [
            {
                "fifth": q + 1,
                **_row(found, found.by_fifth[q], found.by_fifth_se[q], placed, people_of_fifth[q], everybody),
            }
            for q in range(FIFTHS)
        ],
        "by_group_and_fifth": {
            group: [
                {
                    "fifth": q + 1,
                    "amount": float(found.amounts[s, q]),
                    "share": _ratio(found.amounts[s, q], placed),
                    "population": float(found.population[s, q]),
                    "per_person": _ratio(found.amounts[s, q], found.population[s, q]),
                }
                for q in range(FIFTHS)
            ]
            for s, group in enumerate(groups)
        },
        "amount_without_fifth": found.without_fifth,
        "concentration": _concentration(found),
    }


def _row(
    found: Incidence, amount: float, error: float, whole: float, people: float, everybody: float
) -> dict[str, Any]:
    low, high = _interval(found, float(amount), float(error))
    return {
        "amount": float(amount),
        "amount_low": None if low is None else max(0.0, low),
        "amount_high": high,
        "share": _ratio(amount, whole),
        "population": float(people),
        "population_share": _ratio(people, everybody),
        "per_person": _ratio(amount, people),
    }


def _concentration(found: Incidence) -> dict[str, Any]:
    low, high = _interval(found, found.index, found.index_se)
    return {
        "index": _figure(found.index),
        "index_low": None if low is None else max(-1.0, low),
        "index_high": None if high is None else min(1.0, high),
        "gini_of_income": _figure(found.gini),
        "kakwani": _figure(found.kakwani),
        "curve": [
            {"people": float(p), "spending": _figure(share), "income": _figure(income)}
            for p, share, income in zip(found.places, found.curve, found.income_curve, strict=True)
        ],
    }


def _interval(found: Incidence, figure: float, error: float) -> tuple[float | None, float | None]:
    if not math.isfinite(error) or not math.isfinite(figure) or found.degrees_of_freedom < 1:
        return None, None
    reach = student_quantile((1 + CONFIDENCE) / 2, found.degrees_of_freedom) * error
    return figure - reach, figure + reach


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _figure(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
