"""Priorities of focus groups: shares worked by hand, rank agreement against published values and brute force."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_model.needs.focus_groups import (
    RankAgreement,
    SessionScores,
    aggregate_priorities,
    agreement_word,
    focus_factors,
    mid_ranks,
    mixed_weight,
    rank_agreement,
    ranks_of,
    session_shares,
)

NUMBERS = st.integers(min_value=0, max_value=5)  # few, so that ties are frequent


def session(scores, participants=10, method="points"):
    return SessionScores(method, participants, scores)


def keyed(values):
    return {f"N{index}": value for index, value in enumerate(values)}


def test_points_are_divided_by_their_sum():
    assert session_shares(session({"water": 6, "care": 3, "work": 1})) == {"water": 0.6, "care": 0.3, "work": 0.1}


def test_a_need_without_points_has_the_priority_zero_and_one_not_on_the_table_has_none():
    assert session_shares(session({"water": 4, "care": 0})) == {"water": 1.0, "care": 0.0}


def test_ranks_become_points_by_place_and_ties_share_them():
    """Three needs: 3 + 2 + 1 = 6 points. Two at the first place share 3 and 2: 2.5 each."""
    assert session_shares(session({"water": 1, "care": 2, "work": 3}, method="ranks")) == {
        "water": pytest.approx(3 / 6),
        "care": pytest.approx(2 / 6),
        "work": pytest.approx(1 / 6),
    }
    tied = {"water": pytest.approx(2.5 / 6), "care": pytest.approx(2.5 / 6), "work": pytest.approx(1 / 6)}
    assert session_shares(session({"water": 1, "care": 1, "work": 2}, method="ranks")) == tied
    assert session_shares(session({"water": 1, "care": 1, "work": 3}, method="ranks")) == tied


@pytest.mark.parametrize(
    ("scores", "method"),
    [
        ({}, "points"),
        ({"water": 0, "care": 0}, "points"),
        ({"water": -1, "care": 2}, "points"),
        ({"water": math.nan}, "points"),
        ({"water": math.inf}, "points"),
        ({"water": 0.5}, "ranks"),
        ({"water": 1}, "votes"),
    ],
)
def test_scores_that_say_nothing_are_refused(scores, method):
    with pytest.raises(ValueError, match=r"\w"):
        session_shares(session(scores, method=method))


def test_sessions_count_by_their_participants_or_alike():
    """12 women give water 0.75, 4 give 0.25: (12·0.75 + 4·0.25)/16 = 0.625; each session alike: 0.5."""
    sessions = [session({"water": 3, "care": 1}, 12), session({"water": 1, "care": 3}, 4)]
    by_people = aggregate_priorities(sessions, "participants")
    alike = aggregate_priorities(sessions, "session")
    assert by_people.shares == {"care": pytest.approx(0.375), "water": pytest.approx(0.625)}
    assert alike.shares == {"care": pytest.approx(0.5), "water": pytest.approx(0.5)}
    assert (by_people.sessions, by_people.participants) == (2, 16)


def test_a_need_that_only_some_sessions_had_on_the_table_is_not_taken_for_zero_elsewhere():
    """water: mean of 0.5 and 0.25; care 0.5; work 0.75 (once each); divided by their sum 1.625."""
    found = aggregate_priorities([session({"water": 1, "care": 1}), session({"water": 1, "work": 3})])
    assert found.shares == {
        "water": pytest.approx(0.375 / 1.625),
        "care": pytest.approx(0.5 / 1.625),
        "work": pytest.approx(0.75 / 1.625),
    }


def test_without_sessions_or_participants_there_are_no_priorities():
    assert aggregate_priorities([]) is None
    assert aggregate_priorities([session({"water": 1}, participants=0)]) is None
    with pytest.raises(ValueError, match="weighting"):
        aggregate_priorities([session({"water": 1})], "area")  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 100), min_size=1), st.integers(1, 40)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["participants", "session"]),
)
def test_priorities_are_shares_of_one_whatever_the_sessions(given_sessions, weighting):
    found = aggregate_priorities([session(scores, people) for scores, people in given_sessions], weighting)
    assert math.fsum(found.shares.values()) == pytest.approx(1)
    assert all(share >= 0 for share in found.shares.values())


@given(st.dictionaries(st.sampled_from("abcdef"), st.floats(0.01, 100), min_size=1), st.floats(0.1, 50))
def test_how_many_points_were_handed_out_does_not_matter(scores, factor):
    more = {need: value * factor for need, value in scores.items()}
    assert session_shares(session(more)) == pytest.approx(session_shares(session(scores)))


# ---- ranks -----------------------------------------------------------------------------------------------------------


def test_equal_values_share_the_mean_of_their_places():
    assert mid_ranks([10, 20, 20, 30, 20]) == [1, 3, 3, 5, 3]
    assert ranks_of({"water": 300, "care": 500, "work": 300}) == {"care": 1, "water": 2.5, "work": 2.5}


def test_what_differs_by_rounding_only_is_a_tie():
    assert 0.1 + 0.2 != 0.3
    assert ranks_of({"water": 0.1 + 0.2, "care": 0.3}) == {"water": 1.5, "care": 1.5}
    assert rank_agreement(keyed([0.1 + 0.2, 0.3, 1]), keyed([1, 1, 2])) == RankAgreement(1.0, 1.0, 3)


def test_agreement_meets_published_values_with_ties():
    """The examples of SciPy's reference pages of `spearmanr` and `kendalltau`."""
    found = rank_agreement(keyed([1, 2, 3, 4, 5]), keyed([5, 6, 7, 8, 7]))
    assert found.spearman == pytest.approx(0.8207826816681233, abs=1e-12)
    found = rank_agreement(keyed([12, 2, 1, 12, 2]), keyed([1, 4, 7, 1, 0]))
    assert found.kendall == pytest.approx(-0.47140452079103173, abs=1e-12)


