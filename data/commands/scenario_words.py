"""What the commands on scenarios share: years and growth as options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from budget_model.coverage.portable_outlook import FASTEST, MAX_YEARS
from data.workflows.growth import Growth

Function = TypeVar("Function", bound=Callable[..., Any])
RATE = click.FloatRange(-FASTEST, FASTEST)

years_option = click.option(
    "--years", "n_years", type=click.IntRange(1, MAX_YEARS), default=1, show_default=True, help="Length of the plan."
)


def growth_options(function: Function) -> Function:
    """Rates a year after year 1, as shares; left out: as the model says."""
    for name, what in (("budget", "the budget"), ("population", "people"), ("price", "unit costs and running costs")):
        told = f"Growth of {what}, a share a year, such as 0.03; default: as the model says."
        function = click.option(f"--{name}-growth", type=RATE, help=told)(function)
    return function


def stated_growth(price_growth: float | None, population_growth: float | None, budget_growth: float | None) -> Growth:
    return Growth(price_growth, population_growth, budget_growth)
