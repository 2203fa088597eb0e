"""Words of the trends page: problems of a price index by rule, and alerts."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "index_header": mark("The first line of a price index is “year,index”; then comes a line a year, e.g. 2024,112.5."),
    "index_empty": mark("No year is stated. Add a line a year, e.g. 2024,112.5."),
    "index_row": mark("A line of a price index holds a year and an index above 0, e.g. 2024,112.5. Correct the lines."),
    "index_twice": mark("A year stands twice in the price index. Keep one."),
    "population_header": mark(
        "The first line of a population is “year,women,men”; then comes a line a year, e.g. 2025,201300,198700."
    ),
    "population_empty": mark("No year is stated. Add a line a year, e.g. 2025,201300,198700."),
    "population_row": mark(
        "A line of a population holds a year, women and men in whole numbers, e.g. 2025,201300,198700. "
        "Correct the lines."
    ),
    "population_twice": mark("A year stands twice in the population. Keep one."),
    "population_source": mark("State who counted or projected the population, and where it was published."),
    "index_source": mark("State who measured the index and where it was published."),
}
ALERTS = {
    "cut": mark(
        "Between the opening and the modified budget of {year}, counted money went to {own} of what it was; the rest "
        "of the budget to {rest}."
    ),
    "slow": mark("Of the modified budget of {year}, {own} of the counted money was accrued; of the rest {rest}."),
    "december": mark(
        "Money left counted lines at the end of {year}: their modified budget (PIM) is lower in the file that came in "
        "on {until} than in the one of {since}. The files do not say on which day in between. Lines: {number}."
    ),
    "gone": mark("Lines of {year} with an approved tag that the budget no longer has: {number}."),
}
ALERT_HEADERS = {
    "december": (mark("Modified budget (PIM) before"), mark("Modified budget (PIM) after")),
    "cut": (mark("Opening budget (PIA)"), mark("Modified budget (PIM)")),
    "slow": (mark("Modified budget (PIM)"), mark("Accrued")),
}
