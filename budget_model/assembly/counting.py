"""Counting a vote: rule by name, thresholds and exclusive pairs, and what the file itself announces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from budget_model.assembly.announced import said_in_comments
from budget_model.assembly.deciding_ties import with_deciding_ties
from budget_model.assembly.election import APPROVAL_TYPES, Election
from budget_model.assembly.rules.equal_shares import Market, equal_shares_of, parts_tried
from budget_model.assembly.rules.greedy import greedy
from budget_model.assembly.rules.maximin import maximin_support
from budget_model.assembly.rules.phragmen import phragmen
from budget_model.assembly.rules.welfare import welfare
from budget_model.assembly.ties import Outcome, TieBreaker
from budget_model.assembly.utility import UTILITIES, default_utility, support, total_score, utilities_of
from budget_model.errors import InputError, Problem

EQUAL_SHARES = ("mes", "mes-add1", "mes-add1u", "mes-utilitarian")
RULES = ("greedy", "greedy-per-cost", "welfare", *EQUAL_SHARES, "phragmen", "maximin-support")
PROPOSALS = ("proposal", "rival")  # what entries of rounds and losers name by index
ANNOUNCED = {
    # META's rule: (our rule, stops at the first that does not fit); each of ours by its own name as well
    **{name: (name, False) for name in RULES},
    "greedy-no-skip": ("greedy", True),
    "greedy-threshold": ("greedy", False),
    "greedy-exclusive": ("greedy", False),
    "equalshares": ("mes", False),
    "equalshares/add1": ("mes-add1", False),
    "equalshares/add1u": ("mes-add1u", False),
    "equalshares/utilitarian": ("mes-utilitarian", False),
}


@dataclass(frozen=True)
class CountingRule:
    """How a vote is counted. All of it is announced before the count."""

    rule: str
    ties: str = "lexicographic"
    utility: str | None = None  # None: cost for approvals, points otherwise
    stop_at_first: bool = False
    least_votes: int = 0  # proposals with fewer do not take part
    exclusive: tuple[frozenset[str], ...] = ()
    least_score: int = 0  # likewise of points, where people gave points or ranks

    @property
    def refuses_ties(self) -> bool:
        """Whether a count stops where the rules named before leave proposals equal."""
        return "refuse" in [name.strip() for name in self.ties.split(",")]


def announced_rule(
    election: Election, ties: str | None = None, exclusive: Sequence[frozenset[str]] = ()
) -> CountingRule:
    """What the META of the vote says: rule, threshold and, in its comments, rule of ties and pairs that exclude.

    ties, exclusive : in place of what the file says, where they are stated

    Raises
    ------
    InputError : the rule is none of ours, named.
    """
    announced = election.meta.get("rule", "")
    if announced not in ANNOUNCED:
        message = (
            f"The file announces the rule '{announced}', which is not among {', '.join(ANNOUNCED)}. "
            f"Choose a rule yourself: --rule {'|'.join(RULES)}."
        )
        raise InputError(
            Problem("rule_unknown", message, column="rule", value=announced, facts={"announced": announced})
        )
    rule, stop_at_first = ANNOUNCED[announced]
    least = election.meta.get("min_project_score_threshold", "0").strip() or "0"
    if not (least.isascii() and least.removesuffix(".0").isdigit()):
        message = f"META says min_project_score_threshold = '{least[:40]}'. Write a whole number of votes or points."
        column = "min_project_score_threshold"
        raise InputError(Problem("threshold_wrong", message, column=column, value=least[:40]))
    threshold = int(least.removesuffix(".0"))
    is_approval = election.vote_type in APPROVAL_TYPES  # a score is then the number of votes
    least_votes, least_score = (threshold, 0) if is_approval else (0, threshold)
    said = said_in_comments(election.meta.get("comment", ""))
    pairs = tuple(exclusive) or said.exclusive
    return CountingRule(
        rule,
        ties or said.ties or "lexicographic",
        None,
        stop_at_first,
        least_votes or said.least_votes,
        pairs,
        least_score,
    )


def count_votes(election: Election, rule: CountingRule) -> Outcome:
    """Winners, rounds and reasons. Indexes in the outcome are those of `election.proposals`.

    Raises
    ------
    InputError : unknown rule, utility or tie rule; a refused tie; exclusive pairs with a rule that knows none.
    """
    check_rule(rule)
    part = taking_part(election, rule)
    held = _restricted(election, part)
    outcome = _count(held, rule)
    return _in_terms_of(outcome, part, election)


def check_rule(rule: CountingRule) -> None:
    if rule.rule not in RULES:
        message = f"'{rule.rule}' is no rule. Use as-announced, {', '.join(RULES)}."
        raise InputError(Problem("rule_unknown", message, value=rule.rule))
    if rule.utility is not None and rule.utility not in UTILITIES:
        message = f"'{rule.utility}' is no utility. Use {', '.join(UTILITIES)}."
        raise InputError(Problem("utility_unknown", message, value=str(rule.utility)))
    if rule.exclusive and not rule.rule.startswith("greedy"):
        message = f"Proposals that exclude each other can only be counted by greedy rules, not by '{rule.rule}'."
        raise InputError(Problem("exclusive_not_supported", message, value=rule.rule))


def _count(election: Election, rule: CountingRule) -> Outcome:
    ties = TieBreaker(rule.ties, election)
    utility = rule.utility or default_utility(election)
    utilities = utilities_of(election, utility)
    if rule.rule in ("greedy", "greedy-per-cost"):
        scores = [int(value) for value in total_score(election, utilities_of(election, "score"))]
        index = election.index_of()
        pairs = [
            frozenset(index[name] for name in pair) for pair in rule.exclusive if all(name in index for name in pair)
        ]
        per_cost = rule.rule == "greedy-per-cost"
        return greedy(election, scores, ties, per_cost=per_cost, stop_at_first=rule.stop_at_first, exclusive=pairs)
    if rule.rule == "welfare":
        return welfare(election, [int(value) for value in total_score(election, utilities)], ties)
    entries = len(election.ballots.proposals) + len(election.proposals)
    if rule.rule.startswith("mes"):
        market, completion = Market.of(election, utilities), rule.rule[4:] or None
        shares = partial(equal_shares_of, market, completion=completion)
        return with_deciding_ties(shares, ties, lambda outcome: entries * parts_tried(market, outcome, completion))
    if rule.rule == "phragmen":
        return with_deciding_ties(partial(phragmen, election), ties, lambda _: entries * 10)
    return with_deciding_ties(partial(maximin_support, election), ties, lambda _: entries * 50)


def taking_part(election: Election, rule: CountingRule) -> list[int]:
    """Indexes of the proposals that reach the rule's thresholds."""
    votes = support(election)
    known = [index for index in range(len(election.proposals)) if votes[index] >= rule.least_votes]
    if not rule.least_score:
        return known
    scores = total_score(election, utilities_of(election, "score"))
    scale = election.ballots.points_scale
    return [index for index in known if scores[index] >= rule.least_score * scale]


def _restricted(election: Election, part: list[int]) -> Election:
    """The vote with only these proposals; voters who chose others keep their share of the envelope."""
    if len(part) == len(election.proposals):
        return election
    return election.restricted_to(part)


def _in_terms_of(outcome: Outcome, part: list[int], election: Election) -> Outcome:
    rounds, losers = (
        [{key: part[value] if key in PROPOSALS else value for key, value in entry.items()} for entry in entries]
        for entries in (outcome.rounds, outcome.losers)
    )
    taken = set(part)
    left_out = [index for index in range(len(election.proposals)) if index not in taken]
    costs = election.whole_costs()
    below = [{"proposal": index, "reason": "below_threshold", "cost": costs[index]} for index in left_out]
    winners = [part[index] for index in outcome.winners]
    return replace(outcome, winners=winners, rounds=rounds, losers=[*losers, *below])
