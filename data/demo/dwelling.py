"""Water, sanitation, walls, tenure and title: what the hillside lacks."""

from __future__ import annotations

import numpy as np

from data.demo.answers import Answers
from data.demo.draws import choose_households, choose_words

WATER = ("network_home", "network_building", "standpipe", "tanker", "well", "neighbour")
SANITATION = ("sewer_home", "sewer_building", "septic", "latrine", "pit", "open")
WALLS = ("brick", "wood", "prefabricated", "mat", "waste")
TENURE = ("owned_title", "owned_no_title", "rented", "lent", "occupied")
TITLE_HOLDERS = ("man", "woman", "both")


def add_dwelling(answers: Answers) -> None:
    """Columns water_source, sanitation, wall_material, tenure, title_holder; water_fetch_hours of persons."""
    _add_services(answers)
    _add_walls_and_tenure(answers)
    _add_fetching(answers)


def _add_services(answers: Answers) -> None:
    """Both lack together, and almost only in the newer settlements on the hills."""
    households, generator, figures = answers.households, answers.generator, answers.figures
    newness, members = households["newness"], households["household_size"]
    score = 1.9 * newness - 0.5 * households["wealth"] + generator.normal(0, 0.6, households.size)
    no_water = choose_households(generator, score, members, 1 - figures.share("water"))
    no_toilet = choose_households(generator, score + 1.5 * no_water, members, 1 - figures.share("sanitation"))
    served, lacking = [0.93, 0.07], [0.24, 0.58, 0.05, 0.13]
    water = np.where(
        no_water, 2 + choose_words(generator, newness.size, lacking), choose_words(generator, newness.size, served)
    )
    toilet = np.where(
        no_toilet,
        3 + choose_words(generator, newness.size, [0.45, 0.47, 0.08]),
        choose_words(generator, newness.size, [0.88, 0.08, 0.04]),
    )
    households.put_words("water_source", water, WATER)
    households.put_words("sanitation", toilet, SANITATION)
    households.raw["no_water"] = no_water


def _add_walls_and_tenure(answers: Answers) -> None:
    households, generator, assumed = answers.households, answers.generator, answers.figures.assumed
    members, size = households["household_size"], households.size
    score = 1.3 * households["newness"] - 0.9 * households["wealth"]
    makeshift = choose_households(generator, score, members, assumed["makeshift"])
    occupied = choose_households(generator, score + 1.2 * makeshift, members, assumed["occupied"])
    walls = np.where(
        makeshift, 3 + choose_words(generator, size, [0.8, 0.2]), choose_words(generator, size, [0.83, 0.11, 0.06])
    )
    tenure = np.where(occupied, 4, choose_words(generator, size, [0.6, 0.16, 0.15, 0.09]))
    households.put_words("wall_material", walls, WALLS)
    households.put_words("tenure", tenure, TENURE)
    female_head = households["head_sex"] == 1
    woman = np.where(female_head, 0.6, 0.1)
    draw = generator.random(size)
    holder = np.where(draw < woman, 1, np.where(draw < woman + 0.35, 2, 0))
    households.put_words("title_holder", holder, TITLE_HOLDERS, asked=tenure == 0)


def _add_fetching(answers: Answers) -> None:
    """Hours a week spent on fetching water, where there is none at home; more of women's hours than of men's."""
    generator, persons = answers.generator, answers.persons
    carries = answers.at_home("no_water") & (answers.age >= 12)
    goes = carries & (generator.random(persons.size) < np.where(answers.female, 0.72, 0.41))
    hours = np.where(goes, generator.gamma(2.2, 1.0, persons.size) * np.where(answers.female, 1.5, 1.0), 0)
    hours = np.minimum(hours.round(1), persons["unpaid_hours"])  # part of the unpaid hours, never more
    persons.put_number("water_fetch_hours", hours.astype(np.float32), asked=answers.age >= 12)
