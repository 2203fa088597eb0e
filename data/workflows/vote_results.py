"""What is counted from a vote and kept with it: the outcome with reasons, and results by sex, age and zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from budget_model.assembly.by_sex import group_rows, results_by_group, support_matrix
from budget_model.assembly.counting import CountingRule
from budget_model.assembly.election import APPROVAL_TYPES, Election
from budget_model.assembly.further_votes import least_further_votes
from budget_model.assembly.report import amount
from budget_model.assembly.utility import support, total_score, utilities_of
from data.readers.process_file import AGES
from data.workflows.votes import count_document, labels_of, rule_document

VERSION = 2  # of what is kept; 1 lacked the further votes, and could name losers wrongly below a threshold
SEX = "sex"
OLDEST = 120  # years: Pabulib writes a band as `60-120` and has no open end
MOST_GROUPS = 60
TOLD_BY_GROUP = ("voters", "satisfaction", "money_share", "exclusion")


def result_document(election: Election, rule: CountingRule) -> dict[str, Any]:
    """A counted vote as it is stored: rule, proposals, outcome, groups by sex where the ballots tell it."""
    has_sex = any(voter.get(SEX, "").strip() for voter in election.voters)
    counted = count_document(election, rule, SEX if has_sex else None)
    votes, points = support(election), points_of(election)
    groups = counted.pop(f"by_{SEX}", None)
    labels = labels_of(election, SEX) if has_sex else []
    return {
        "version": VERSION,
        "rule": rule_document(rule),
        "vote_type": election.vote_type,
        "ballots": election.ballots.voter_count,
        "projects": {
            one.id: {"name": one.name, "cost": amount(one.cost), "votes": int(votes[index]), **points.get(index, {})}
            for index, one in enumerate(election.proposals)
        },
        "outcome": outcome_of(election, rule, counted),
        "by_sex": groups,
        "without_sex": Counter(labels)[""] if has_sex else None,
        "everybody": everybody(election, counted["winners"]),
        "by_age": _groups_by(election, rule, counted["winners"], ages_of(election)),
        "by_zone": _groups_by(election, rule, counted["winners"], zones_of(election)),
    }


def outcome_of(election: Election, rule: CountingRule, counted: Mapping[str, Any]) -> dict[str, Any]:
    """The outcome as it was counted; each loser with the further votes or points that it lacked, where they are known.

    counted : as `count_document` gives it
    """
    index, scale = election.index_of(), election.ballots.points_scale
    losers = [index[entry["proposal"]] for entry in counted["losers"]]
    is_approval = election.vote_type in APPROVAL_TYPES
    further = {
        election.proposals[one].id: {"further_votes": number}
        if is_approval
        else {"further_points": amount(Fraction(number, scale))}
        for one, number in least_further_votes(election, rule, losers).items()
    }
    outcome = {key: value for key, value in counted.items() if key not in ("rule", "tie_rule")}
    return {**outcome, "losers": [{**one, **further.get(one["proposal"], {})} for one in counted["losers"]]}


def points_of(election: Election) -> dict[int, dict[str, str]]:
    """What people gave each proposal in points or places, by its index; nothing of approvals, where votes are all."""
    if election.vote_type in APPROVAL_TYPES:
        return {}
    scores = total_score(election, utilities_of(election, "score"))
    scale = election.ballots.points_scale
    return {index: {"points": amount(Fraction(int(score), scale))} for index, score in enumerate(scores)}


def everybody(election: Election, winners: Sequence[str]) -> dict[str, int]:
    """Of all voters together: who got none of their choices, and how many winners the luckiest ballot names."""
    won = np.isin([one.id for one in election.proposals], list(winners)).astype(np.int64)
    per_ballot = support_matrix(election) @ won
    excluded = election.ballots.counts[per_ballot == 0].sum()
    return {"excluded": int(excluded), "most_won": int(per_ballot.max(initial=0))}


def _groups_by(
    election: Election, rule: CountingRule, winners: Sequence[str], labels: Sequence[str]
) -> dict[str, Any] | None:
    """What the winners mean for each group; None where the ballots tell fewer than two, or too many to count each."""
    if not 2 <= len(set(labels) - {""}) <= MOST_GROUPS:
        return None
    index = election.index_of()
    found = results_by_group(election, rule, [index[name] for name in winners], labels, own_lists=False)
    kept = group_rows(found, [one.id for one in election.proposals])
    return {label: {name: one[name] for name in TOLD_BY_GROUP} for label, one in kept.items()}


def ages_of(election: Election) -> list[str]:
    """The age band of each ballot, from a band or from years; "" where it tells none."""
    return [voter.get("age_band", "").strip() or age_band(voter.get("age", "").strip()) for voter in election.voters]


def age_band(years: str) -> str:
    """The band of AGES that holds so many years, as `33` or `33.0`, or that stands there; "" for whatever is no age."""
    bands = {pabulib_age(band): band for band in AGES}
    if years and years in bands:
        return bands[years]
    whole = years.partition(".")[0]
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 3):
        return ""
    for band in AGES:
        first, _dash, last = band.rstrip("+").partition("-")
        if first.isdigit() and int(first) <= int(whole) <= int(last or 130):
            return band
    return ""


def pabulib_age(band: str) -> str:
    """A band of AGES as Pabulib's column `age` takes it: `18-29`, `60-120`; "" where the age is not known."""
    return "" if band == "unknown" else band.replace("+", f"-{OLDEST}")


def zones_of(election: Election) -> list[str]:
    names = [voter.get("neighborhood", "").strip() for voter in election.voters]
    return ["" if name == "None" else name for name in names]


def compared_sexes(result: Mapping[str, Any], least_group: int) -> Sequence[str] | None:
    """F and M where both are large enough to be shown, else None."""
    groups = result["by_sex"] or {}
    both = [sex for sex in ("F", "M") if sex in groups and groups[sex]["voters"] >= least_group]
    return both if len(both) == 2 else None
