"""The portable model: what it accepts, what it refuses and in which words, and that it comes back as it went out."""

import copy
from decimal import Decimal

import numpy as np
import pytest

from budget_model.coverage.portable import model_document, parse_model
from budget_model.errors import InputError
from tests.model_builders import random_model

GOOD = {
    "currency": "PEN",
    "areas": ["north", "south"],
    "groups": ["women", "men"],
    "needs": [
        {
            "id": "WATER",
            "overlap": "independent",
            "weight": {"women": 1, "men": 1},
            "universe": {"north": {"women": 5200, "men": 5000}, "south": {"women": 4100, "men": 4000}},
            "deficit": {"north": {"women": 1300, "men": 1250}, "south": {"women": 400, "men": 380}},
            "deficit_se": {"north": {"women": 60, "men": 58}, "south": {"women": 25, "men": 24}},
        }
    ],
    "programmes": [
        {
            "id": "network",
            "unit_cost": 140,
            "unit_cost_range": [110, 190],
            "capacity": None,
            "durability": 1,
            "baseline": {"north": 90000, "south": 40000},
            "floor": {"north": 0, "south": 0},
            "ceiling": {"north": 400000, "south": 400000},
            "locked": False,
            "serves": [
                {
                    "need": "WATER",
                    "reach": {"women": 0.5, "men": 0.5},
                    "effectiveness": 0.9,
                    "ceiling": 0.95,
                    "response": "exponential",
                }
            ],
        }
    ],
    "constraints": {
        "budget": 130000,
        "max_change": 0.5,
        "no_group_worse_off": ["WATER"],
        "min_coverage": {"WATER": {"women": 0.7}},
        "min_share": {"programmes": ["network"], "share": 0.05},
        "min_coverage_by_area": {"WATER": {"north": {"men": 0.6}}},
        "max_gap": 0.1,
        "earmarks": [{"source": "canon", "amount": 40000, "programmes": ["network"]}],
    },
    "objective": "total",
}


def changed(path, value):
    """A copy of the good document with one place changed; `...` takes it away."""
    document = copy.deepcopy(GOOD)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


def refused(document):
    with pytest.raises(InputError) as caught:
        parse_model(document, "model.yaml")
    return str(caught.value)


def test_the_documented_example_is_read():
    model = parse_model(GOOD)
    assert model.universe[0, 1].tolist() == [4100, 4000]
    assert model.unit_cost.tolist() == [[140, 140]]
    assert np.isinf(model.capacity).all()
    assert model.constraints.min_coverage == {"WATER": {"women": 0.7}}
    assert model.links.response == ("exponential",)


def test_reach_need_follows_the_deficit_of_the_groups_in_each_area():
    model = parse_model(changed(("programmes", 0, "serves", 0, "reach"), "need"))
    np.testing.assert_allclose(model.links.reach[0], [[1300 / 2550, 1250 / 2550], [400 / 780, 380 / 780]])


def test_reach_need_is_zero_where_nobody_lacks():
    document = changed(("programmes", 0, "serves", 0, "reach"), "need")
    document["needs"][0]["deficit"]["south"] = {"women": 0, "men": 0}
    assert parse_model(document).links.reach[0, 1].tolist() == [0, 0]


def test_reach_may_differ_between_areas():
    reach = {"north": {"women": 0.6, "men": 0.4}, "south": {"women": 0.3, "men": 0.1}}
    model = parse_model(changed(("programmes", 0, "serves", 0, "reach"), reach))
    assert model.links.reach[0].tolist() == [[0.6, 0.4], [0.3, 0.1]]


def test_numbers_may_be_decimals_and_area_codes_whole_numbers():
    document = changed(("areas",), [1, 2])
    text = str(document).replace("'north'", "1").replace("'south'", "2")
    document = eval(text)  # our own literal, with the areas renamed
    document["programmes"][0]["baseline"] = {1: Decimal("90000.10"), "2": 40000}
    model = parse_model(document)
    assert model.areas == ("1", "2")
    assert model.baseline[0, 0] == 90000.10


