"""Tags: what each facet asks for, and that unknown is never 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.errors import InputError
from budget_model.spending.tags import Tag, changed_fields, parse_tag, tag_document
from data.readers.schemes import read_schemes

SCHEMES = read_schemes()
WHY = {"objective": "Less violence", "indicator": "IPV12", "gap": "35.6 % of women, 12 months"}
HGDG_ANSWERS = {code: str(item.scores[-1]) for code, item in SCHEMES["ph_hgdg"].items().items()}


def refusal(document, needs=None):
    with pytest.raises(InputError) as refused:
        parse_tag(document, SCHEMES, needs)
    return refused.value.problems


def test_an_empty_tag_says_that_nobody_has_screened_the_line_and_nothing_else():
    tag = parse_tag({}, SCHEMES)
    assert tag.marker == "NS"
    assert not tag.is_screened
    assert tag.women_share is None
    assert tag.attribution is None
    assert tag_document(tag) == {"marker": "NS"}


@pytest.mark.parametrize("marker", ["2", "1"])
def test_markers_2_and_1_need_objective_indicator_and_gap(marker):
    problems = refusal({"marker": marker, "objective": "  "})
    assert [problem.column for problem in problems] == ["objective", "indicator", "gap"]
    assert parse_tag({"marker": marker, **WHY}, SCHEMES).marker == marker


def test_a_marker_to_be_resolved_needs_a_date_of_review():
    assert [problem.column for problem in refusal({"marker": "0*"})] == ["review_on"]
    assert refusal({"marker": "0*", "review_on": "next year"})[0].rule == "tag_date"
    assert parse_tag({"marker": "0*", "review_on": "2027-03-31"}, SCHEMES).review_on == "2027-03-31"


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"marker": "3"}, "tag_code_unknown"),
        ({"sharp": "S4"}, "tag_code_unknown"),
        ({"policy": "11"}, "tag_code_unknown"),
        ({"beneficiary": "everybody"}, "tag_code_unknown"),
        ({"other_beneficiaries": ["girls"]}, "tag_main_beneficiary"),
        ({"beneficiary": "women", "other_beneficiaries": ["nobody"]}, "tag_code_unknown"),
        ({"colour": "red"}, "tag_key_unknown"),
        ({"women_share_percent": 70}, "tag_share_method"),
        ({"women_share_method": "survey"}, "tag_share_method"),
        ({"women_share_percent": 101, "women_share_method": "survey"}, "tag_value_wrong"),
        ({"women_share_percent": -1, "women_share_method": "survey"}, "tag_value_wrong"),
        ({"women_share_percent": "NaN", "women_share_method": "survey"}, "tag_value_wrong"),
        ({"is_locked": True}, "tag_lock_law"),
        ({"start_year": 20}, "tag_value_wrong"),
        ({"attribution": {"scheme": "oecd_dac"}}, "tag_scheme_unknown"),
        ({"attribution": {"scheme": "nobody"}}, "tag_scheme_unknown"),
        ({"attribution": {"scheme": "in_gbs"}}, "tag_share_missing"),
        ({"attribution": {"scheme": "mx_annex13", "category": "2"}}, "tag_percent_missing"),
        ({"attribution": {"scheme": "mx_annex13", "category": "0", "percent": 50}}, "tag_percent_fixed"),
        ({"marker": "0*", "review_on": "2026-02-30"}, "tag_date"),
        ({"beneficiary": "women", "other_beneficiaries": ["girls", "girls"]}, "tag_beneficiary_twice"),
        ({"beneficiary": "women", "other_beneficiaries": ["women"]}, "tag_beneficiary_twice"),
        ({"attribution": {"scheme": "mx_annex13", "category": "9", "percent": 5}}, "tag_category_unknown"),
        ({"attribution": {"scheme": "ph_hgdg", "answers": {}}}, "tag_form_incomplete"),
        ({"attribution": {"scheme": "ph_hgdg", "answers": HGDG_ANSWERS | {"1.1": 0.7}}}, "tag_item_points"),
        ({"attribution": {"scheme": "ph_hgdg", "answers": HGDG_ANSWERS | {"11": 1}}}, "tag_item_unknown"),
        ({"attribution": {"scheme": "ph_hgdg", "answers": HGDG_ANSWERS, "percent": 50}}, "tag_percent_unused"),
        ({"attribution": {"scheme": "eu_eige", "answers": {"1.1": 1}}}, "tag_answers_unused"),
        ({"marker": "-1", "attribution": {"scheme": "eu_eige"}}, "tag_outside_scheme"),
        ({"attribution": {"scheme": ["eu_eige", "in_gbs"]}}, "tag_value_wrong"),
    ],
)
def test_what_is_unsound_is_refused(document, rule):
    assert rule in [problem.rule for problem in refusal(document)]


def test_weights_of_needs_add_up_to_1_at_most():
    links = [{"need": "IPV12", "weight": 0.6}, {"need": "NOHELP", "weight": 0.4}]
    assert len(parse_tag({"needs": links}, SCHEMES, {"IPV12", "NOHELP"}).needs) == 2
    links[1]["weight"] = "0.400001"
    assert refusal({"needs": links})[0].rule == "tag_need_weights"
    assert refusal({"needs": [links[0], links[0]]})[0].rule == "tag_need_twice"
    assert refusal({"needs": [{"need": "IPV12", "weight": 0}]})[0].rule == "tag_value_wrong"
    assert refusal({"needs": [{"need": "NOBODY", "weight": 1}]}, {"IPV12"})[0].rule == "tag_need_unknown"


def test_a_document_survives_reading_and_writing():
    document = {
        "marker": "2",
        **WHY,
        "sharp": "S1",
        "policy": "04",
        "beneficiary": "women",
        "other_beneficiaries": ["girls"],
        "women_share_percent": "92.5",
        "women_share_method": "register",
        "attribution": {"scheme": "ph_hgdg", "answers": HGDG_ANSWERS},
        "needs": [{"need": "IPV12", "weight": "0.6", "overlap": "additive"}],
        "is_locked": True,
        "lock_law": "Ley 24059",
        "is_capital": True,
        "start_year": 2026,
        "proposal": "PP-14",
    }
    tag = parse_tag(document, SCHEMES)
    assert tag_document(tag) == document
    assert parse_tag(tag_document(tag), SCHEMES) == tag
    assert tag.women_share == Decimal("0.925")


def test_a_share_of_0_is_known_and_not_the_same_as_no_share():
    known = parse_tag({"women_share_percent": 0, "women_share_method": "register"}, SCHEMES)
    assert known.women_share == 0
    assert tag_document(known)["women_share_percent"] == "0"
    assert "women_share_percent" not in tag_document(Tag())


def test_changed_fields_name_what_differs():
    assert changed_fields({"marker": "1", "sharp": "S1"}, {"marker": "2"}) == {
        "marker": ("1", "2"),
        "sharp": ("S1", None),
    }
