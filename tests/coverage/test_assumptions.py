"""Distributions of what is not known exactly, against scipy and by hand; random numbers by name."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from budget_model.coverage.assumptions import Scores, check_errors, draw_parameters, triangular
from budget_model.coverage.draws import draw_scores, random_source
from budget_model.coverage.portable import model_document, parse_model
from budget_model.coverage.random_numbers import streams, uniforms
from budget_model.errors import InputError
from tests.model_builders import random_model

DOCUMENT = {
    "currency": "PEN",
    "areas": ["north"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "universe": {"north": {"women": 1000, "men": 800}},
            "deficit": {"north": {"women": 250, "men": 200}},
            "deficit_se": {"north": {"women": 30, "men": 0}},
        }
    ],
    "programmes": [
        {
            "id": "mains",
            "unit_cost": 100,
            "unit_cost_range": [80, 140],
            "baseline": {"north": 10000},
            "serves": [{"need": "WATER", "reach": "need", "effectiveness": 0.8, "effectiveness_range": [0.5, 0.9]}],
        }
    ],
}


def model_of(need=None, link=None):
    document = {**DOCUMENT, "needs": [DOCUMENT["needs"][0] | (need or {})]}
    programme = DOCUMENT["programmes"][0]
    document["programmes"] = [programme | {"serves": [programme["serves"][0] | (link or {})]}]
    return parse_model(document)


# ---- random numbers


def test_numbers_are_those_of_the_published_generator():
    # SplitMix64 from the state 1234567: the first outputs of the reference program
    outputs = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    expected = [((number >> 11) + 0.5) / 2**53 for number in outputs]
    np.testing.assert_array_equal(uniforms(np.array([1234567], dtype=np.uint64), 0, 3)[0], expected)


def test_numbers_are_uniform_and_unrelated_between_names():
    numbers = uniforms(streams(1, [("unit_cost", f"programme-{index}") for index in range(40)]), 0, 5000)
    assert stats.kstest(numbers.ravel(), "uniform").pvalue > 0.01
    correlation = np.corrcoef(numbers) - np.eye(40)
    assert np.abs(correlation).max() < 5 / np.sqrt(5000)
    following = np.corrcoef(numbers[:, :-1].ravel(), numbers[:, 1:].ravel())[0, 1]
    assert abs(following) < 4 / np.sqrt(numbers.size)


def test_a_draw_is_the_same_whichever_others_are_asked_for():
    source = random_source(model_of(), seed=3)
    whole, part = draw_scores(source, 0, 100), draw_scores(source, 40, 60)
    np.testing.assert_array_equal(whole.unit_cost[:, 40:60], part.unit_cost)
    np.testing.assert_array_equal(whole.deficit[:, 40:60], part.deficit)


def test_names_that_run_together_have_numbers_of_their_own():
    first, second = streams(1, [("reach", "ab", "c"), ("reach", "a", "bc")])
    assert first != second


# ---- distributions


def test_the_triangular_distribution_is_that_of_scipy():
    probability = np.linspace(0.01, 0.99, 21)
    for low, mode, high in ((80, 100, 140), (0.5, 0.9, 0.9), (1, 1, 3)):
        expected = stats.triang.ppf(probability, (mode - low) / (high - low), low, high - low)
        found = triangular(probability, np.array(low), np.array(float(mode)), np.array(high))
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_deficit_follows_the_logit_interval_of_its_survey():
    # p = 0.25, se = 0.03: logit p = -1.0986, its error 0.03 / (0.25 x 0.75) = 0.16
    ends = draw_parameters(model_of(), Scores(3, deficit=np.array([-1.645, 0, 1.645]).reshape(1, 3, 1, 1)))
    expected = [1000 / (1 + np.exp(1.0986123 + 1.645 * 0.16)), 250, 1000 / (1 + np.exp(1.0986123 - 1.645 * 0.16))]
    np.testing.assert_allclose(ends.deficit[0, :, 0, 0], expected, rtol=1e-7)
    assert ends.deficit[0, :, 0, 1].tolist() == [200] * 3  # a census of men: no error


def test_a_deficit_never_leaves_its_universe():
    errors = {"north": {"women": 400, "men": 350}}
    drawn = draw_parameters(model_of({"deficit_se": errors}), Scores(2, deficit=np.full((1, 2, 1, 2), 6.0)))
    assert (drawn.deficit <= [1000, 800]).all()
    assert (drawn.deficit > [999, 799]).all()


def test_where_nobody_or_everybody_lacks_half_of_the_draws_stay_there():
    need = {"deficit": {"north": {"women": 0, "men": 800}}, "deficit_se": {"north": {"women": 20, "men": 20}}}
    drawn = draw_parameters(model_of(need), Scores(2, deficit=np.array([-1.0, 1.0]).reshape(1, 2, 1, 1)))
    np.testing.assert_allclose(drawn.deficit[0, :, 0], [[0, 780], [20, 800]])


def test_reach_by_need_follows_the_drawn_deficits():
    scores = Scores(1, deficit=np.array([1.0, 0.0]).reshape(1, 1, 1, 2))
    drawn = draw_parameters(model_of(), scores)
    women, men = drawn.deficit[0, 0, 0]
    np.testing.assert_allclose(drawn.reach[0, 0, 0], [women / (women + men), men / (women + men)])


def test_reach_of_the_groups_stays_within_the_people_served_and_its_ranges():
    link = {"reach": {"women": 0.6, "men": 0.4}, "reach_range": {"women": [0.5, 0.9]}}
    drawn = draw_parameters(model_of(link=link), Scores(1, reach=np.array([[[0.99, np.nan]]])))
    women, men = drawn.reach[0, 0, 0]
    assert women == pytest.approx(0.9 - np.sqrt(0.01 * 0.4 * 0.3))  # as drawn: men yield first
    assert men == pytest.approx(1 - women)
    both = {"reach": {"women": 0.6, "men": 0.4}, "reach_range": {"women": [0.5, 0.9], "men": [0.3, 0.7]}}
    reach = draw_parameters(model_of(link=both), Scores(1, reach=np.array([[[0.99, 0.99]]]))).reach[0, 0, 0]
    assert reach.sum() == pytest.approx(1)
    assert (reach >= [0.5, 0.3]).all()


def test_ranges_of_areas_move_together():
    model = random_model(1)
    scores = draw_scores(random_source(model, 5), 0, 50)
    cost = draw_parameters(model, scores).unit_cost
    low, high = model.unit_cost_range[:, None, :, 0], model.unit_cost_range[:, None, :, 1]
    place = (cost - low) / (high - low)  # the same shape of range everywhere: 0.8 to 1.3 times the value
    np.testing.assert_allclose(place, place[:, :, :1].repeat(place.shape[2], axis=2))


def test_errors_of_groups_correlate_as_the_need_states():
    model = model_of({"deficit_se": {"north": {"women": 30, "men": 30}}, "deficit_correlation": 0.8})
    scores = draw_scores(random_source(model, 2), 0, 20000).deficit[0, :, 0]
    assert np.corrcoef(scores.T)[0, 1] == pytest.approx(0.8, abs=0.01)
    np.testing.assert_allclose(scores.std(axis=0), 1, atol=0.02)
    assert model_document(model)["needs"][0]["deficit_correlation"] == 0.8


def test_an_error_that_no_survey_can_give_is_refused():
    with pytest.raises(InputError, match="'WATER', area 'north', women: a standard error of 500") as caught:
        check_errors(model_of({"deficit_se": {"north": {"women": 500, "men": 3}}}))
    assert "433.013 is the most" in str(caught.value)  # sqrt(250 x 750)


# ---- the document


def test_reach_by_need_is_written_out_as_the_word():
    assert model_document(model_of())["programmes"][0]["serves"][0]["reach"] == "need"
    stated = model_of(link={"reach": {"women": 0.5, "men": 0.5}})
    assert model_document(stated)["programmes"][0]["serves"][0]["reach"] == {"north": {"women": 0.5, "men": 0.5}}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"need": {"deficit_correlation": 1.2}}, r"needs\[0\].deficit_correlation: 1.2 is outside"),
        ({"need": {"deficit_corelation": 0.2}}, "Did you mean 'deficit_correlation'"),
        (
            {"link": {"reach": {"women": 0.6, "men": 0.4}, "reach_range": {"women": [0.6, 0.9], "men": [0.4, 0.5]}}},
            None,
        ),
        ({"link": {"effectiveness_range": [0.9, 0.5]}}, "the low end 0.9 is above the high end 0.5"),
    ],
)
def test_impossible_ranges_are_refused(part, words):
    if words is None:
        model_of(**part)  # low ends that add up to 1 leave room for one allocation of people: none to draw, but legal
        return
    with pytest.raises(InputError, match=words):
        model_of(**part)


def test_a_range_leaves_the_stated_values_to_a_plain_simulation():
    model = model_of()
    plain = dataclasses.replace(model, unit_cost_range=np.stack([model.unit_cost] * 2, axis=-1))
    np.testing.assert_array_equal(draw_parameters(model, Scores(1)).unit_cost[:, 0], plain.unit_cost)
