"""Schemes as data: what ships is sound, forms are scored as printed, bands have no hole between them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.errors import CatalogueError
from budget_model.spending.schemes import form_points, form_score, open_items
from data.readers.schemes import read_scheme, read_schemes

SCHEMES = read_schemes()
HGDG = SCHEMES["ph_hgdg"]


def answers(level: int) -> dict[str, Decimal]:
    """Every question answered no (0), partly (1) or yes (2)."""
    return {code: item.scores[level] for code, item in HGDG.items().items()}


def test_the_schemes_of_the_field_are_there_with_source_and_what_was_verified():
    wanted = {"oecd_dac", "eu_eige", "in_gbs", "ph_hgdg", "ph_five_percent", "mx_annex13", "pe_lio", "sharp"}
    assert wanted <= set(SCHEMES)
    for scheme in SCHEMES.values():
        assert set(scheme.label) == set(scheme.about) == {"es", "en"}
        assert len(scheme.source) > 20
        assert len(scheme.verified) > 20


def test_the_marker_has_its_six_values_and_counts_no_money():
    dac = SCHEMES["oecd_dac"]
    assert set(dac.codes()) == {"2", "1", "0", "0*", "NS", "-1"}
    assert not dac.counts_money
    assert dac.screened_codes() == ("2", "1", "0*", "0", "-1")


def test_the_hgdg_form_has_ten_elements_of_two_points_in_seventeen_questions():
    assert len(HGDG.elements) == 10
    assert len(HGDG.items()) == 17
    assert sum(element.most for element in HGDG.elements) == 20
    assert form_score(HGDG, answers(2)) == 20
    assert form_score(HGDG, answers(0)) == 0


def test_three_times_067_are_two_points_and_three_times_033_are_one():
    """0.67 and 0.33 are printed for 2/3 and 1/3."""
    assert form_points(HGDG, answers(2))["6"] == 2
    assert form_points(HGDG, answers(1))["6"] == 1
    assert form_score(HGDG, answers(1)) == 10


@pytest.mark.parametrize(
    ("score", "percent"),
    [
        ("0", 0),
        ("3.9", 0),
        ("3.99", 0),
        ("4.0", 25),
        ("7.9", 25),
        ("7.95", 25),
        ("7.99", 25),
        ("8.0", 50),
        ("14.9", 50),
        ("14.99", 50),
        ("15.0", 75),
        ("19.9", 75),
        ("19.99", 75),
        ("20.0", 100),
    ],
)
def test_hgdg_bands_are_half_open(score, percent):
    assert HGDG.band(Decimal(score)).share == Decimal(percent) / 100


def test_a_question_without_an_answer_is_open_and_not_0():
    given = answers(2)
    del given["6.2"]
    assert open_items(HGDG, given) == ("6.2",)


@pytest.mark.parametrize(
    ("share", "part"), [("0", None), ("0.01", "C"), ("0.2999", "C"), ("0.3", "B"), ("0.99", "B"), ("1", "A")]
)
def test_indias_parts(share, part):
    band = SCHEMES["in_gbs"].band(Decimal(share))
    assert (band.code if band else None) == part


BASE = """id: mine
version: 1
kind: share_bands
label: {es: Mío, en: Mine}
about: {es: Nada, en: Nothing}
source: own
verified: own
"""


FIRST = "bands:\n- {code: A, label: {es: a}, at_least: 0"


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        (FIRST + ", below: 0.3}\n- {code: B, label: {es: b}, at_least: 0.4}", "'B'"),
        (FIRST + ", below: 2}\n- {code: A, label: {es: b}, at_least: 2}", "twice"),
        ("bands: []", "lacks what belongs to it"),
        ("bands:\n- {code: A, at_leats: 0, label: {es: a}}", "at_least"),
    ],
)
def test_a_wrong_scheme_is_refused_with_its_reason(bands, words):
    with pytest.raises(CatalogueError, match=words):
        read_scheme(BASE + bands, "mine.yaml")


def test_a_floor_that_is_counted_by_an_unknown_scheme_is_refused(tmp_path):
    text = BASE.replace("share_bands", "floor") + "floor: {share: 0.05, counted_by: nobody}\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match="nobody"):
        read_schemes(tmp_path)
