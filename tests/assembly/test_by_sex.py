import numpy as np
import pytest

from budget_model.assembly.by_sex import list_counter, relabelling_benchmark, results_by_group
from budget_model.assembly.counting import RULES, CountingRule, count_votes
from tests.assembly.elections import election

SPLIT = (["a"] * 6 + ["b"] * 4, ["F"] * 6 + ["M"] * 4)


def test_results_of_women_and_men_are_those_of_their_own_ballots():
    ballots, sexes = SPLIT
    held = election({"a": 10, "b": 10}, ballots, 10)
    results = results_by_group(held, CountingRule("greedy"), [0], sexes)
    women, men = results["F"], results["M"]
    assert (women.voters, women.satisfaction, women.exclusion, women.money_share) == (6, 1, 0, 1)
    assert (men.voters, men.satisfaction, men.exclusion, men.money_share) == (4, 0, 1, 0)
    assert (women.winners, men.winners) == ({0}, {1})


def test_those_who_did_not_say_their_sex_are_in_no_group():
    held = election({"a": 10}, ["a", "a"], 10)
    assert list(results_by_group(held, CountingRule("greedy"), [0], ["F", ""])) == ["F"]


def test_a_complete_split_of_two_proposals_looks_like_any_relabelling_that_divides_the_first_places():
    ballots, sexes = ["a"] * 12 + ["b"] * 12, ["F"] * 12 + ["M"] * 12
    held = election({"a": 10, "b": 10}, ballots, 10)
    found = relabelling_benchmark(held, CountingRule("greedy"), sexes, ("F", "M"), 200, seed=1)
    # whichever half has more of a, the other has more of b: the lists always differ, but for 6 and 6 in both
    assert found.observed == 2
    assert found.p_value > 0.5
    assert not found.is_more_than_chance


def test_a_split_that_few_relabellings_reach_is_more_than_chance():
    # women all want a and b, men c and d; mixed halves agree on most of the list of four that the envelope pays for
    ballots, sexes = ["a b e"] * 20 + ["c d e"] * 10, ["F"] * 20 + ["M"] * 10
    held = election({"a": 10, "b": 10, "c": 10, "d": 10, "e": 10}, ballots, 30)
    found = relabelling_benchmark(held, CountingRule("greedy"), sexes, ("F", "M"), 300, seed=1)
    assert (found.observed, found.is_more_than_chance) == (4, True)


def test_equal_wishes_do_not_differ():
    held = election({"a": 10, "b": 10}, ["a"] * 9 + ["b"], 10)
    found = relabelling_benchmark(held, CountingRule("greedy"), ["F", "M"] * 5, ("F", "M"), 50, seed=1)
    assert (found.observed, found.p_value) == (0, 1)


def test_the_same_seed_gives_the_same_benchmark():
    held = election({"a": 5, "b": 6, "c": 7}, ["a b", "b c", "c", "a", "b", "a c"], 12)
    runs = [relabelling_benchmark(held, CountingRule("mes"), list("FMFMFM"), ("F", "M"), 30, seed=7) for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("rule", RULES)
def test_the_quick_counter_gives_what_a_count_of_those_ballots_gives(rule):
    random = np.random.default_rng(5)
    costs = {f"p{place}": int(cost) for place, cost in enumerate(random.integers(5, 40, 8))}
    ballots = [" ".join(name for name in costs if random.random() < 0.4) for _ in range(40)]
    held = election(costs, ballots, 90)
    counter = list_counter(held, CountingRule(rule))
    for _ in range(5):
        rows = np.sort(random.choice(40, 15, replace=False))
        alone = election(costs, [ballots[row] for row in rows], 90)
        assert counter(rows) == frozenset(count_votes(alone, CountingRule(rule)).winners)
