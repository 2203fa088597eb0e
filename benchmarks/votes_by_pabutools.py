"""Counts by pabutools for `votes_agreement`: the same vote, rules in common, tie rules in common. Needs pabutools."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from budget_model.assembly.counting import CountingRule
from budget_model.assembly.election import APPROVAL_TYPES, Election
from budget_model.assembly.utility import utilities_of

warnings.simplefilter("ignore")
from pabutools import election as pb  # noqa: E402
from pabutools import rules, tiebreaking  # noqa: E402

MOST_BALLOTS = 10_000  # with more, pabutools takes many minutes: `votes_speed` compares two rules on the largest file
Judge = Callable[[Any, Any, Any], Any]
SAME, DIFFERS = "same", "DIFFERS"
BY_COST = tiebreaking.TieBreakingRule(lambda instance, profile, project: (project.cost, project.name))
BY_VOTES = tiebreaking.TieBreakingRule(lambda instance, profile, project: (-votes_of(profile, project), project.name))
TIES = {"lexicographic": tiebreaking.lexico_tie_breaking, "cheapest": BY_COST, "most-votes": BY_VOTES}


def votes_of(profile: Any, project: Any) -> int:
    return sum(profile.multiplicity(ballot) for ballot in profile if project in ballot)


def agreeing_rules(held: Election, winners: Callable[[Election, CountingRule], list[str]]) -> str:
    """For how many rules and tie rules the winners are those of pabutools."""
    if held.ballots.voter_count > MOST_BALLOTS:
        return "takes too long here, see votes_speed"
    instance, profile = pabutools_election(held)
    judges = APPROVAL_JUDGES if held.vote_type in APPROVAL_TYPES else SCORE_JUDGES
    compared = [(rule, ties) for rule in judges for ties in TIES]
    wrong = []
    for rule, ties in compared:
        theirs = sorted(project.name for project in judges[rule](instance, profile, TIES[ties]))
        if winners(held, CountingRule(rule, ties)) != theirs:
            wrong.append(f"{rule} with {ties}")
    counted = f"{len(compared) - len(wrong)} of {len(compared)} {SAME}"
    return f"{counted}, {DIFFERS}: {', '.join(wrong)}" if wrong else counted


def pabutools_election(held: Election) -> tuple[Any, Any]:
    """The same vote for pabutools; points and ranks as points."""
    projects = [pb.Project(one.id, one.cost) for one in held.proposals]
    instance = pb.Instance(projects, budget_limit=held.budget)
    starts, chosen = held.ballots.starts, held.ballots.proposals
    rows = list(pairwise(starts))
    if held.vote_type in APPROVAL_TYPES:
        ballots = [pb.ApprovalBallot({projects[index] for index in chosen[start:end]}) for start, end in rows]
        return instance, pb.ApprovalProfile(ballots).as_multiprofile()
    points = utilities_of(held, "score")
    scored = [
        pb.CardinalBallot({projects[chosen[place]]: int(points[place]) for place in range(start, end)})
        for start, end in rows
    ]
    return instance, pb.CardinalProfile(scored).as_multiprofile()


APPROVAL_JUDGES: dict[str, Judge] = {
    "greedy": lambda i, p, t: rules.greedy_utilitarian_welfare(i, p, sat_class=pb.Cost_Sat, tie_breaking=t),
    "greedy-per-cost": lambda i, p, t: rules.greedy_utilitarian_welfare(
        i, p, sat_class=pb.Cardinality_Sat, tie_breaking=t
    ),
    "mes": lambda i, p, t: rules.method_of_equal_shares(i, p, sat_class=pb.Cost_Sat, tie_breaking=t),
    "phragmen": lambda i, p, t: rules.sequential_phragmen(i, p, tie_breaking=t),
}
SCORE_JUDGES: dict[str, Judge] = {
    "greedy-per-cost": lambda i, p, t: rules.greedy_utilitarian_welfare(
        i, p, sat_class=pb.Additive_Cardinal_Sat, tie_breaking=t
    ),
    "mes": lambda i, p, t: rules.method_of_equal_shares(i, p, sat_class=pb.Additive_Cardinal_Sat, tie_breaking=t),
}
