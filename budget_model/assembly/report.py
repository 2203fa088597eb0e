"""A counted vote as plain data: what the command line prints, what a page draws, what a record seals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from budget_model.assembly.by_sex import Benchmark
from budget_model.assembly.election import Election
from budget_model.assembly.ties import Outcome, Tie

MONEY_KEYS = ("cost", "left", "lacks", "supporters_money", "load", "endowment")


def outcome_document(election: Election, outcome: Outcome) -> dict[str, Any]:
    """`winners, cost, budget, ties, rounds, losers, facts`; proposals by id, money in currency."""
    scale = election.money_scale
    return {
        "winners": [election.proposals[index].id for index in outcome.winners],
        "cost": amount(election.cost_of(outcome.winners)),
        "budget": amount(election.budget),
        "ties": [tie_document(tie) for tie in outcome.ties],
        "rounds": [_entry(entry, election, scale) for entry in outcome.rounds],
        "losers": [_entry(entry, election, scale) for entry in outcome.losers],
        **{key: _value(key, value, election, scale) for key, value in outcome.facts.items()},
    }


def tie_document(tie: Tie) -> dict[str, Any]:
    """`certain` false stands only where a tie may have decided, and nobody knows."""
    told = {"round": tie.round, "tied": list(tie.tied), "chosen": tie.chosen, "rule": tie.rule}
    return told if tie.is_certain else {**told, "certain": False}


def benchmark_document(benchmark: Benchmark) -> dict[str, Any]:
    """The benchmark with the sentence's verdict."""
    return {
        "groups": list(benchmark.groups),
        "difference": benchmark.observed,
        "relabellings": benchmark.relabellings,
        "mean_difference_by_chance": benchmark.mean,
        "share_differing_by_chance": benchmark.share_differing,
        "p_value": benchmark.p_value,
        "more_than_chance": benchmark.is_more_than_chance,
    }


def amount(value: Fraction) -> str:
    """An exact amount: digits with at least the decimals it has, or a fraction where decimals never end."""
    if value.denominator == 1:
        return str(value.numerator)
    for decimals in range(1, 13):
        if 10**decimals % value.denominator == 0:
            whole = value.numerator * (10**decimals // value.denominator)
            return f"{whole // 10**decimals}.{whole % 10**decimals:0{decimals}d}"
    return f"{value.numerator}/{value.denominator}"


def _entry(entry: dict[str, Any], election: Election, scale: int) -> dict[str, Any]:
    return {key: _value(key, value, election, scale) for key, value in entry.items()}


def _value(key: str, value: Any, election: Election, scale: int) -> Any:
    if key in ("proposal", "rival"):
        return election.proposals[value].id
    if key in MONEY_KEYS and value is not None:
        return amount(Fraction(value) / scale) if isinstance(value, int | Fraction) else value / scale
    return value
