"""Words of what became of the winners: states, origins, problems. No Dash here."""

from __future__ import annotations

from dashboard.i18n import mark

STATES = {
    "no_line": mark("No line of the budget yet"),
    "unknown": mark("Not known: no file says what was executed"),
    "not_started": mark("Not started"),
    "under_way": mark("Under way"),
    "done": mark("Executed"),
}
ORIGINS = {"made": mark("written from the result"), "matched": mark("matched by a person")}
PROBLEMS: dict[str, str] = {
    "winner-unknown": mark("“{proposal}” has not won in this process."),
    "winner-lines-none": mark("No line is to be written. State a code for at least one winner."),
    "winner-line-code": mark("“{proposal}” needs a code of the budget, of 200 letters at most."),
    "winner-line-source": mark("State the funding source of “{proposal}”."),
    "winner-line-amount": mark("The amount of “{proposal}” is not above 0. Leave it empty for the price of the vote."),
    "winner-line-there": mark("The budget of {year} has a line “{code}” already. Match it to “{proposal}” instead."),
    "winner-line-linked": mark("“{proposal}” has a line in {year} already. Take it away first, or match another."),
    "winner-line-twice": mark("The line “{code}” is named twice. Every line needs its own code."),
    "winner-line-sum": mark("The lines of “{proposal}” add up to {sum}; it won with a price of {cost}."),
    "winner-line-share": mark("The share of the line must be above 0 and at most 100 %, with four decimals at most."),
    "winner-line-matched": mark("The line “{code}” is matched to “{proposal}” already."),
    "winner-line-taken": mark("Of the line “{code}” only {left} % are not matched yet."),
    "winner-line-feeds": mark("The line “{code}” feeds a programme. Take it out of the programme first."),
    "winner-line-reason": mark("State why the line is no longer the winner's."),
    "winner-line-missing": mark("The budget of {year} has no line “{code}”."),
    "winner-amount-wrong": mark("“{value}” is no amount. Write digits with a decimal point, such as 1200.50."),
    "winner-year-wrong": mark("“{value}” is no year of a budget."),
}