def test_agreement_worked_by_hand():
    """Ranks 1 2 3 4 against 2 1 4 3: sum of d² is 4, rho = 1 - 6·4/(4·15) = 0.6; 4 pairs agree, 2 do not: tau = 1/3."""
    found = rank_agreement(keyed([4, 3, 2, 1]), keyed([3, 4, 1, 2]))
    assert found == RankAgreement(pytest.approx(0.6), pytest.approx(1 / 3), 4)


def test_the_same_order_is_one_and_the_opposite_minus_one():
    assert rank_agreement(keyed([1, 2, 3]), keyed([10, 20, 90])) == RankAgreement(1.0, 1.0, 3)
    assert rank_agreement(keyed([1, 2, 3]), keyed([3, 2, 1])) == RankAgreement(-1.0, -1.0, 3)


def test_only_needs_that_both_have_are_compared_and_their_number_is_told():
    found = rank_agreement({"water": 3, "care": 2, "work": 1}, {"water": 9, "care": 1, "health": 5})
    assert found == RankAgreement(1.0, 1.0, 2)


@pytest.mark.parametrize("values", [([], []), ([1], [2]), ([1, 1, 1], [1, 2, 3])])
def test_where_nothing_varies_there_is_no_agreement_to_speak_of(values):
    found = rank_agreement(keyed(values[0]), keyed(values[1]))
    assert (found.spearman, found.kendall) == (None, None)
    assert agreement_word(found) == "unknown"


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=9))
def test_agreement_is_what_brute_force_finds(pairs):
    one, two = [a for a, _ in pairs], [b for _, b in pairs]
    found = rank_agreement(keyed(one), keyed(two))
    if len(set(one)) == 1 or len(set(two)) == 1:
        assert (found.spearman, found.kendall) == (None, None)
        return
    assert found.spearman == pytest.approx(brute_spearman(one, two), abs=1e-12)
    assert found.kendall == pytest.approx(brute_kendall(one, two), abs=1e-12)


def brute_spearman(one, two):
    """Ranks by counting, correlation by NumPy."""

    def ranks(values):
        return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]

    return float(np.corrcoef(ranks(one), ranks(two))[0, 1])


def brute_kendall(one, two):
    """(C - D) / sqrt((n0 - n1)(n0 - n2)) with the numbers of ties from counting."""

    def tied_pairs(values):
        return sum(count * (count - 1) // 2 for count in Counter(values).values())

    products = [(one[i] - one[j]) * (two[i] - two[j]) for i, j in itertools.combinations(range(len(one)), 2)]
    balance = sum(p > 0 for p in products) - sum(p < 0 for p in products)
    return balance / math.sqrt((len(products) - tied_pairs(one)) * (len(products) - tied_pairs(two)))


@pytest.mark.parametrize(
    ("rho", "n", "word"),
    [(0.7, 5, "broad"), (0.69, 5, "partial"), (0.3, 9, "partial"), (0.29, 9, "none"), (-0.3, 9, "none"),
     (-0.31, 9, "opposite"), (1.0, 4, "few")],
)  # fmt: skip
def test_the_words_follow_stated_bounds(rho, n, word):
    assert agreement_word(RankAgreement(rho, rho, n)) == word


# ---- weights ---------------------------------------------------------------------------------------------------------


def test_factors_have_the_mean_one_over_the_needs_on_the_table():
    """water 0.5 and care 0.25 of the model's three needs: 2·0.5/0.75 = 1.333…, 2·0.25/0.75; work was not asked."""
    shares = {"water": 0.5, "care": 0.25, "housing": 0.25}  # housing is no need of the model
    assert focus_factors(shares, ["water", "care", "work"]) == {
        "water": pytest.approx(4 / 3),
        "care": pytest.approx(2 / 3),
        "work": 1.0,
    }


@pytest.mark.parametrize("shares", [None, {}, {"housing": 1.0}, {"housing": 1.0, "water": 0.0}])
def test_where_nothing_is_known_of_the_models_needs_all_count_alike(shares):
    assert focus_factors(shares, ["water", "care"]) == {"water": 1.0, "care": 1.0}


def test_a_mix_lies_between_survey_and_focus_groups():
    survey, focus = np.ones(2), np.array([1.5, 0.5])
    assert mixed_weight(survey, focus, 0).tolist() == [1, 1]
    assert mixed_weight(survey, focus, 0.4).tolist() == pytest.approx([1.2, 0.8])
    assert mixed_weight(survey, focus, 1).tolist() == [1.5, 0.5]
    with pytest.raises(ValueError, match="mix"):
        mixed_weight(survey, focus, 1.01)
