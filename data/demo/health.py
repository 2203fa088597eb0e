"""Insurance, births, contraception, nutrition, disability, care of dependents."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.demo.answers import Answers
from data.demo.draws import choose_share
from data.demo.roster import CHILD, GRANDCHILD, HEAD, RELATIVE, SPOUSE
from data.demo.work import EMPLOYED

INSURANCE = ("none", "sis", "essalud", "other")
METHODS = ("modern", "traditional", "none")
DOMAINS = ("seeing", "hearing", "walking", "remembering", "selfcare", "communicating")
DIFFICULTY = ("none", "some", "a_lot", "cannot")
Array = np.ndarray[Any, Any]


def add_health(answers: Answers) -> None:
    """Insurance, partnership, births, contraception, nutrition, disability and daily care."""
    _add_insurance(answers)
    _add_partnership(answers)
    _add_births(answers)
    _add_deaths(answers)
    _add_contraception(answers)
    _add_nutrition(answers)
    _add_disability(answers)
    _add_dependence(answers)


def _add_insurance(answers: Answers) -> None:
    """Employed women and men as published; everybody else so that the total holds."""
    age, persons, figures, generator = answers.age, answers.persons, answers.figures, answers.generator
    employed = (age >= 14) & (persons["labour_status"] == EMPLOYED)
    formal = employed & ~persons["informal_job"]
    score = 2.2 * formal + 0.5 * (age <= 5) + 0.02 * np.maximum(age - 40, 0) + 0.3 * persons["wealth"]
    score = score + 0.3 * answers.at_home("social_programme") + 0.4 * answers.female
    insured = np.zeros(persons.size, bool)
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        share = figures.share(f"insured_employed_{sex}")
        insured |= choose_share(generator, score, employed & flags, share)
    missing = figures.share("insured") * persons.size - insured.sum()
    insured |= choose_share(generator, score, ~employed, missing / max((~employed).sum(), 1))
    essalud = insured & (generator.random(persons.size) < np.where(formal, 0.82, 0.16 + 0.1 * persons["wealth"]))
    other = insured & ~essalud & (generator.random(persons.size) < 0.05)
    persons.put_words("health_insurance", insured * 1 + essalud * 1 + other * 2, INSURANCE)


def _add_partnership(answers: Answers) -> None:
    """Heads and spouses of couples live with a partner; others by age."""
    age, persons, generator = answers.age, answers.persons, answers.generator
    couple = answers.any_in_household(persons["relation"] == SPOUSE) & (persons["relation"] <= SPOUSE)
    alone = (age >= 18) & ~couple & (persons["relation"] != HEAD)
    partnered = couple | (alone & (generator.random(persons.size) < 0.16 * (age < 50)))
    once = np.interp(age, [15, 19, 25, 32, 45, 60], [0.02, 0.12, 0.35, 0.6, 0.8, 0.92])
    mother = (persons["relation"] == HEAD) & answers.at_home("lone_mother")
    ever = partnered | ((age >= 15) & (generator.random(persons.size) < np.where(mother, 0.95, once)))
    persons.put_flag("partnered", partnered, asked=age >= 15)
    persons.put_flag("ever_partnered", ever, asked=age >= 15)


def _add_births(answers: Answers) -> None:
    """Births of five years follow from the children under 5 at home; adolescents as published."""
    age, persons, generator = answers.age, answers.persons, answers.generator
    asked = answers.female & (age >= 12) & (age <= 54)
    births = _births_of_five_years(answers)
    girls = asked & (age >= 15) & (age <= 19)
    score = 40.0 * (births > 0) - 0.8 * persons["wealth"] + 0.5 * (age - 17) + 1.2 * persons["ever_partnered"]
    young_mothers = choose_share(generator, score, girls, answers.figures.share("adolescent_mothers"))
    births = np.where(girls & ~young_mothers, 0, births)
    pregnant = young_mothers & (births == 0) & (generator.random(persons.size) < 0.35)
    births = np.where(young_mothers & ~pregnant, np.maximum(births, 1), births)
    pregnant |= asked & (age >= 20) & (age <= 42) & persons["partnered"] & (generator.random(persons.size) < 0.035)
    earlier = generator.poisson(np.interp(age, [19, 24, 35, 54], [0, 0.35, 1.3, 2.3])) * (age >= 20)
    persons.put_number("births_5y", births.astype(np.int16), asked=asked)
    persons.put_number("children_ever_born", (births + earlier).astype(np.int16), asked=asked)
    persons.put_flag("pregnant", pregnant, asked=asked)
    mothers = asked & (births > 0)
    few = choose_share(
        generator, -0.7 * persons["wealth"] + 0.7 * (age < 20), mothers, answers.figures.assumed["few_antenatal_visits"]
    )
    visits = np.where(few, generator.integers(0, 6, persons.size), generator.integers(6, 13, persons.size))
    persons.put_number("antenatal_visits", visits.astype(np.int16), asked=mothers)
    unskilled = choose_share(
        generator, 1.5 * few - 0.5 * persons["wealth"], mothers, answers.figures.assumed["unskilled_birth"]
    )
    persons.put_flag("skilled_birth", ~unskilled, asked=mothers)


def _births_of_five_years(answers: Answers) -> Array:
    """Children 0-4 counted with their mother: the head or spouse, or for grandchildren a younger woman at home."""
    age, persons, relation = answers.age, answers.persons, answers.persons["relation"]
    births = np.zeros(persons.size)
    small = age <= 4
    own = answers.sum_by_household(small & (relation == CHILD))
    parents = answers.female & (relation <= SPOUSE) & (age >= 15) & (age <= 49)
    births[parents] = own[answers.home[parents]]
    grand = answers.sum_by_household(small & (relation == GRANDCHILD))
    younger = answers.female & np.isin(relation, (CHILD, RELATIVE)) & (age >= 18) & (age <= 42)
    candidates = np.flatnonzero(younger)
    first = candidates[np.unique(answers.home[candidates], return_index=True)[1]]
    births[first] += grand[answers.home[first]]
    return np.minimum(births, 4)


def _add_deaths(answers: Answers) -> None:
    """Deaths of children under 5, told by their mothers, and maternal deaths, told by the household: rare."""
    persons, households, generator = answers.persons, answers.households, answers.generator
    assumed = answers.figures.assumed
    mothers = answers.female & (persons["births_5y"] > 0)
    lost = choose_share(generator, -0.8 * persons["wealth"], mothers, assumed["under_five_deaths"])
    persons.put_number("child_deaths_5y", lost.astype(np.int16), asked=mothers)
    births = answers.sum_by_household(persons["births_5y"])
    deaths = choose_share(generator, -0.8 * households["wealth"], births > 0, assumed["maternal_deaths"])
    households.put_number("household_births_5y", births.astype(np.int16))
    households.put_number("maternal_deaths_5y", deaths.astype(np.int16))


def _add_contraception(answers: Answers) -> None:
    age, persons, figures, generator = answers.age, answers.persons, answers.figures, answers.generator
    asked = answers.female & (age >= 15) & (age <= 49) & persons["partnered"]
    modern = choose_share(generator, 0.3 * persons["skill"], asked, figures.share("modern_contraception"))
    share = figures.assumed["traditional_contraception"] * asked.sum() / max((asked & ~modern).sum(), 1)
    traditional = choose_share(generator, np.zeros(persons.size), asked & ~modern, share)
    none = asked & ~modern & ~traditional
    unmet_share = figures.share("unmet_contraception") * asked.sum() / max(none.sum(), 1)
    unmet = choose_share(generator, -0.6 * persons["wealth"], none, min(unmet_share, 1.0))
    persons.put_words("contraceptive_method", 2 * none + 1 * traditional, METHODS, asked=asked)
    persons.put_flag("wants_to_wait_or_stop", modern | traditional | unmet, asked=asked)


def _add_nutrition(answers: Answers) -> None:
    """Height and weight for age as standard scores of the WHO reference, for measured children under 6."""
    age, persons, generator = answers.age, answers.persons, answers.generator
    small = age <= 5
    measured = choose_share(generator, np.zeros(persons.size), small, answers.figures.assumed["child_measured"])
    shared = 0.32 * persons["wealth"] + generator.normal(0, 0.55, persons.size)
    height = -0.55 + shared + generator.normal(0, 0.75, persons.size)
    weight = 0.15 + shared + generator.normal(0, 0.8, persons.size)
    persons.put_flag("measured", measured, asked=small)
    persons.put_number("height_for_age_z", height.round(2).astype(np.float32), asked=measured)
    persons.put_number("weight_for_age_z", weight.round(2).astype(np.float32), asked=measured)


def _add_disability(answers: Answers) -> None:
    """Washington Group short set: six domains, disability from 'a lot of difficulty' upwards."""
    age, persons, assumed, generator = answers.age, answers.persons, answers.figures.assumed, answers.generator
    asked = age >= 5
    disabled = np.zeros(persons.size, bool)
    for domain in DOMAINS:
        slope = 0.01 if domain in ("remembering", "communicating") else 0.055
        score = slope * age + 1.1 * persons["frailty"] - 0.2 * persons["wealth"]
        hard = choose_share(generator, score, asked, assumed[f"hard_{domain}"])
        some = choose_share(generator, score, asked & ~hard, min(0.02 + 5 * assumed[f"hard_{domain}"], 0.2))
        cannot = hard & (generator.random(persons.size) < 0.09)
        persons.put_words(f"wg_{domain}", some * 1 + hard * 2 + cannot * 1, DIFFICULTY, asked=asked)
        disabled |= hard
    persons.put_flag("has_disability", disabled, asked=asked)
    card = choose_share(generator, 0.4 * persons["skill"], disabled, assumed["disability_card"])
    support = choose_share(generator, 1.2 * card, disabled, assumed["disability_support"])
    persons.put_flag("disability_card", card, asked=disabled)
    persons.put_flag("disability_support", support, asked=disabled)


def _add_dependence(answers: Answers) -> None:
    """People of 60 and more or with a disability who need help every day, and whether anybody gives it."""
    age, persons, assumed, generator = answers.age, answers.persons, answers.figures.assumed, answers.generator
    asked = (age >= 60) | persons["has_disability"]
    score = 0.07 * age + 1.8 * (persons["wg_selfcare"] >= 2) + 0.9 * persons["has_disability"]
    needs = choose_share(generator, score, asked, assumed["needs_care"])
    supported = choose_share(generator, 0.3 * persons["wealth"], needs, assumed["care_supported"])
    persons.put_flag("needs_daily_care", needs, asked=asked)
    persons.put_flag("receives_care_support", supported, asked=needs)
