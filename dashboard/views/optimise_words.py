"""Sentences of what can be wrong with the conditions of a search, by rule."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "optimum-objective": mark("Choose what the search should do; “{objective}” is no such aim."),
    "optimum-amount": mark("“{value}” is no amount. Write 0 or more with at most two decimals, such as 1500.50."),
    "optimum-budget": mark(
        "Most that may be spent a year: “{value}” is no amount. Write 0 or more with at most two decimals, such as "
        "1500.50."
    ),
    "optimum-change": mark(
        "Most that a programme may change by: “{value}” does not do. Write a percentage from 0 to {most}."
    ),
    "optimum-times-today": mark(
        "“{value}” is no limit on growth. Write how many times today's money, from 1 to {most}, or leave it empty."
    ),
    "optimum-gap": mark(
        "Most that women's and men's coverage may differ: “{value}” does not do. Write percentage points from 0 to "
        "{most}."
    ),
    "optimum-target": mark("Targets: “{value}” is no coverage. Write a percentage from 0 to {most}."),
    "optimum-target-need": mark("A target names no need. Choose one, or leave its percentage empty."),
    "optimum-target-share": mark("A target says no coverage. Write a percentage, or choose “none” as its need."),
    "optimum-share": mark(
        "A least share for some programmes: “{value}” is no share of the money. Write a percentage from 0 to {most}."
    ),
    "optimum-share-missing": mark(
        "Programmes are ticked for a least share, but no share is written. Write a percentage from 0 to 100, or untick "
        "them."
    ),
    "optimum-share-programmes": mark("The least share names no programme. Tick those that are to get it together."),
    "optimum-source-name": mark("A funding source has no name. Give it one."),
    "optimum-source-amount": mark("The source “{source}” says no amount. Write what it holds a year."),
    "optimum-source-holds": mark(
        "The source “{source}”: “{value}” is no amount. Write 0 or more with at most two decimals, such as 1500.50."
    ),
    "optimum-source-programmes": mark(
        "The source “{source}” pays for no programme. Tick those that it may pay for, or empty its fields."
    ),
    "optimum-source-twice": mark("The source “{source}” stands more than once. Give each source once."),
    "earmarks-above-budget": mark(
        "The sources hold {amount} together, more than the budget of {limit}. Correct one of the two."
    ),
    "compare-count": mark("Choose {fewest} to {most} different scenarios to compare."),
    "compare-models": mark(
        "These scenarios rest on different models: survey, budget or programmes changed between them."
    ),
    "unknown-need": mark("There is no need “{need}” in this model. Load the page again and choose one from the list."),
    "unknown-area": mark("There is no area “{area}” in this model. Load the page again and choose one from the list."),
    "unknown-group": mark("There is no group “{group}” in this model. Load the page again."),
    "unknown-programme": mark("There is no programme “{programme}” in this model."),
    "missing-group": mark("The aim or the limit on the gap needs women and men among the groups of the model."),
    "group-without-needs": mark(
        "No need of this model counts for women or for men, so that there is no gap between them."
    ),
}
