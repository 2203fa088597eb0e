"""Overlap rules by hand, and against the outcomes that Atomica publishes for its three modalities.

Atomica combines outcomes: each program i has a coverage c_i and an outcome o_i for those it covers, and a person whom
several cover gets the best. Our rules combine coverages only. The two meet exactly: the best change that a person
gets is above a level exactly if a program with a change above that level covers the person. Summing over levels,

    outcome = b + sum over k of (d_k - d_k+1) x combine(c_1 .. c_k),    d = o - b, largest first, d_n+1 = 0,

where `combine` is our overlap rule. With equal outcomes that is b + (o - b) x combine(c).
"""

import numpy as np
import pytest

from budget_model.coverage.overlap import build_segments, combine

BASELINE = 0.3


def covered(coverages, rule):
    segments = build_segments(np.zeros(len(coverages), dtype=np.intp), [rule])
    return combine(np.asarray(coverages, dtype=float), segments)[0]


def best_outcome(coverages, outcomes, rule, baseline=BASELINE):
    order = np.argsort(outcomes)[::-1]
    change = np.append(np.asarray(outcomes)[order] - baseline, 0.0)
    ranked = np.asarray(coverages)[order]
    steps = change[:-1] - change[1:]
    return baseline + sum(step * covered(ranked[: k + 1], rule) for k, step in enumerate(steps))


@pytest.mark.parametrize(("rule", "expected"), [("additive", 0.9), ("independent", 0.664), ("nested", 0.4)])
def test_three_programmes_combine_as_worked_by_hand(rule, expected):
    # 0.4 + 0.3 + 0.2; 1 - 0.6 x 0.7 x 0.8 = 0.664; the largest
    assert covered([0.4, 0.3, 0.2], rule) == pytest.approx(expected, abs=1e-15)


def test_additive_never_covers_more_than_everybody():
    assert covered([0.8, 0.7], "additive") == 1


@pytest.mark.parametrize("rule", ["additive", "independent", "nested"])
def test_one_programme_alone_is_itself_under_every_rule(rule):
    assert covered([0.37], rule) == pytest.approx(0.37, abs=1e-15)


def test_needs_without_programmes_stay_at_zero_and_rules_do_not_mix():
    segments = build_segments(np.array([3, 0, 3, 2, 0]), ["nested", "nested", "additive", "independent"])
    found = combine(np.array([0.5, 0.1, 0.5, 0.2, 0.3]), segments)
    np.testing.assert_allclose(found, [0.3, 0.0, 0.2, 0.75])


OUTCOMES = [0.8, 0.9, 0.4, 0.35]
PUBLISHED = [  # coverages, outcomes, additive, random, nested; printed by Atomica's own tests (MIT)
    ([0.25] * 4, OUTCOMES, 0.6125, 0.56308, 0.45),
    ([0.244945, 0.022795, 0.056632], OUTCOMES[:3], 0.4418126, 0.4375362, 0.4247518),
    ([0.3] * 4, OUTCOMES, 0.665, 0.604845, 0.48),
    ([0.4, 0.31, 0.2, 0.1], OUTCOMES, 0.7105, 0.633936, 0.531),
]


@pytest.mark.parametrize(("coverages", "outcomes", "additive", "independent", "nested"), PUBLISHED)
def test_the_outcomes_that_atomica_publishes_are_met(coverages, outcomes, additive, independent, nested):
    assert best_outcome(coverages, outcomes, "additive") == pytest.approx(additive, abs=1e-6)
    assert best_outcome(coverages, outcomes, "independent") == pytest.approx(
        independent, abs=1e-5
    )  # printed cut, not rounded
    assert best_outcome(coverages, outcomes, "nested") == pytest.approx(nested, abs=1e-6)


def test_with_equal_outcomes_the_outcome_is_the_combined_coverage_times_the_change():
    coverages = [0.4, 0.31, 0.2]
    for rule in ("additive", "independent", "nested"):
        expected = BASELINE + 0.5 * covered(coverages, rule)
        assert best_outcome(coverages, [0.8] * 3, rule) == pytest.approx(expected, abs=1e-15)
