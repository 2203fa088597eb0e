"""Scorecards as data and their grades, held against the printed rules and against counting every case."""

from __future__ import annotations

from itertools import product

import pytest
from pydantic import ValidationError

from budget_model.errors import CatalogueError, NotFoundError
from budget_model.spending.scorecards import contradictions, grade_card
from data.readers.scorecards import load_scorecard, read_scorecard, read_scorecards
from data.workflows.scorecard_evidence import KINDS
from data.workflows.scorecard_words import COUNTED, EVIDENCE, EVIDENCE_PAGES, LACKING

SDG, PEFA, OECD = (load_scorecard(name) for name in ("sdg_5c1", "pefa_grpfm", "oecd_gb"))
ALL = list(SDG.questions())


def grades(card, answers):
    return {one.part: one.grade for one in grade_card(card, answers).parts}


def test_the_sdg_card_has_thirteen_questions_in_three_criteria_with_the_printed_thresholds():
    assert [(len(part.questions), part.at_least) for part in SDG.parts] == [(3, 2), (7, 4), (3, 2)]


@pytest.mark.parametrize(
    ("yes", "verdict"),
    [
        ("1.1 1.2 2.1 2.2 2.3 2.4 3.1 3.2", "fully_meets"),
        ("1.1 1.2 2.1 2.2 2.3 3.1 3.2", "approaches"),  # three of seven are too few
        ("1.1 1.3", "approaches"),
        ("1.1 2.1 2.2 2.3 3.3", "does_not_meet"),
        ("", "does_not_meet"),
    ],
)
def test_a_full_card_is_classified_as_the_metadata_print_it(yes, verdict):
    answers = {question: "yes" if question in yes.split() else "no" for question in ALL}
    found = grade_card(SDG, answers)
    assert (found.verdict, found.missing) == (verdict, ())


def test_nothing_answered_is_not_assessed_and_not_a_failure():
    found = grade_card(SDG, {})
    assert (found.verdict, found.answered, list(found.missing)) == (None, 0, ALL)
    assert grades(SDG, {}) == {"c1": None, "c2": None, "c3": None}


def test_a_part_is_graded_early_only_where_no_missing_answer_could_turn_it():
    assert grades(SDG, {"1.1": "yes", "1.2": "yes"})["c1"] == "satisfied"
    assert grades(SDG, {"1.1": "no", "1.2": "no"})["c1"] == "not_satisfied"
    assert grades(SDG, {"1.1": "yes", "1.2": "no"})["c1"] is None
    assert grades(SDG, dict.fromkeys(("2.1", "2.2", "2.3", "2.4"), "no"))["c2"] == "not_satisfied"
    assert grades(SDG, dict.fromkeys(("2.1", "2.2", "2.3"), "no"))["c2"] is None


@pytest.mark.parametrize(
    ("given", "grade", "not_counted", "missing"),
    [
        ("nyy", "not_satisfied", ("3.2", "3.3"), ()),  # not published: accessible and in time are no yes
        ("yyn", "satisfied", (), ()),
        ("n--", "not_satisfied", (), ()),  # what builds on it is not asked any more
        ("-yy", None, ("3.2", "3.3"), ("3.1",)),  # yes to 3.1 would satisfy, no would not
        ("-ny", None, ("3.3",), ("3.1",)),
        ("-nn", "not_satisfied", (), ("3.1",)),  # even with 3.1 there is one yes
        ("yy-", "satisfied", (), ("3.3",)),
    ],
)
def test_a_question_counts_only_where_the_one_that_it_builds_on_is_answered_yes(given, grade, not_counted, missing):
    words = {"y": "yes", "n": "no"}
    answers = {name: words[letter] for name, letter in zip(("3.1", "3.2", "3.3"), given, strict=True) if letter != "-"}
    part = grade_card(SDG, answers).parts[2]
    assert (part.grade, part.not_counted, part.missing) == (grade, not_counted, missing)


def test_a_yes_contradicts_a_no_to_what_it_builds_on():
    assert contradictions(SDG, {"1.1": "no", "1.2": "yes", "1.3": "no", "3.2": "yes"}) == [("1.2", "1.1")]
    assert contradictions(SDG, {"1.1": "yes", "1.2": "yes", "3.1": "no"}) == []


