"""Sentences of what can be wrong with a question about years, by rule."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "plan-years": mark("Choose 1 to {most} years; “{value}” is not one of them."),
    "price-rate": mark(
        "Growth of prices: “{value}” is no such rate. Write a percentage a year between −{most} and {most}, as 2.5."
    ),
    "population-rate": mark(
        "Growth of the population: “{value}” is no such rate. Write a percentage a year between −{most} and {most}, "
        "as 2.5."
    ),
    "budget-rate": mark(
        "Growth of the budget: “{value}” is no such rate. Write a percentage a year between −{most} and {most}, as 2.5."
    ),
    "plan-scenario": mark("“{value}” is not the number of a saved scenario. Choose one from the list."),
    "plan-models": mark(
        "The two scenarios rest on different models: survey, budget or programmes changed between them. "
        "Choose two that were saved with the same model."
    ),
}
