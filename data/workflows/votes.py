"""Votes from `.pb` files: counted, compared by group, sealed and verified. No database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from budget_model.assembly.by_sex import group_rows, relabelling_benchmark, results_by_group
from budget_model.assembly.counting import CountingRule, announced_rule, count_votes
from budget_model.assembly.election import Election
from budget_model.assembly.quorum import reached, rule_from, votes_needed
from budget_model.assembly.report import benchmark_document, outcome_document
from budget_model.errors import InputError, Problem
from budget_model.plan.sealed import PROGRAM, is_whole, seal
from data.readers.pabulib import PabulibFile, parse_pabulib
from data.workflows.record_checks import check_contents, remarks_on, tells_ties_otherwise
from data.writers.pabulib import pabulib_text

AS_ANNOUNCED = "as-announced"
VOTE_KIND = "vote"
OTHER_TIES = "The record was sealed by an earlier version, which also told ties that decided nothing."
MAIN_SEXES = ("F", "M")  # Pabulib's codes; others are shown, and not compared


def exclusive_pairs(texts: Sequence[str]) -> tuple[frozenset[str], ...]:
    """`A,B` as a pair.

    Raises
    ------
    InputError : not two different ids.
    """
    pairs = []
    for text in texts:
        pair = frozenset(part.strip() for part in text.split(",") if part.strip())
        if len(pair) != 2 or text.count(",") != 1:
            message = f"--exclusive '{text}' does not name two projects. Write A,B."
            raise InputError(Problem("exclusive_wrong", message, value=text))
        pairs.append(pair)
    return tuple(pairs)


def chosen_rule(
    election: Election,
    rule: str,
    ties: str | None = None,
    utility: str | None = None,
    exclusive: tuple[frozenset[str], ...] = (),
    least_votes: int | None = None,
) -> CountingRule:
    """The rule by name, or what the file announces.

    ties : None: what the file announces with its rule, else the order of the ids

    Raises
    ------
    InputError : an unknown rule; an exclusive pair with a project that is not there.
    """
    known = {one.id for one in election.proposals}
    missing = sorted({name for pair in exclusive for name in pair} - known)
    if missing:
        message = f"--exclusive names the project '{missing[0]}', which is not in the vote."
        raise InputError(Problem("exclusive_unknown", message, value=missing[0]))
    if rule != AS_ANNOUNCED:
        return CountingRule(rule, ties or "lexicographic", utility, least_votes=least_votes or 0, exclusive=exclusive)
    announced = announced_rule(election, ties, exclusive)
    if least_votes is not None:
        announced = replace(announced, least_votes=least_votes, least_score=0)
    return replace(announced, utility=utility)


def count_document(
    election: Election, rule: CountingRule, by: str | None = None, benchmark: int | None = None, seed: int = 1
) -> dict[str, Any]:
    """What `votes count` prints.

    Raises
    ------
    InputError : the rule refuses; no such column; a benchmark without two groups.
    """
    outcome = count_votes(election, rule)
    document = {"rule": rule.rule, "tie_rule": rule.ties, **outcome_document(election, outcome)}
    column = by or ("sex" if benchmark else None)
    if column:
        labels = labels_of(election, column)
        names = [one.id for one in election.proposals]
        document[f"by_{column}"] = group_rows(results_by_group(election, rule, outcome.winners, labels), names)
    if benchmark and column:
        groups = compared_groups(labels, column)
        document["benchmark"] = benchmark_document(
            relabelling_benchmark(election, rule, labels, groups, benchmark, seed)
        )
        document["benchmark"]["seed"] = seed
    return document


def check_countable(read: PabulibFile, file: str) -> None:
    """Refuse a vote of which nothing can come: no ballots, no choices, no money, no projects. Raises InputError."""
    problems, election, votes = [], read.election, read.sections["VOTES"]
    if not election.ballots.row_count:
        message = "The vote has no ballots. There is nothing to count; bring it in when people have voted."
        problems.append(Problem("vote-empty", message, file=file, line=votes.line))
    elif not len(election.ballots.proposals):
        message = "No ballot chooses anything. There is nothing to count."
        problems.append(Problem("vote-empty", message, file=file, line=votes.records[0].line, column="vote"))
    if not election.budget:
        message = "META says budget = 0. Nothing can win under an envelope of nothing; correct the envelope."
        problems.append(Problem("vote-envelope", message, file=file, line=read.line_of("budget"), column="budget"))
    if not election.proposals:
        message = "The vote has no project that takes part."
        problems.append(Problem("vote-projects", message, file=file, line=read.sections["PROJECTS"].line))
    if problems:
        raise InputError(problems)


@contextmanager
def lines_of(read: PabulibFile, file: str) -> Iterator[None]:
    """Whatever is refused meanwhile because of what META says, is told with the file and the line that says it."""
    said = {one.fields[0].strip() for one in read.sections["META"].records}
    try:
        yield
    except InputError as refused:
        raise InputError(
            [
                replace(one, file=file, line=read.line_of(one.column))
                if one.line is None and one.column in said
                else one
                for one in refused.problems
            ]
        ) from None


def labels_of(election: Election, column: str) -> list[str]:
    """The group of each ballot by a column of the votes; "" where it is empty.

    Raises
    ------
    InputError : the votes have no such column.
    """
    if not any(column in voter for voter in election.voters):
        have = sorted({key for voter in election.voters[:1] for key in voter} - {"vote", "points", "voter_id"})
        message = f"The votes have no column '{column}'; they have {', '.join(have) or 'none'}."
        raise InputError(Problem("column_missing", message, column=column))
    labels = [voter.get(column, "").strip() for voter in election.voters]
    return ["" if label == "None" else label for label in labels]


def compared_groups(labels: Sequence[str], column: str) -> tuple[str, str]:
    """The two groups whose lists are compared: F and M of a sex column, else the two largest."""
    sizes = {label: labels.count(label) for label in set(labels) - {""}}
    if column == "sex" and all(sex in sizes for sex in MAIN_SEXES):
        return MAIN_SEXES
    largest = sorted(sizes, key=lambda label: (-sizes[label], label))[:2]
    if len(largest) < 2:
        message = f"The column '{column}' has fewer than two groups; a comparison needs two."
        raise InputError(Problem("groups_too_few", message, column=column))
    return largest[0], largest[1]


def sealed_vote(read: PabulibFile, rule: CountingRule) -> dict[str, Any]:
    """The record of a count: ballots as `.pb`, the rule, the result."""
    outcome = outcome_document(read.election, count_votes(read.election, rule))
    contents = {"ballots": pabulib_text(read), "rule": rule_document(rule), "result": _result(outcome)}
    return seal(VOTE_KIND, {**contents, "program": PROGRAM})


def rule_document(rule: CountingRule) -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "ties": rule.ties,
        "utility": rule.utility,
        "stop_at_first": rule.stop_at_first,
        "least_votes": rule.least_votes,
        **({"least_score": rule.least_score} if rule.least_score else {}),
        "exclusive": sorted(sorted(pair) for pair in rule.exclusive),
    }


def rule_of(document: Mapping[str, Any]) -> CountingRule:
    """The rule that `rule_document` tells. Raises KeyError or TypeError where the document tells none."""
    exclusive = tuple(frozenset(pair) for pair in document["exclusive"])
    return CountingRule(**{**document, "exclusive": exclusive})


def _result(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {key: outcome[key] for key in ("winners", "cost", "budget", "ties")}


def quorum_differences(sealed: Mapping[str, Any] | None, voted: int) -> list[dict[str, Any]]:
    """What a record says of its quorum beside its ballots and its own numbers; nothing where it says nothing."""
    if sealed is None:
        return []
    rule = rule_from(sealed["rule"])
    counted = {"voted": voted, "voted_needed": votes_needed(rule, sealed["registered"]), "reached": reached(sealed)}
    return [
        {"what": f"quorum: {key}", "sealed": sealed[key], "counted": value}
        for key, value in counted.items()
        if sealed[key] != value
    ]


def verify_vote(document: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Count a sealed vote again.

    Returns
    -------
    `{"valid", "hash", "contents", "differences", "remarks"}`: what was sealed beside what the ballots give now, and
    what is odd without making the record false.

    Raises
    ------
    InputError : its values are not of the kind that a record has; its ballots or its rule cannot be counted.
    """
    contents = document["contents"]
    check_contents(contents, file)
    differences = [] if is_whole(document) else [{"what": "hash", "sealed": document["hash"]}]
    rule, sealed = rule_of(contents["rule"]), contents["result"]
    read = parse_pabulib(contents["ballots"].encode(), f"{file}, ballots")
    differences += quorum_differences(contents.get("quorum"), read.election.ballots.voter_count)
    found = _result(outcome_document(read.election, count_votes(read.election, rule)))
    differences += [
        {"what": key, "sealed": sealed.get(key), "counted": value}
        for key, value in found.items()
        if sealed.get(key) != value
    ]
    remarks = remarks_on(contents, {one.id for one in read.election.proposals})
    if not any(one["what"] == "hash" for one in differences) and tells_ties_otherwise(contents):
        remarks += [{**one, "message": OTHER_TIES} for one in differences if one["what"] == "ties"]
        differences = [one for one in differences if one["what"] != "ties"]
    return {
        "valid": not differences,
        "hash": document["hash"],
        "contents": [
            {"what": "ballots", "count": read.election.ballots.voter_count},
            {"what": "program", "sealed": str(contents.get("program", "")), "now": PROGRAM},
            {"what": "rule", **rule_document(rule)},
            {"what": "result", **found},
            *([{"what": "quorum", **contents["quorum"]}] if contents.get("quorum") else []),
        ],
        "differences": differences,
        "remarks": remarks,
    }
