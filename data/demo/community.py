"""Violence (sensitive module), crime and participation."""

from __future__ import annotations

import numpy as np

from data.demo.answers import Answers
from data.demo.draws import choose_share


def add_community(answers: Answers) -> None:
    """Columns of the violence module, crime_victim_12m, votes_participatory_budget, holds_office."""
    _add_violence(answers)
    _add_help(answers)
    _add_crime(answers)
    _add_participation(answers)


def _add_violence(answers: Answers) -> None:
    """Partner violence as women who ever had a partner tell it: ever, and by kind in the last 12 months."""
    age, persons, figures, generator = answers.age, answers.persons, answers.figures, answers.generator
    asked = answers.female & (age >= 15) & persons["ever_partnered"]
    younger, older = asked & (age <= 49), asked & (age > 49)
    score = -0.35 * persons["wealth"] + 0.4 * answers.at_home("food_shortage_3m") - 0.2 * persons["skill"]
    last_year = choose_share(generator, score, younger, figures.share("violence_12m"))
    last_year |= choose_share(generator, score, older, figures.assumed["violence_older"])
    psychological = last_year & choose_share(
        generator, score, last_year, figures.share("violence_psychological_12m") / figures.share("violence_12m")
    )
    physical = last_year & ~psychological  # nobody of the last year is without a kind
    share = figures.share("violence_physical_12m") / figures.share("violence_12m")
    physical |= _up_to(generator, score, last_year, physical, share)
    sexual = choose_share(
        generator,
        score + 2.5 * physical,
        last_year,
        figures.share("violence_sexual_12m") / figures.share("violence_12m"),
    )
    ever = last_year | _up_to(generator, score, younger, last_year & younger, figures.share("violence_ever"))
    ever |= _up_to(generator, score, older, last_year & older, figures.assumed["violence_ever_older"])
    persons.put_flag("partner_violence_12m", last_year, asked=asked)
    persons.put_flag("violence_psychological_12m", psychological, asked=asked)
    persons.put_flag("violence_physical_12m", physical, asked=asked)
    persons.put_flag("violence_sexual_12m", sexual, asked=asked)
    persons.put_flag("partner_violence_ever", ever, asked=asked)


def _up_to(
    generator: np.random.Generator,
    score: np.ndarray[tuple[int], np.dtype[np.float64]],
    among: np.ndarray[tuple[int], np.dtype[np.bool_]],
    already: np.ndarray[tuple[int], np.dtype[np.bool_]],
    share: float,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Further members of `among`, so that together with `already` they make `share` of it."""
    free = among & ~already
    wanted = share * among.sum() - already.sum()
    return choose_share(generator, score, free, max(wanted, 0) / max(free.sum(), 1))


def _add_help(answers: Answers) -> None:
    persons, figures = answers.persons, answers.figures
    survivors = persons["partner_violence_12m"]
    severe = persons["violence_physical_12m"] | persons["violence_sexual_12m"]
    institution = choose_share(answers.generator, 1.0 * severe, survivors, figures.share("help_institution"))
    close = choose_share(answers.generator, 0.8 * institution, survivors, figures.share("help_close"))
    persons.put_flag("help_institution", institution, asked=survivors)
    persons.put_flag("help_close", close, asked=survivors)


def _add_crime(answers: Answers) -> None:
    age, persons, assumed = answers.age, answers.persons, answers.figures.assumed
    victim = np.zeros(persons.size, bool)
    score = -0.02 * np.abs(age - 30.0) + 0.3 * (persons["work_hours"] > 0) + 0.2 * persons["attends_school"]
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        victim |= choose_share(answers.generator, score, flags & (age >= 15), assumed[f"crime_{sex}"])
    persons.put_flag("crime_victim_12m", victim, asked=age >= 15)


def _add_participation(answers: Answers) -> None:
    """Women hold office in soup kitchens and Vaso de Leche committees; men vote a little more."""
    age, persons, assumed, generator = answers.age, answers.persons, answers.figures.assumed, answers.generator
    score = 0.4 * answers.at_home("newness") - 0.0012 * (age - 47.0) ** 2
    votes, office = np.zeros(persons.size, bool), np.zeros(persons.size, bool)
    for sex, flags in (("female", answers.female), ("male", ~answers.female)):
        adult = flags & (age >= 18)
        office |= choose_share(generator, score, adult, assumed[f"office_{sex}"])
        votes |= choose_share(generator, score + 1.5 * office, adult, assumed[f"votes_{sex}"])
    persons.put_flag("votes_participatory_budget", votes, asked=age >= 18)
    persons.put_flag("holds_office", office, asked=age >= 18)
