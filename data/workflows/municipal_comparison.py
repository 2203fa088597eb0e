"""A question about the municipalities of a country, answered from the store: pages and command line say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from budget_model.errors import InputError, Problem
from budget_model.spending.municipal_comparison import NOMINAL, ByYear, Comparison, Selection, compare
from budget_model.spending.prices import PriceIndex
from budget_model.spending.ranking import MunicipalYear
from data.store.municipalities import DISTRICT_DIGITS
from data.workflows.municipal_lines import MunicipalLines


@dataclass(frozen=True)
class Question:
    """What is compared: a year, the same for all; a measure; which municipalities; at which prices."""

    year: int
    measure: str
    selection: Selection = field(default_factory=Selection)
    prices: str = NOMINAL


def answer_question(question: Question, by_year: ByYear, index: PriceIndex | None) -> Comparison:
    """InputError for a year that is not kept."""
    if question.year not in by_year:
        kept = ", ".join(str(year) for year in sorted(by_year, reverse=True))
        message = f"No budgets of {question.year} are kept. Years: {kept}."
        raise InputError(Problem("municipal_year", message))
    return compare(by_year, question.year, question.measure, question.selection, question.prices, index)


def with_lines(by_year: ByYear, lines: Mapping[str, tuple[MunicipalLines, ...]]) -> dict[int, list[MunicipalYear]]:
    """The municipalities, each with what its lines of the year say of women and men; None where none are kept."""
    known = {(district, one.year): one.gender for district, years in lines.items() for one in years}
    return {
        year: [replace(one, gender=known.get((one.code[:DISTRICT_DIGITS], year))) for one in there]
        for year, there in by_year.items()
    }
