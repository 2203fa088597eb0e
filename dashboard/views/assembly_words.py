"""Words of the participatory budget: phases, rules, states, problems. No Dash here."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark

PHASES = {
    "preparation": mark("Preparation"),
    "proposals": mark("Proposals"),
    "review": mark("Technical review"),
    "prioritisation": mark("Prioritisation"),
    "vote": mark("Vote"),
    "results": mark("Results"),
    "follow_up": mark("Follow-up"),
}
RULES = {
    "as-announced": mark("The rule that the file of the vote announces"),
    "greedy": mark("Most votes first, skipping what no longer fits"),
    "greedy-per-cost": mark("Most votes for each unit of money first"),
    "welfare": mark("The list that fits with the highest total"),
    "mes": mark("Equal shares: everybody has an equal part of the money"),
    "mes-add1": mark("Equal shares, parts raised while the winners fit"),
    "mes-add1u": mark("Equal shares, parts raised while the winners fit, then filled up by votes"),
    "mes-utilitarian": mark("Equal shares, then filled up by votes"),
    "phragmen": mark("Phragmén: money flows to all voters alike"),
    "maximin-support": mark("The voter who carries most carries as little as possible"),
}
TIES = {
    "lexicographic": mark("by code"),
    "cheapest": mark("the cheaper first"),
    "dearest": mark("the dearer first"),
    "most-votes": mark("the one with more votes first"),
    "refuse": mark("ties are not decided: the count stops"),
}
STATES = {
    "submitted": mark("Waits for review"),
    "feasible": mark("Feasible"),
    "not_feasible": mark("Not feasible"),
    "needs_work": mark("Needs work"),
    "merged": mark("Merged into another one"),
    "withdrawn": mark("Withdrawn"),
}
SEXES = {"female": mark("Women"), "male": mark("Men"), "other": mark("Another or not stated")}
BALLOT_SEXES = {"F": mark("Women"), "M": mark("Men")}
AGES = {"unknown": mark("Age not stated")}

PROBLEMS: dict[str, str] = {
    "assembly-year": mark("“{value}” is no year of a budget."),
    "assembly-zone": mark("The site has no area “{zone}”. Choose one of those that there are."),
    "vote-there": mark(
        "A vote with {ballots} ballots is there already, from {file}. State why this one takes its place."
    ),
    "proposal-taken": mark("The code “{code}” is taken by another proposal. Choose another, or leave it empty."),
    "proposal-need": mark("The site has no indicator “{need}”. Choose one of those that there are."),
    "proposal-title": mark("The proposal has no title. Write one."),
    "proposal-reason": mark("A review needs its reason. Write it."),
    "proposal-price": mark("A review needs the price that was found. Write it."),
    "proposal-amount": mark(
        "A price is an amount above 0 with a decimal point and no marks between thousands, such as 1500.50."
    ),
    "proposal-persons": mark("The number of persons is a whole number, or empty."),
    "proposal-code": mark("A code has up to 40 letters, digits, points and hyphens, such as P-01."),
    "proposal-long": mark("A text has {found} letters, and {most} are allowed. Shorten it."),
    "proposal-merged-nowhere": mark("Say into which proposal it was merged: write its code."),
    "proposal-merged-state": mark("Another proposal is named in “merged into”, and the review says something else."),
    "proposal-merged-self": mark("A proposal cannot be merged into itself. Name the one that goes on."),
    "proposal-merged-unknown": mark("There is no proposal {code} in this year. Name the one that goes on."),
    "proposal-merged-twice": mark("{code} was itself merged into {onward}. Name that one."),
    "proposal-merged-withdrawn": mark("{code} was withdrawn. Name a proposal that goes on."),
    "proposal-merged-here": mark("{codes} were merged into this proposal. Merge them into another one first."),
    "proposal-excludes": mark("A proposal can only exclude another one of the same year."),
    "marks-points": mark(
        "“{value}” is no number of points for {criterion}. Write a number from 0 to {most} with a decimal point, or "
        "leave it empty."
    ),
    "marks-criterion": mark("The criteria were changed meanwhile. Open the page of the proposal again."),
    "vote-empty": mark("The vote has no ballots. There is nothing to count."),
    "vote-envelope": mark("The envelope of the vote is 0. Nothing can win under it; correct the envelope."),
}


def money(value: Any, context: PageContext) -> str:
    """An amount in the site's currency; céntimos only where there are some."""
    if value is None:
        return context.formats.money(None, "")
    exact = Decimal(value) if not isinstance(value, str) or "/" not in value else _decimal(Fraction(value))
    currency = context.site.currency if context.site else ""
    return context.formats.money(exact, currency, 0 if exact == exact.to_integral_value() else 2)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def number_of(value: Any) -> float:
    """What a stored figure is, exact or not."""
    return float(Fraction(value)) if isinstance(value, str) else float(value)


def tie_words(ties: str, context: PageContext) -> str:
    names = [context.gettext(TIES[name.strip()]) for name in ties.split(",") if name.strip() in TIES]
    return ", ".join(names)


def rule_name(rule: str, context: PageContext) -> str:
    return context.gettext(RULES[rule]) if rule in RULES else rule


def people(women: int | None, men: int | None, context: PageContext) -> str:
    """Who benefits, as far as it is stated; empty where nothing is."""
    _, number = context.gettext, context.formats.number
    parts = [
        _("{number} women", number=number(women)) if women is not None else "",
        _("{number} men", number=number(men)) if men is not None else "",
    ]
    return ", ".join(part for part in parts if part)
