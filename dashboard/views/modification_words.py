"""Sentences of what a proposed modification refuses, by the rule of the problem."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "basis_unknown": mark("There is no such basis. There are: this_year, next_year."),
    "modification_no_year": mark(
        "The scenario stands on stated amounts, not on the lines of a budget year. Link lines to programmes first."
    ),
    "modification_baseline_moved": mark(
        "Budget or programmes of {year} have changed since this scenario was saved: {programmes}. Open it in Simulate "
        "on today's budget, save it again, and propose that one."
    ),
    "source_rules_missing": mark(
        "There are no rules of funding sources for the country “{country}”: nobody can say what a source may pay."
    ),
}
