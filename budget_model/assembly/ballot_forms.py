"""What a ballot may say: five kinds of ballots, what is wrong with choices, and how Pabulib writes them.

Knows nothing of who votes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from budget_model.assembly.report import amount
from budget_model.errors import Problem

APPROVAL, K_APPROVAL, KNAPSACK, RANKING, POINTS = KINDS = ("approval", "k-approval", "knapsack", "ranking", "points")
WITH_MOST = (K_APPROVAL, RANKING, POINTS)  # kinds that need a number: of choices, of places, of points
LARGEST_MOST = 1000
VOTE_TYPE = {APPROVAL: "approval", K_APPROVAL: "approval", KNAPSACK: "approval", RANKING: "ordinal"}
VOTE_TYPE |= {POINTS: "cumulative"}


@dataclass(frozen=True)
class BallotForm:
    """The ballot that was announced.

    `most`: choices (k-approval), places (ranking) or points to give away (points); None for the other kinds. `costs`:
    exact, in currency, by the code of the proposal, in the order of the ballot; `budget`: the envelope.
    """

    kind: str
    most: int | None
    budget: Fraction
    costs: Mapping[str, Fraction]


@dataclass(frozen=True)
class BallotContent:
    """What a ballot says, as a `.pb` file writes it: codes with commas; points likewise, empty without points."""

    vote: str
    points: str = ""


def form_problems(form: BallotForm) -> list[Problem]:
    """What is wrong with a ballot before anybody votes."""
    problems = []
    if form.kind not in KINDS:
        message = f"'{form.kind[:40]}' is no kind of ballot. Use {', '.join(KINDS)}."
        return [Problem("ballot-kind", message, value=form.kind[:40])]
    if form.kind in WITH_MOST and not 1 <= (form.most or 0) <= LARGEST_MOST:
        message = f"A {form.kind} ballot needs a number from 1 to {LARGEST_MOST:,}: of choices, places or points."
        problems.append(Problem("ballot-most", message, facts={"most": LARGEST_MOST}))
    if form.kind not in WITH_MOST and form.most is not None:
        message = f"A ballot of the kind {form.kind} takes no number of choices. Leave it out."
        problems.append(Problem("ballot-most-unwanted", message))
    if not form.costs:
        message = "No feasible proposal stands on this ballot. Review proposals first."
        problems.append(Problem("ballot-no-proposals", message))
    if form.budget <= 0:
        problems.append(
            Problem("ballot-envelope", "There is no envelope to vote about. State it in the process first.")
        )
    return problems


def content_of(form: BallotForm, chosen: Mapping[str, int]) -> tuple[BallotContent | None, list[Problem]]:
    """A ballot from numbers by code, or every problem.

    chosen : 1 for a choice; the place, from 1, of a ranking; the points. A code with 0 is not chosen.
    """
    given = {code: number for code, number in chosen.items() if number != 0}
    problems = list(_problems(form, given))
    if problems:
        return None, problems
    if form.kind == RANKING:
        return BallotContent(",".join(sorted(given, key=lambda code: given[code]))), []
    codes = [code for code in form.costs if code in given]  # in one order, so that equal ballots are equal
    points = ",".join(str(given[code]) for code in codes) if form.kind == POINTS else ""
    return BallotContent(",".join(codes), points), []


def total_cost(form: BallotForm, codes: Sequence[str]) -> Fraction:
    """What the proposals cost together, in currency."""
    return sum((form.costs[code] for code in codes), Fraction(0))


def meta_of(form: BallotForm) -> dict[str, str]:
    """What META of a `.pb` file says of the ballot."""
    told = {"vote_type": VOTE_TYPE[form.kind], "min_length": "1"}
    if form.kind in (K_APPROVAL, RANKING):
        told["max_length"] = str(min(form.most or 0, len(form.costs)))
    if form.kind == POINTS:
        told["max_sum_points"] = str(form.most)
    if form.kind == KNAPSACK:
        told["max_sum_cost"] = amount(form.budget)
    return told


def _problems(form: BallotForm, given: Mapping[str, int]) -> Iterator[Problem]:
    unknown = sorted(set(given) - set(form.costs))
    if unknown:
        message = f"The proposal '{unknown[0][:40]}' is not on this ballot."
        yield Problem("ballot-unknown", message, value=unknown[0][:40], facts={"code": unknown[0][:40]})
        return
    if not given:
        yield Problem("ballot-empty", "Nothing is chosen. Choose at least one proposal.")
    yield from _number_problems(form, given)
    if form.kind == KNAPSACK:
        total = total_cost(form, list(given))
        if total > form.budget:
            facts = {"total": amount(total), "budget": amount(form.budget), "over": amount(total - form.budget)}
            message = f"What is chosen costs {facts['total']}, which is {facts['over']} above the envelope."
            yield Problem("ballot-too-dear", message, facts=facts)


def _number_problems(form: BallotForm, given: Mapping[str, int]) -> Iterator[Problem]:
    numbers, most = sorted(given.values()), form.most or 0
    if any(number < 0 for number in numbers):
        yield Problem("ballot-number", "A place and points are whole numbers from 1. Correct them.")
    elif form.kind == K_APPROVAL and len(given) > most:
        message = f"{len(given)} proposals are chosen, and {most} may be. Take some away."
        yield Problem("ballot-too-many", message, facts={"chosen": len(given), "most": most})
    elif form.kind == RANKING and numbers and numbers != list(range(1, len(numbers) + 1)):
        yield Problem("ballot-places", "Give the places 1, 2, 3 … one proposal each, without a gap.")
    elif form.kind == RANKING and len(given) > most:
        message = f"{len(given)} proposals have a place, and there are {most} places. Take some away."
        yield Problem("ballot-too-many", message, facts={"chosen": len(given), "most": most})
    elif form.kind == POINTS and sum(numbers) > most:
        message = f"{sum(numbers)} points are given, and there are {most}. Take some back."
        yield Problem("ballot-points", message, facts={"given": sum(numbers), "most": most})