def test_a_question_builds_on_an_earlier_one_of_a_card_of_yes_and_no():
    document = SDG.model_dump()
    document["parts"][2]["questions"][0]["only_if"] = "3.3"
    with pytest.raises(ValidationError, match="an earlier question"):
        type(SDG).model_validate(document)
    document = PEFA.model_dump()
    document["parts"][0]["questions"][1]["only_if"] = "1.1"
    with pytest.raises(ValidationError, match="of kind threshold"):
        type(SDG).model_validate(document)


def test_the_verdict_is_said_only_where_every_way_to_complete_the_card_gives_the_same():
    """Brute force over all completions of cards of which the second criterion is known."""
    known = dict.fromkeys(("2.1", "2.2", "2.3", "2.4"), "yes") | dict.fromkeys(("2.5", "2.6", "2.7"), "no")
    for given in product(("yes", "no", None), repeat=6):
        places = ("1.1", "1.2", "1.3", "3.1", "3.2", "3.3")
        answers = known | {name: value for name, value in zip(places, given, strict=True) if value}
        open_places = [name for name, value in zip(places, given, strict=True) if value is None]
        possible = {
            grade_card(SDG, answers | dict(zip(open_places, rest, strict=True))).verdict
            for rest in product(("yes", "no"), repeat=len(open_places))
        }
        assert grade_card(SDG, answers).verdict == (possible.pop() if len(possible) == 1 else None)


def test_pefa_takes_the_weakest_dimension_and_none_while_one_is_missing():
    assert grades(PEFA, {"1.1": "B", "1.2": "D"})["grpfm_1"] == "D+"
    assert grades(PEFA, {"1.1": "C", "1.2": "C"})["grpfm_1"] == "C"
    assert grades(PEFA, {"1.1": "D"})["grpfm_1"] is None  # could be D or D+
    assert grades(PEFA, {"3.1": "A"})["grpfm_3"] == "A"
    assert (len(PEFA.parts), len(PEFA.questions())) == (9, 12)
    assert grade_card(PEFA, {}).verdict is None


def test_oecd_areas_are_described_and_never_graded():
    found = grade_card(OECD, dict.fromkeys(OECD.questions(), "in_place"))
    assert ({one.grade for one in found.parts}, found.verdict, len(found.parts)) == ({None}, None, 5)


def test_an_answer_that_the_card_does_not_have_is_refused():
    with pytest.raises(ValueError, match="no answer of the scorecard"):
        grade_card(SDG, {"1.1": "maybe"})
    with pytest.raises(ValueError, match="no answer of the scorecard"):
        grade_card(SDG, {"9.9": "yes"})


def test_every_card_names_its_source_what_was_verified_and_evidence_that_is_known():
    for card in read_scorecards().values():
        assert card.source
        assert card.verified
        for question in card.questions().values():
            assert set(question.text) == {"es", "en"}
            assert set(question.evidence) <= set(KINDS)
            assert question.prefill is None or question.prefill.when in question.evidence
    assert [question.id for question in PEFA.questions().values() if question.prefill] == []  # no letter from data
    assert {*EVIDENCE, *COUNTED} == set(EVIDENCE_PAGES) == set(LACKING) == set(KINDS)
    with pytest.raises(NotFoundError):
        load_scorecard("nothing")


def test_a_card_that_does_not_fit_its_kind_is_refused():
    document = SDG.model_dump()
    for change, words in (
        ({"kind": "profile"}, "at_least"),
        ({"verdicts": ()}, "0 parts satisfied"),
        ({"parts": [{**document["parts"][0], "at_least": 4}]}, "more than it has questions"),
        ({"parts": [document["parts"][0], document["parts"][0]]}, "same id"),
    ):
        with pytest.raises(ValidationError, match=words):
            type(SDG).model_validate({**document, **change})
    with pytest.raises(CatalogueError, match="line 1"):
        read_scorecard("idd: x\n", "card.yaml")
