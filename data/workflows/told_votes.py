"""What everybody may see of a vote, worked out from its ballots when it is counted and kept with the count.

Votes that were counted before it was kept, or under another smallest group, are worked out when they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from budget_model.assembly.election import Election
from budget_model.assembly.group_ranges import PublicBallots, public_ballots, told_groups
from budget_model.assembly.shown_groups import large_groups, shown_groups
from data.readers.pabulib import parse_pabulib
from data.store.tables import AssemblyVote
from data.workflows.vote_results import SEX, VERSION, ages_of, outcome_of, zones_of
from data.workflows.votes import count_document, labels_of, rule_of

TOLD_VERSION = 1  # of what protects groups: to be raised with it, so that nothing is told that is no longer safe
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
_OUTCOMES: dict[tuple[str, str], dict[str, Any]] = {}


def told_vote(vote: AssemblyVote, least: int) -> ToldVote:
    """What is told of a vote's groups where groups below `least` voters are protected.

    As it was kept with the count, else worked out from the file once: the same file and record always tell the same.
    """
    kept = vote.result.get("told")
    if kept and (kept["version"], kept["least"]) == (TOLD_VERSION, least):
        return _told_of(kept)
    if not _has_groups(vote.result):
        return ToldVote({}, by_age={}, by_zone={})
    key = (vote.source_sha256, vote.record["hash"], least)
    if key not in _KEPT:
        _make_room(_KEPT)
        _KEPT[key] = told_result(_election_of(vote), vote.result, least)
    return _KEPT[key]


def counted_outcome(vote: AssemblyVote) -> Mapping[str, Any]:
    """The outcome of a vote with what its losers lacked; of an earlier count from its file once."""
    kept: Mapping[str, Any] = vote.result["outcome"]
    if vote.result.get("version", 1) >= VERSION:
        return kept
    key = (vote.source_sha256, vote.record["hash"])
    if key not in _OUTCOMES:
        _make_room(_OUTCOMES)
        election, rule = _election_of(vote), rule_of(vote.result["rule"])
        again = outcome_of(election, rule, count_document(election, rule))
        _OUTCOMES[key] = again if again["winners"] == kept["winners"] else dict(kept)
    return _OUTCOMES[key]


def _election_of(vote: AssemblyVote) -> Election:
    return parse_pabulib(vote.content, vote.source_file).election


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= MOST_KEPT:
        kept.pop(next(iter(kept)), None)


def _has_groups(result: Mapping[str, Any]) -> bool:
    return any(result.get(name) for name in ("by_sex", "by_age", "by_zone"))


def told_document(election: Election, result: Mapping[str, Any], least: int) -> dict[str, Any] | None:
    """What is kept with a count; None where its ballots tell no groups."""
    if not _has_groups(result):
        return None
    return {"version": TOLD_VERSION, "least": least, **asdict(told_result(election, result, least))}


def _told_of(kept: Mapping[str, Any]) -> ToldVote:
    facts = {key: value for key, value in kept.items() if key not in ("version", "least")}
    return ToldVote(**facts)


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
