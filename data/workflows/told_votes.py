"""What everybody may see of the groups of a vote, worked out once from its ballots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budget_model.assembly.election import Election
from budget_model.assembly.group_ranges import PublicBallots, public_ballots, told_groups
from budget_model.assembly.shown_groups import large_groups, shown_groups
from data.readers.pabulib import parse_pabulib
from data.store.tables import AssemblyVote
from data.workflows.stored_votes import SEX, ages_of, zones_of
from data.workflows.votes import labels_of, rule_of

MOST_KEPT = 64  # votes; what is told of one is small
Groups = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class ToldVote:
    """Groups with `ranges` of their figures. `is_hidden`: a sex is left out; `is_rounded`: numbers of voters as well;
    `has_own_lists`: it is told who would have won by one group's ballots alone."""

    groups: Groups
    is_hidden: bool = False
    is_rounded: bool = False
    has_own_lists: bool = False
    by_age: Groups | None = None
    by_zone: Groups | None = None


_KEPT: dict[tuple[str, str, int], ToldVote] = {}


def told_vote(vote: AssemblyVote, least: int) -> ToldVote:
    """What is told of a vote's groups where groups below `least` voters are protected.

    Worked out from the file once: the same file and record always tell the same.
    """
    if not any(vote.result.get(name) for name in ("by_sex", "by_age", "by_zone")):
        return ToldVote({}, by_age={}, by_zone={})
    key = (vote.source_sha256, vote.record["hash"], least)
    if key not in _KEPT:
        while len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[key] = told_result(parse_pabulib(vote.content, vote.source_file).election, vote.result, least)
    return _KEPT[key]


def told_result(election: Election, result: Mapping[str, Any], least: int) -> ToldVote:
    """The same of an election and its stored result."""
    index = election.index_of()
    public = public_ballots(election, [index[name] for name in result["outcome"]["winners"]])
    shown = shown_groups(result, least, public.spread)
    rule = rule_of(result["rule"])
    sexes = each_voter(election, labels_of(election, SEX)) if shown.groups else []
    groups = told_groups(public, shown.groups, sexes, least, shown.steps, rule)
    return ToldVote(
        groups,
        shown.is_hidden,
        bool(shown.steps),
        bool(groups) and all(one["winners"] is not None for one in groups.values()),
        _others(public, result.get("by_age"), each_voter(election, ages_of(election)), least),
        _others(public, result.get("by_zone"), each_voter(election, zones_of(election)), least),
    )


def each_voter(election: Election, labels: Sequence[str]) -> list[str]:
    """Labels of the rows of ballots as labels of voters."""
    return [label for label, count in zip(labels, election.ballots.counts, strict=True) for _ in range(int(count))]


def _others(
    public: PublicBallots, groups: Mapping[str, Mapping[str, Any]] | None, labels: Sequence[str], least: int
) -> Groups:
    large = large_groups(groups, len(labels), least)
    return told_groups(public, large, labels, least)
