"""Suggestions: rules find their words, the classifier learns, explains itself, and is honest about its quality."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from budget_model.spending.suggest import LEAST_TEXTS, Rule, find_rules, guess_all, learn, measure, plain
from budget_model.spending.text_classifier import chances, fit_texts
from data.readers.suggestion_rules import read_rules

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
WOMEN = [f"atencion a mujeres victimas en la zona {number}" for number in range(12)]
ROADS = [f"mantenimiento de pistas del sector {number}" for number in range(14)]


def rule(*terms):
    return Rule(id="test", terms=terms, suggests={"beneficiary": "women"}, why={"en": "x"})


@pytest.mark.parametrize(
    ("text", "term", "is_found"),
    [
        ("ATENCIÓN A MUJERES", "mujer", True),
        ("Inmujeres", "mujer", False),  # not the beginning of a word
        ("violencia   contra-la mujer", "violencia contra la mujer", True),
        ("contra la violencia de la mujer", "violencia contra la mujer", False),
        ("", "mujer", False),
    ],
)
def test_a_term_is_the_beginning_of_words_without_regard_to_accents_and_capitals(text, term, is_found):
    assert bool(find_rules(text, [rule(term)])) is is_found


def test_a_rule_counts_once_and_says_which_term_spoke():
    found = find_rules("Salud materna y parto", [rule("varones"), rule("parto", "materna")])
    assert [hit.term for hit in found] == ["parto"]
    assert plain("  Niñas, niños ") == "ninas ninos"


def test_every_rule_of_the_catalogue_is_found_by_each_of_its_own_terms():
    for one in read_rules():
        for term in one.terms:
            assert one in [hit.rule for hit in find_rules(f"servicio de {term}", read_rules())], term
    assert find_rules("REHABILITACION DE PISTAS Y VEREDAS", read_rules()) == ()


def test_too_few_texts_teach_nothing_and_repeated_lines_are_one_text():
    assert learn([]).model is None
    learned = learn([(WOMEN[0], "2"), (ROADS[0], "0")] * 500)
    assert (learned.model, learned.quality, learned.lacking) == (None, None, {"0": 1, "2": 1})
    one_class = learn([(text, "0") for text in [*WOMEN, *ROADS]])
    assert one_class.model is None


def test_what_is_learnt_is_told_with_the_words_that_spoke_for_it():
    learned = learn([*((text, "2") for text in WOMEN), *((text, "0") for text in ROADS)])
    assert learned.quality.texts == 26 >= LEAST_TEXTS
    assert (learned.quality.accuracy, learned.quality.majority) == (1.0, "0")
    assert round(learned.quality.majority_accuracy, 3) == 0.538  # 14 of 26
    women, roads, unknown = guess_all(learned.model, ["Mujeres víctimas", "Pistas y veredas", "xyz"])
    assert (women.value, roads.value, unknown) == ("2", "0", None)
    assert women.confidence > 0.5
    assert {"mujeres", "victimas"} <= set(women.words)
    assert "pistas" in roads.words


def test_quality_is_told_of_texts_that_were_not_seen_and_labels_by_chance_are_not_better_than_guessing():
    texts = [f"palabra{number} cosa{number}" for number in range(40)]
    learned = learn([(text, "1" if number % 4 == 0 else "0") for number, text in enumerate(texts)])
    assert not learned.quality.is_better_than_guessing  # seen texts would all be right


def test_the_order_of_lines_does_not_matter():
    pairs = [*((text, "2") for text in WOMEN), *((text, "0") for text in ROADS)]
    assert learn(pairs).quality == learn(pairs[::-1]).quality


def test_a_project_weighs_as_one_text_however_many_components_it_has():
    texts, values = [*WOMEN, *ROADS], ["2"] * len(WOMEN) + ["0"] * len(ROADS)
    one_project = fit_texts(texts, values, ["women"] * len(WOMEN) + ROADS)
    assert one_project.classes == ("0", "2")
    assert one_project.shares == pytest.approx((14 / 15, 1 / 15))  # 14 texts of their own and one project


def test_where_words_are_worth_nothing_on_unseen_texts_the_chance_is_how_frequent_the_class_is():
    texts = [f"palabra{number} cosa{number}" for number in range(40)]
    model = fit_texts(texts, ["1" if number % 4 == 0 else "0" for number in range(40)], texts)
    seen = chances(model, model.words.transform(texts))
    assert (abs(seen[:, 1] - 0.25) < 0.15).all()  # ten of forty; the regression itself is sure of each seen text
    assert not any(guess.speaks and guess.value == "1" for guess in guess_all(model, texts))


def test_labels_held_against_guesses_give_the_figures_of_a_hand_count():
    found = measure([("0", "0"), ("0", "0"), ("0", "1"), ("1", "1"), ("1", None)], "0")
    assert (found.accuracy, found.majority_accuracy) == (0.6, 0.6)
    zero, one = found.classes
    assert (zero.precision, zero.recall) == (1.0, pytest.approx(2 / 3))
    assert (one.precision, one.recall) == (0.5, 0.5)
    assert found.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.macro_f1 == pytest.approx((0.8 + 0.5) / 2)
    assert found.majority_macro_f1 == pytest.approx((2 * 0.6 / 1.6) / 2)


@pytest.mark.shared
def test_labels_look_easier_than_they_are_where_components_of_a_project_stand_on_both_sides():
    file = SHARED / "gender_marker" / "iati_gender_labels_shared.csv"
    if not file.exists():
        pytest.skip(f"{file} is not here")
    with file.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    names = ("title", "description", "sectors", "parent_title", "parent_description")
    texts = [" ".join(row[name] for name in names) for row in rows]
    projects = {text: row["parent_identifier"] or text for text, row in zip(texts, rows, strict=True)}
    labelled = [(text, row["gender_significance"]) for text, row in zip(texts, rows, strict=True)]
    mixed, apart = learn(labelled).quality, learn(labelled, groups=projects).quality
    assert mixed.is_better_than_guessing  # 0.875 right where always guessing 0 has 0.586
    assert apart.accuracy < mixed.accuracy - 0.2  # components share their project's description
