"""What the address asks of a scenario's years, and the same as parameters of a calculation. No Dash here.

An address is input: what cannot be read in it is told, and nothing is computed in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budget_model.coverage.portable_outlook import FASTEST, MAX_YEARS
from budget_model.errors import Problem
from dashboard.context import PageContext
from dashboard.services.years import Asked, Planned
from dashboard.views.years_words import PROBLEMS
from data.readers.typed_numbers import typed_share
from data.workflows.growth import RATE_RULES, Growth, growth_document

USUAL_YEARS = 5
TODAY = "today"
SCENARIO, YEARS, PRICES, PEOPLE, MONEY, AGAINST = "scenario", "years", "prices", "people", "money", "against"
RATES = {PRICES: "price_growth", PEOPLE: "population_growth", MONEY: "budget_growth"}
NAMES = frozenset({SCENARIO, YEARS, AGAINST, *RATES})


def asked_of(query: Mapping[str, str], usual_years: int = USUAL_YEARS) -> tuple[Asked, list[Problem]]:
    """The question of an address, and everything in it that cannot be read."""
    problems: list[Problem] = []
    rates = {name: _rate(query.get(key, ""), name, problems) for key, name in RATES.items()}
    asked = Asked(
        scenario_id=_scenario(query.get(SCENARIO, TODAY)),
        n_years=_years(query.get(YEARS, ""), usual_years, problems),
        growth=Growth(**rates),
        against_id=_scenario(query.get(AGAINST, TODAY)),
        has_own_years=query.get(YEARS, "") == "",
    )
    return asked, problems


def _scenario(text: str) -> str | None:
    return None if text in ("", TODAY) else text


def _years(text: str, usual: int, problems: list[Problem]) -> int:
    if text == "":
        return usual
    if text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= MAX_YEARS:
        return int(text[:3])
    facts = {"value": text[:40], "most": MAX_YEARS}
    problems.append(Problem("plan-years", f"'{text[:40]}' is no number of years from 1 to {MAX_YEARS}.", facts=facts))
    return usual


def _rate(text: str, name: str, problems: list[Problem]) -> float | None:
    """A percentage of the address as a share; None where nothing stands there."""
    share = typed_share(text)
    if share is None:
        return None
    if isinstance(share, float) and abs(share) <= FASTEST:
        return share
    most, written = f"{100 * FASTEST:g}", text.strip()[:40]
    message = f"{name}: '{written}' is no rate of growth between -{most} and {most} percent a year."
    problems.append(Problem(RATE_RULES[name], message, facts={"value": written, "most": most}))
    return None


def query_of(asked: Asked, **changed: str) -> dict[str, str]:
    """The address of a question; what it leaves open is left out."""
    query = {
        SCENARIO: asked.scenario_id or TODAY,
        YEARS: str(asked.n_years),
        **{key: percent_text(getattr(asked.growth, name)) for key, name in RATES.items()},
        AGAINST: asked.against_id or "",
    }
    return {key: value for key, value in {**query, **changed}.items() if value != ""}


def percent_text(share: float | None) -> str:
    """A share as the percentage that a field holds; empty where none is stated."""
    return "" if share is None else f"{round(100 * share, 6):g}"


def parameters_of(planned: Planned) -> dict[str, Any]:
    """The question as the parameters of the kind `plan-draws`."""
    return {
        "model": planned.loaded.sha256,
        "scenario": planned.scenario.id if planned.scenario else None,
        "against": planned.against.id if planned.against else None,
        "years": planned.n_years,
        **growth_document(planned.asked.growth),
    }


def address_of(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The address that asks again what a calculation was asked."""
    asked = Asked(
        scenario_id=None if parameters["scenario"] is None else str(parameters["scenario"]),
        n_years=int(parameters["years"]),
        growth=Growth(**{name: parameters[name] for name in RATES.values()}),
        against_id=None if parameters["against"] is None else str(parameters["against"]),
    )
    return query_of(asked)


def problem_words(problems: list[Problem], context: PageContext) -> list[str]:
    return [
        context.gettext(PROBLEMS[one.rule], **one.facts) if one.rule in PROBLEMS else one.message for one in problems
    ]
