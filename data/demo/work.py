"""Work and time: who works, for what pay, how many paid and unpaid hours; child labour."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.demo.answers import Answers
from data.demo.draws import choose_share, scale_to_mean

STATUS = ("outside", "unemployed", "employed")
OUTSIDE, UNEMPLOYED, EMPLOYED = range(3)
REASONS = ("study", "care", "age_or_health", "other")
WEEKS_A_MONTH = 52 / 12
MOST_HOURS = 98.0


def add_work(answers: Answers) -> None:
    """Columns labour_status, reason_outside, work_hours, hazardous_work, unpaid_hours, informal_job, earnings."""
    child_labour = _choose_child_labour(answers)
    _add_status(answers, child_labour)
    _add_reason_outside(answers)
    _add_work_hours(answers, child_labour)
    _add_informality(answers)
    _add_unpaid_hours(answers)
    _add_earnings(answers)


def _choose_child_labour(answers: Answers) -> np.ndarray[Any, Any]:
    age, persons = answers.age, answers.persons
    score = 0.28 * (age - 11) - 0.9 * persons["wealth"] + 0.4 * ~answers.female
    score = score + 1.2 * ((age >= 6) & ~persons["attends_school"])
    return choose_share(answers.generator, score, (age >= 5) & (age <= 17), answers.figures.share("child_labour"))


def _add_status(answers: Answers, child_labour: np.ndarray[Any, Any]) -> None:
    """Employed and unemployed by sex; small children at home keep women, not men, from the labour market."""
    age, persons, assumed = answers.age, answers.persons, answers.figures.assumed
    children = np.minimum(answers.at_home("young_children"), 2)
    status = np.full(persons.size, OUTSIDE, np.int8)
    hump = -0.0042 * (age - 40.0) ** 2 + 0.35 * persons["skill"] - 2.2 * persons["attends_school"]
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        burden = 0.75 * children * (sex == "female") - 0.2 * children * (sex == "male")
        adult = flags & (age >= 14)
        score = hump - burden + 40.0 * child_labour
        employed = choose_share(answers.generator, score, adult, assumed[f"employed_{sex}"])
        rate = assumed[f"unemployed_{sex}"]
        among = adult & ~employed & (age < 65)
        share = rate / (1 - rate) * employed.sum() / max(among.sum(), 1)
        status[employed] = EMPLOYED
        status[choose_share(answers.generator, 0.5 * hump - 0.5 * burden, among, share)] = UNEMPLOYED
    persons.put_words("labour_status", status, STATUS, asked=age >= 14)


def _add_reason_outside(answers: Answers) -> None:
    """Study, care, age or health, other. Care is what women answer."""
    age, persons, generator = answers.age, answers.persons, answers.generator
    outside = (age >= 14) & (persons["labour_status"] == OUTSIDE)
    reason = np.full(persons.size, 3, np.int8)
    old = (age >= 65) | ((age >= 50) & (persons["frailty"] > 0.9))
    reason[old] = 2
    children = np.minimum(answers.at_home("young_children"), 2)
    care_odds = np.where(answers.female, 0.5 + 0.9 * children + 0.6 * (persons["relation"] <= 1), -4.2 + 0.5 * children)
    cares = ~old & (generator.logistic(size=persons.size) < care_odds)
    reason[cares] = 1
    reason[persons["attends_school"] & ~old & ~(cares & (children > 0))] = 0
    persons.put_words("reason_outside", reason, REASONS, asked=outside)


def _add_work_hours(answers: Answers, child_labour: np.ndarray[Any, Any]) -> None:
    """Hours a week in paid or family work, whole hours; bands of child labour hold by construction."""
    age, persons, generator = answers.age, answers.persons, answers.generator
    employed = (age >= 14) & (persons["labour_status"] == EMPLOYED)
    women_less = 7.5 * answers.female + 2.5 * np.minimum(answers.at_home("young_children"), 2) * answers.female
    hours = np.where(employed, generator.normal(47.0 - women_less, 12.5), 0)
    hours = np.where(employed, np.clip(hours, 4, 90), 0)
    hazardous = child_labour & (age >= 15) & (generator.random(persons.size) < 0.45)
    lows, highs = [1, 14, 43], [16, 32, 60]
    band = np.searchsorted([12, 15], age, side="right")
    low = np.where(hazardous, 12, np.take(lows, band))
    in_band = low + (np.take(highs, band) - low) * generator.beta(1.2, 2.2, persons.size)
    minor = (age >= 5) & (age <= 17)
    light_work = np.where(age <= 14, np.minimum(hours, 13), np.minimum(hours, 42))
    hours = np.where(minor, np.where(child_labour, in_band, light_work), hours)
    persons.put_number("work_hours", np.round(hours).astype(np.float32), asked=age >= 5)
    persons.put_flag("hazardous_work", hazardous, asked=minor)


def _add_informality(answers: Answers) -> None:
    persons, age = answers.persons, answers.age
    employed = (age >= 14) & (persons["labour_status"] == EMPLOYED)
    score = -1.1 * persons["skill"] + 0.0015 * (age - 40.0) ** 2 + 5.0 * (age < 18)
    informal = np.zeros(persons.size, bool)
    for flags, figure in ((answers.female, "informal_female"), (~answers.female, "informal_male")):
        informal |= choose_share(answers.generator, score, employed & flags, answers.figures.share(figure))
    persons.put_flag("informal_job", informal, asked=employed)


def _add_unpaid_hours(answers: Answers) -> None:
    """Domestic and care work. Small children and fetching water add hours, and they add them to women."""
    age, persons, generator, figures = answers.age, answers.persons, answers.generator, answers.figures
    asked = age >= 12
    children = np.minimum(answers.at_home("young_children"), 3)
    load = 0.22 * children + 0.12 * (persons["relation"] <= 1) - 0.006 * persons["work_hours"]
    load = load - 0.25 * (age < 18) - 0.15 * (age > 74) + generator.normal(0, 0.42, persons.size)
    hours = np.zeros(persons.size)
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        group = asked & flags
        does = choose_share(generator, 1.5 * load, group, figures.share(f"unpaid_doers_{sex}"))
        own = np.where(does, np.exp(load * (1.25 if sex == "female" else 0.8)), 0.0)
        scaled = scale_to_mean(own, group, figures.value(f"unpaid_hours_{sex}"), MOST_HOURS)
        hours[group] = scaled[group]
    rounded = np.where(hours > 0, np.maximum(np.round(hours, 1), 0.1), 0)
    persons.put_number("unpaid_hours", rounded.astype(np.float32), asked=asked)


def _add_earnings(answers: Answers) -> None:
    """Monthly earnings of the employed, the women's mean as a share of the men's as published, and pay by the hour."""
    age, persons, generator, figures = answers.age, answers.persons, answers.generator, answers.figures
    employed = (age >= 14) & (persons["labour_status"] == EMPLOYED)
    earnings = np.zeros(persons.size)
    log_pay = 0.3 * persons["skill"] + 0.14 * persons["wealth"] - 0.3 * persons["informal_job"]
    log_pay = log_pay - 0.0006 * (age - 43.0) ** 2 + 0.75 * np.log(np.maximum(persons["work_hours"], 1) / 40)
    log_pay = log_pay + generator.normal(0, 0.42, persons.size)
    mean = {"male": figures.assumed["earnings_male_pen"]}
    mean["female"] = mean["male"] * figures.value("earnings_ratio")
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        group = employed & flags
        unpaid = choose_share(
            generator,
            0.12 * np.maximum(24.0 - age, 0) + 0.8 * persons["informal_job"],
            group,
            figures.assumed[f"unpaid_family_{sex}"],
        )
        paid = group & ~unpaid
        earnings[paid] = scale_to_mean(np.exp(log_pay), paid, mean[sex])[paid]
    paid = earnings > 0
    persons.put_number(
        "monthly_earnings", np.where(paid, np.maximum(np.round(earnings), 1), 0).astype(np.float32), asked=age >= 14
    )
    by_hour = persons["monthly_earnings"] / (np.maximum(persons["work_hours"], 1) * WEEKS_A_MONTH)
    persons.put_number("hourly_pay", by_hour.round(2).astype(np.float32), asked=paid)