PLACES = ("programmes", 0)
LINK = ("programmes", 0, "serves", 0)
MISTAKES = [
    (
        (*LINK, "effectivness"),
        0.9,
        ["programmes[0].serves[0].effectivness: unknown key", "Did you mean 'effectiveness'?"],
    ),
    (("curency",), "PEN", ["curency: unknown key", "Did you mean 'currency'?"]),
    (("needs", 0, "deficit", "north", "women"), 5300, ["needs[0].deficit.north.women", "5,300", "universe of 5,200"]),
    (("needs", 0, "deficit", "north", "women"), -1, ["-1 is outside the allowed range"]),
    (("needs", 0, "deficit", "north", "women"), None, ["needs[0].deficit.north.women: there is no figure"]),
    (("needs", 0, "deficit", "north", "women"), ..., ["needs[0].deficit.north: no value for the group 'women'"]),
    (("needs", 0, "universe", "north"), ..., ["needs[0].universe: no value for the area 'north'"]),
    (("needs", 0, "universe", "norht"), {"women": 1, "men": 1}, ["unknown area 'norht'", "Did you mean 'north'?"]),
    (("needs", 0, "universe", "north", "woman"), 3, ["unknown group 'woman'", "Did you mean 'women'?"]),
    (("needs", 0, "universe"), ..., ["needs[0]: the key 'universe' is missing"]),
    (("needs", 0, "overlap"), "nestd", ["needs[0].overlap", "found the text 'nestd'", "Did you mean 'nested'?"]),
    (("needs", 0, "universe", "north", "women"), float("nan"), ["nan is not a finite number"]),
    (("needs", 0, "universe", "north", "women"), "5,200", ["expected a number, found the text '5,200'"]),
    (("needs", 0, "weight", "men"), -2, ["needs[0].weight.men", "-2"]),
    (("needs",), [], ["needs: there is no need"]),
    (("needs",), "WATER", ["needs: expected a list, found the text 'WATER'"]),
    (("areas",), ["north", "south", "north"], ["the area 'north' appears twice"]),
    ((*PLACES, "unit_cost"), 0, ["programmes[0].unit_cost: 0 must be above 0"]),
    ((*PLACES, "unit_cost"), {"north": 3}, ["programmes[0].unit_cost: no value for the area 'south'"]),
    ((*PLACES, "unit_cost"), True, ["expected a number, found the truth value true"]),
    ((*PLACES, "unit_cost_range"), [190, 110], ["the low end 190 is above the high end 110"]),
    ((*PLACES, "unit_cost_range"), [150, 190], ["the value 140 lies outside its own range 150 to 190"]),
    ((*PLACES, "unit_cost_range"), [1], ["expected [low, high], found 1 values"]),
    ((*PLACES, "capacity"), -5, ["programmes[0].capacity: -5"]),
    ((*PLACES, "durability"), 0, ["programmes[0].durability: 0"]),
    ((*PLACES, "floor", "north"), 500000, ["the floor of 500,000.00 is above the ceiling of 400,000.00"]),
    (("constraints", "max_gap"), 1.5, ["constraints.max_gap: 1.5 is outside"]),
    (("constraints", "earmarks", 0, "amuont"), 1, ["constraints.earmarks[0].amuont", "Did you mean 'amount'?"]),
    (("constraints", "earmarks", 0, "amount"), ..., ["constraints.earmarks[0]: the key 'amount' is missing"]),
    (("constraints", "earmarks", 0, "programmes", 0), "netwerk", ["unknown programme 'netwerk'", "'network'"]),
    (("constraints", "min_coverage_by_area", "WATER", "nort"), {"men": 1}, ["unknown area 'nort'", "'north'"]),
    (("constraints", "min_coverage_by_area", "WATER", "north", "men"), 60, ["60 is outside the allowed range 0 to 1"]),
    ((*PLACES, "baseline"), 90000, ["programmes[0].baseline: give one amount for each area"]),
    ((*PLACES, "locked"), "yes", ["expected true or false, found the text 'yes'"]),
    ((*PLACES, "id"), ..., ["programmes[0]: the key 'id' is missing"]),
    ((*LINK, "need"), "WATR", ["unknown need 'WATR'", "Did you mean 'WATER'?"]),
    ((*LINK, "reach", "women"), 1.2, ["programmes[0].serves[0].reach.women: 1.2 is outside"]),
    ((*LINK, "reach"), {"women": 0.7, "men": 0.5}, ["the shares of the groups add up to 1.2"]),
    ((*LINK, "reach"), "needs", ["expected the word 'need' or a share for each group"]),
    ((*LINK, "effectiveness"), 1.5, ["programmes[0].serves[0].effectiveness: 1.5 is outside the allowed range 0 to 1"]),
    ((*LINK, "ceiling"), 0, ["programmes[0].serves[0].ceiling: 0 must be above 0"]),
    ((*LINK, "ceiling"), 1.1, ["programmes[0].serves[0].ceiling: 1.1 is outside"]),
    ((*LINK, "response"), "logistic", ["expected linear | exponential | tanh, found the text 'logistic'"]),
    ((*LINK, "effectiveness_range"), [0.95, 1], ["the value 0.9 lies outside its own range"]),
    (("constraints", "budgt"), 1, ["constraints.budgt: unknown key", "Did you mean 'budget'?"]),
    (("constraints", "no_group_worse_off"), ["WATR"], ["constraints.no_group_worse_off[0]: unknown need 'WATR'"]),
    (("constraints", "min_share", "programmes"), ["netwrk"], ["unknown programme 'netwrk'"]),
    (("constraints", "min_coverage", "WATER", "women"), 70, ["constraints.min_coverage.WATER.women: 70 is outside"]),
    (("objective",), "totl", ["expected total | women", "Did you mean 'total'?"]),
]


