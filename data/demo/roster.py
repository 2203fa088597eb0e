"""Who lives with whom: households with heads, partners, children and relatives, and the neighbourhood they live in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from data.demo.answers import Answers, AnswerTable
from data.demo.draws import standardised
from data.demo.figures import Figures
from data.demo.geometry import GROUPS, MapArea

Array = np.ndarray[Any, Any]

RELATIONS = ("head", "spouse", "child", "grandchild", "parent", "other_relative", "non_relative")
HEAD, SPOUSE, CHILD, GRANDCHILD, PARENT, RELATIVE, OTHER = range(7)
SETTLEMENTS = ("consolidated", "hillside", "coastal")
SETTLEMENT_WEIGHT = {"consolidated": 1.0, "hillside": 0.72, "coastal": 0.35}  # households a neighbourhood, relative
OLDEST = 98
# Age bands of the survey import: course of life as Peru's Ministry of Health divides it.
AGE_BANDS = ((0, "0-5"), (6, "6-11"), (12, "12-17"), (18, "18-29"), (30, "30-59"), (60, "60+"))


@dataclass(frozen=True)
class Places:
    """What the neighbourhoods are like, in the order of the map: relative numbers of households, and newness."""

    weight: Array
    newness: Array


def places_of(answers: Answers) -> Places:
    """The places as a roster has them, so that another round finds the same settlement."""
    place, newness = answers.households["neighbourhood"], answers.households["newness"]
    first = np.unique(place, return_index=True)[1]  # every neighbourhood is lived in
    return Places(np.bincount(place).astype(float), newness[first])


def draw_roster(
    generator: np.random.Generator,
    figures: Figures,
    map_areas: tuple[MapArea, ...],
    households: int,
    places: Places | None = None,
) -> Answers:
    """Households with their place, and persons with sex, age and relation to the head.

    places : of another round; None draws them
    """
    home, relation, female, age = _people(generator, households)
    order = np.lexsort((relation, home))
    persons = AnswerTable(home.size)
    answers = Answers(generator, figures, AnswerTable(households), persons, home[order])
    persons.raw |= {"female": female[order], "relation": relation[order]}
    persons.put_number("person_id", np.arange(1, home.size + 1))
    persons.put_words("sex", female[order].astype(np.int8), ("male", "female"))
    persons.put_number("age", np.clip(age[order], 0, OLDEST).astype(np.int16))
    starts, names = zip(*AGE_BANDS, strict=True)
    persons.put_words("age_band", np.searchsorted(starts, answers.age, side="right") - 1, names)
    persons.put_words("relation", relation[order], RELATIONS)
    groups = [area for area in map_areas if area.level == 2]
    settlement = np.array([SETTLEMENTS.index(group.settlement) for group in groups], np.int8)
    weight = _weights(generator, groups) if places is None else places.weight
    place = _place_households(answers, groups, settlement, weight)
    newness = _newness(generator, settlement) if places is None else places.newness
    answers.households.raw["newness"] = newness[place]
    _describe_households(answers)
    return answers


def _people(generator: np.random.Generator, households: int) -> tuple[Array, Array, Array, Array]:
    """Household index, relation, whether female, and age of everybody, block by block of relations."""
    index = np.arange(households)
    age = np.clip(generator.normal(46.5, 14.5, households), 19, 90).astype(int)
    female = generator.random(households) < 0.33 + 0.15 * (age > 58)
    partnered = generator.random(households) < np.where(female, 0.4, 0.85) - 0.2 * (age > 70)
    shift = np.where(female, 2.5, -2.5) + generator.normal(0, 4, households)
    partner_age = np.clip(age + shift, 18, 92).astype(int)
    blocks = [(index, HEAD, female, age), (index[partnered], SPOUSE, ~female[partnered], partner_age[partnered])]
    mother_age = np.where(female, age, np.where(partnered, partner_age, age - 2))
    has_mother = female | partnered
    children = _children(generator, mother_age, has_mother)
    blocks.append((children[0], CHILD, generator.random(children[0].size) < 0.49, children[1]))
    blocks += _relatives(generator, age, mother_age, partnered)
    parts = [(rows, np.full(rows.size, kind, np.int8), sex, years) for rows, kind, sex, years in blocks]
    home, relation, sex, years = (np.concatenate(column) for column in zip(*parts, strict=True))
    return home, relation, sex, years


def _children(generator: np.random.Generator, mother_age: Array, has_mother: Array) -> tuple[Array, Array]:
    """Household and age of the children who live with the couple or the lone parent."""
    expected = np.interp(mother_age, [18, 23, 30, 38, 45, 55, 65, 80], [0.5, 1.0, 1.72, 2.1, 2.05, 1.5, 0.92, 0.5])
    count = np.minimum(generator.poisson(expected * np.where(has_mother, 1.0, 0.35)), 7)
    home = np.repeat(np.arange(mother_age.size), count)
    mother = mother_age[home]
    earliest = np.maximum(16, mother - 34)
    latest = np.minimum(mother, 42)
    possible = latest >= earliest
    home, mother, earliest, latest = home[possible], mother[possible], earliest[possible], latest[possible]
    at_birth = earliest + (latest - earliest) * generator.beta(1.5, 1.7, home.size)
    return home, np.clip(mother - at_birth, 0, 34).astype(int)


def _relatives(generator: np.random.Generator, age: Array, mother_age: Array, partnered: Array) -> list[Any]:
    """Grandchildren, parents, other relatives and people who are not related."""
    size = age.size
    grand = np.repeat(np.arange(size), generator.poisson(np.where(mother_age >= 44, 0.62, 0.0)))
    grand_age = (generator.random(grand.size) * np.minimum(17, mother_age[grand] - 37)).astype(int)
    parent = np.flatnonzero(generator.random(size) < np.where((age >= 26) & (age <= 64), 0.12, 0.0))
    parent_age = np.clip(age[parent] + generator.normal(27, 5, parent.size), 55, 96).astype(int)
    kin = np.repeat(np.arange(size), generator.poisson(np.where(partnered, 0.24, 0.5)))
    kin_age = generator.choice([8, 19, 24, 30, 38, 52, 68], kin.size) + generator.integers(-5, 6, kin.size)
    lodger = np.repeat(np.arange(size), generator.poisson(0.035, size))
    lodger_age = generator.integers(17, 60, lodger.size)
    return [
        (grand, GRANDCHILD, generator.random(grand.size) < 0.49, grand_age),
        (parent, PARENT, generator.random(parent.size) < 0.69, parent_age),
        (kin, RELATIVE, generator.random(kin.size) < 0.54, kin_age),
        (lodger, OTHER, generator.random(lodger.size) < 0.45, lodger_age),
    ]


def _weights(generator: np.random.Generator, groups: list[MapArea]) -> Array:
    """Households of each neighbourhood, relative."""
    usual = np.array([SETTLEMENT_WEIGHT[group.settlement] for group in groups])
    return usual * generator.lognormal(0, 0.22, len(groups))


def _newness(generator: np.random.Generator, settlement: Array) -> Array:
    """Settlements on the hills differ in age: the newest have the fewest services."""
    size = settlement.size
    return np.where(settlement == 1, 1.6 + generator.normal(0, 0.7, size), generator.normal(0, 0.35, size))


def _place_households(answers: Answers, groups: list[MapArea], settlement: Array, weight: Array) -> Array:
    """The place of each household among the neighbourhoods; every neighbourhood gets at least one."""
    households = answers.households
    place: Array = answers.generator.choice(len(groups), households.size, p=weight / weight.sum())
    place[: len(groups)] = np.arange(min(len(groups), households.size))
    households.put_number("household_id", np.arange(1, households.size + 1))
    households.put_words("sector", place // GROUPS, list(dict.fromkeys(str(group.parent) for group in groups)))
    households.put_words("neighbourhood", place, [group.code for group in groups])
    households.put_words("settlement", settlement[place], SETTLEMENTS)
    return place


def _describe_households(answers: Answers) -> None:
    """Size, sex of the head, small children, and a latent wealth that everything later leans on."""
    households, persons, generator = answers.households, answers.persons, answers.generator
    size = answers.sum_by_household(np.ones(persons.size))
    heads = persons["relation"] == HEAD
    households.put_number("household_size", size.astype(np.int16))
    households.put_words("head_sex", answers.female[heads].astype(np.int8), ("male", "female"))
    households.raw["lone_mother"] = answers.female[heads] & (
        answers.sum_by_household(persons["relation"] == SPOUSE) == 0
    )
    young = answers.sum_by_household(answers.age <= 5)
    wealth = generator.normal(0, 1, households.size) - 0.45 * households["newness"] - 0.12 * (size - 4)
    households.raw["wealth"] = standardised(wealth - 0.25 * households["lone_mother"])
    households.raw["young_children"] = young
