"""Ties of rules that pay proposals by their supporters, against counts in every order of all proposals."""

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest

from budget_model.assembly import deciding_ties
from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.errors import InputError
from tests.assembly.elections import election, names

RULES = ["mes", "mes-utilitarian", "mes-add1", "mes-add1u", "phragmen", "maximin-support"]
ONE_COUNT = [rule for rule in RULES if "add1" not in rule]


def drawn(seed):
    """A vote of at most five proposals in which many cost and are wanted alike."""
    random = Random(seed)
    costs = {name: random.choice([1, 2, 2, 3, 3, 4]) * 10 for name in "abcde"[: random.choice([2, 3, 4, 4, 4, 5])]}
    ballots = [" ".join(name for name in costs if random.random() < 0.5) for _ in range(random.randint(2, 5))]
    return election(costs, ballots, random.choice([30, 40, 50, 60, 80, 100]))


def lists_of_all_orders(held, rule, monkeypatch):
    """Who wins in each order of the proposals: the tie rule goes by the id, so they are renamed. No search for ties."""
    with monkeypatch.context() as without_search:
        without_search.setattr(deciding_ties, "MOST_COUNTS", 0)
        without_search.setattr(deciding_ties, "FEWEST_COUNTS", 0)
        return _lists(held, rule)


def _lists(held, rule):
    found = set()
    for order in permutations(range(len(held.proposals))):
        renamed = [replace(one, id=f"{order[place]}{one.id}") for place, one in enumerate(held.proposals)]
        other = replace(held, proposals=tuple(renamed))
        found.add(frozenset(count_votes(other, CountingRule(rule)).winners))
    return found


def is_refused(held, rule):
    try:
        count_votes(held, CountingRule(rule, "refuse"))
    except InputError as refused:
        return refused.problems[0].rule == "tie_refused"
    return False


@pytest.mark.parametrize("rule", RULES)
def test_a_tie_is_told_and_refused_exactly_where_another_order_gives_other_winners(rule, monkeypatch):
    deciding = 0
    for seed in range(26):
        held = drawn(seed)
        decides = len(lists_of_all_orders(held, rule, monkeypatch)) > 1
        outcome = count_votes(held, CountingRule(rule))
        assert (bool(outcome.ties), is_refused(held, rule)) == (decides, decides), seed
        assert all(tie.is_certain for tie in outcome.ties)
        assert all(0 <= tie.round <= len(outcome.rounds) for tie in outcome.ties)
        deciding += decides
    assert 0 < deciding < 26


@pytest.mark.parametrize("rule", RULES)
def test_two_that_both_win_in_every_order_are_no_tie(rule):
    # half of the envelope each: nothing to decide, and nothing to refuse
    held = election({"a": 50, "b": 50}, ["a", "b"], 100)
    outcome = count_votes(held, CountingRule(rule, "refuse"))
    assert (sorted(names(held, outcome.winners)), outcome.ties) == (["a", "b"], [])


@pytest.mark.parametrize("rule", ONE_COUNT)
def test_a_tie_of_which_one_can_be_paid_is_told_and_refused(rule):
    held = election({"a": 60, "b": 60}, ["a b", "a b"], 100)
    outcome = count_votes(held, CountingRule(rule))
    assert [(tie.tied, tie.chosen, tie.is_certain) for tie in outcome.ties] == [(("a", "b"), "a", True)]
    with pytest.raises(InputError, match="a, b are exactly equal"):
        count_votes(held, CountingRule(rule, "refuse"))


def test_a_tie_that_the_rule_before_decides_is_not_refused():
    # 20 voters of each; b is the cheaper of two that cost the same for each unit, and only one can be paid
    held = election({"a": 60, "b": 50}, ["a b", "a b"], 100)
    outcome = count_votes(held, CountingRule("mes", "cheapest,refuse"))
    assert names(held, outcome.winners) == ["b"]
    assert [tie.tied for tie in outcome.ties] == [("a", "b")]


def test_where_there_are_too_many_orders_the_tie_is_told_as_one_that_may_decide(monkeypatch):
    monkeypatch.setattr(deciding_ties, "MOST_COUNTS", 1)
    monkeypatch.setattr(deciding_ties, "FEWEST_COUNTS", 1)
    costs = dict.fromkeys("abcdef", 10)
    held = election(costs, ["a b c d e f"] * 3, 60)
    outcome = count_votes(held, CountingRule("mes"))
    assert len(outcome.winners) == 6
    assert not any(tie.is_certain for tie in outcome.ties)
    assert outcome.ties