@pytest.mark.parametrize(("path", "value", "words"), MISTAKES, ids=lambda item: str(item)[:60])
def test_a_mistake_is_refused_with_its_place(path, value, words):
    message = refused(changed(path, value))
    for word in words:
        assert word in message
    assert message.startswith("model.yaml: ")


def test_one_mistake_gives_one_problem():
    for path, value, _ in MISTAKES:
        if path in {(*LINK, "ceiling"), (*PLACES, "capacity"), (*LINK, "need"), ("objective",)}:
            assert len(refused(changed(path, value)).splitlines()) == 1


def test_all_problems_come_at_once():
    document = changed((*LINK, "effectiveness"), 2)
    document["needs"][0]["deficit"]["north"]["men"] = 9999
    document["programmes"][0]["unit_cost"] = -1
    document["constraints"]["budget"] = "much"
    assert len(refused(document).splitlines()) == 4


def test_a_need_served_twice_by_one_programme_is_refused():
    document = copy.deepcopy(GOOD)
    document["programmes"][0]["serves"] *= 2
    assert "the need 'WATER' is served twice" in refused(document)


@pytest.mark.parametrize("document", [None, [], "text", 3, {}])
def test_what_is_no_model_at_all_is_refused(document):
    assert refused(document)


def test_a_deficit_that_tops_its_universe_by_rounding_is_read_as_the_universe():
    model = parse_model(changed(("needs", 0, "deficit", "north", "women"), 5200.0000001))
    assert model.deficit[0, 0, 0] == 5200


def same(first, second):
    needs = ("universe", "deficit", "deficit_se", "weight")
    money = ("unit_cost", "unit_cost_range", "baseline", "floor", "ceiling", "locked")
    for name in (*needs, *money, "capacity", "durability"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)
    for name in ("programme", "need", "reach", "effectiveness", "ceiling"):
        np.testing.assert_array_equal(getattr(first.links, name), getattr(second.links, name), err_msg=name)
    assert first.links.response == second.links.response
    assert (first.overlap, first.constraints, first.objective) == (second.overlap, second.constraints, second.objective)


def test_the_document_of_a_model_reads_back_as_the_same_model():
    model = parse_model(GOOD)
    same(parse_model(model_document(model)), model)
    assert model_document(parse_model(model_document(model))) == model_document(model)


@pytest.mark.parametrize("seed", range(10))
def test_random_models_read_back_to_the_last_bit(seed):
    model = random_model(seed)
    back = parse_model(model_document(model))
    order = np.lexsort((np.arange(len(model.links.need)), model.links.programme))
    np.testing.assert_array_equal(back.links.reach, model.links.reach[order])
    np.testing.assert_array_equal(back.universe, model.universe)
    np.testing.assert_array_equal(back.capacity, model.capacity)


def test_ranges_read_back():
    document = changed((*LINK, "effectiveness_range"), [0.7, 1])
    document["programmes"][0]["serves"][0]["reach_range"] = {"women": [0.4, 0.6]}
    model = parse_model(document)
    assert model.links.reach_range[0, 1].tolist() == [[0.4, 0.6], [0.5, 0.5]]
    back = parse_model(model_document(model))
    np.testing.assert_array_equal(back.links.reach_range, model.links.reach_range)
    np.testing.assert_array_equal(back.links.effectiveness_range, [[0.7, 1]])
