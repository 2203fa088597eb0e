"""Identity, schooling, care services of small children, literacy and internet."""

from __future__ import annotations

import numpy as np

from data.demo.answers import Answers
from data.demo.draws import choose_share, choose_words, standardised

LEVELS = ("none", "initial", "primary", "secondary", "higher")
NO_CARE = ("own_care", "not_near", "cannot_pay", "no_trust", "other", "pays_someone")


def add_learning(answers: Answers) -> None:
    """Columns has_dni, attends_school, education, care_service, reason_no_care, can_read_write, internet_use_1m."""
    answers.persons.raw["wealth"] = answers.at_home("wealth")
    answers.persons.raw["frailty"] = answers.generator.normal(0, 1, answers.persons.size)
    _add_identity(answers)
    _add_attendance(answers)
    _add_education(answers)
    _add_early_care(answers)
    _add_literacy(answers)
    _add_internet(answers)


def _add_identity(answers: Answers) -> None:
    """Few lack the card: small children, the poor, the hillside."""
    score = 2.2 * (answers.age <= 2) - 0.7 * answers.persons["wealth"] + 0.3 * answers.at_home("newness")
    everybody = np.ones(answers.persons.size, bool)
    lacking = choose_share(answers.generator, score, everybody, 1 - answers.figures.share("identity_card"))
    answers.persons.put_flag("has_dni", ~lacking)


def _add_attendance(answers: Answers) -> None:
    """Who attends, by age band of the school system; boys leave secondary school a little more."""
    age, assumed, persons = answers.age, answers.figures.assumed, answers.persons
    attends = np.zeros(persons.size, bool)
    poor = -0.8 * persons["wealth"]
    bands = ((3, 5, "out_initial"), (6, 11, "out_primary"), (12, 16, "out_secondary"))
    for low, high, name in bands:
        band = (age >= low) & (age <= high)
        boys = 0.35 * (~answers.female & (low == 12))
        out = choose_share(
            answers.generator,
            poor + boys - 0.8 * (age - low) * (high == 5) + 0.5 * (age - 14) * (low == 12),
            band,
            assumed[name],
        )
        attends |= band & ~out
    attends |= choose_share(
        answers.generator,
        -poor - 0.45 * (age - 17) + 0.2 * answers.female,
        (age >= 17) & (age <= 24),
        assumed["studies_17_24"],
    )
    attends |= choose_share(answers.generator, -poor - 0.1 * age, age >= 25, assumed["studies_25"])
    persons.put_flag("attends_school", attends, asked=age >= 3)


def _add_education(answers: Answers) -> None:
    """Highest level reached: younger people and richer homes higher, older women lower."""
    age, persons = answers.age, answers.persons
    older_women = 0.9 * (answers.female & (age >= 50))
    score = 0.8 * persons["wealth"] - 0.035 * (age - 35) - older_women + answers.generator.normal(0, 1, persons.size)
    level = np.searchsorted([-3.1, -3.0, -1.25, 0.75], score).astype(np.int8)
    ceiling = np.searchsorted([3, 6, 12, 18], age, side="right").astype(np.int8)
    floor = np.searchsorted([7, 14], age, side="right").astype(np.int8) * persons["attends_school"] + 1 * (age >= 6)
    level = np.clip(level, np.minimum(floor, ceiling), ceiling)
    persons.put_words("education", level, LEVELS, asked=age >= 3)
    persons.raw["skill"] = standardised(0.6 * level + 0.5 * persons["wealth"])


def _add_early_care(answers: Answers) -> None:
    """Services for children under 6; those who have none give the reason (form of the local care plan)."""
    age, persons, assumed = answers.age, answers.persons, answers.figures.assumed
    small, wealth = age <= 5, persons["wealth"]
    day_care = choose_share(answers.generator, 0.3 * wealth, age <= 2, assumed["day_care_0_2"])
    served = day_care | ((age >= 3) & small & persons["attends_school"])
    persons.put_flag("care_service", served, asked=small)
    lacking = small & ~served
    reason = np.zeros(persons.size, np.int8)
    names = (("no_care_cannot_pay", 2, -0.9 * wealth), ("no_care_not_near", 1, 0.8 * answers.at_home("newness")))
    for name, code, score in names:
        free = lacking & (reason == 0)
        share = assumed[name] * lacking.sum() / max(free.sum(), 1)
        reason[choose_share(answers.generator, score, free, share)] = code
    free = lacking & (reason == 0)
    rest = [assumed["no_care_no_trust"], assumed["no_care_other"], assumed["no_care_pays_someone"]]
    own = 1 - sum(rest) - assumed["no_care_cannot_pay"] - assumed["no_care_not_near"]
    codes = np.array([3, 4, 5, 0], np.int8)
    reason[free] = codes[choose_words(answers.generator, int(free.sum()), [*rest, own])]
    persons.put_words("reason_no_care", reason, NO_CARE, asked=lacking)


def _add_literacy(answers: Answers) -> None:
    """Women's share and the total are published; the men's share follows from both."""
    age, persons, figures = answers.age, answers.persons, answers.figures
    adult = age >= 15
    score = 0.07 * age - 1.4 * persons["education"] - 0.4 * persons["wealth"]
    women, everyone = int((adult & answers.female).sum()), int(adult.sum())
    share_female = figures.share("illiterate_female")
    share_male = (figures.share("illiterate") * everyone - share_female * women) / max(everyone - women, 1)
    cannot = choose_share(answers.generator, score, adult & answers.female, share_female)
    cannot |= choose_share(answers.generator, score, adult & ~answers.female, share_male)
    cannot |= choose_share(answers.generator, -1.2 * age.astype(float), (age >= 6) & ~adult, 0.05)
    persons.put_flag("can_read_write", ~cannot, asked=age >= 6)


def _add_internet(answers: Answers) -> None:
    """The old, the very young and the poor use it less; women less than men."""
    age, persons = answers.age, answers.persons
    score = -0.06 * np.abs(age - 26.0) + 0.9 * persons["skill"] - 0.3 * answers.at_home("newness")
    uses = np.zeros(persons.size, bool)
    for flags, figure in ((answers.female, "internet_female"), (~answers.female, "internet_male")):
        uses |= choose_share(answers.generator, score, flags & (age >= 6), answers.figures.share(figure))
    persons.put_flag("internet_use_1m", uses, asked=age >= 6)
