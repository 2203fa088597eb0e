"""What schemes count of tagged lines, by hand: unknown apart, the unscreened in no denominator, never two schemes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.errors import InputError
from budget_model.spending.counting import TaggedLine, classify, count, scheme_totals
from budget_model.spending.tags import Attribution, Tag
from data.readers.schemes import read_schemes

SCHEMES = read_schemes()
EU, DAC, INDIA, HGDG, MEXICO = (SCHEMES[name] for name in ("eu_eige", "oecd_dac", "in_gbs", "ph_hgdg", "mx_annex13"))


def line(amount, tag, code="x"):
    amounts = {"pim": None if amount is None else Decimal(amount), "accrued": None}
    return TaggedLine(2026, code, amounts, tag)


def hgdg(level):
    return Attribution(scheme="ph_hgdg", answers={code: item.scores[level] for code, item in HGDG.items().items()})


LINES = [
    line("100.10", Tag(marker="2")),
    line("200", Tag(marker="1")),
    line("300", Tag(marker="0")),
    line("50", Tag(marker="0*")),
    line("7", Tag(marker="-1")),
    line("400", Tag()),
    line("500", None),
    line(None, Tag(marker="2")),
]


def test_eu_coefficients_by_hand():
    """100.10 x 1 + 200 x 0.4 + 300 x 0 = 180.10 of the 600.10 whose share is known; the others stand apart."""
    totals = scheme_totals(LINES, EU, "pim")
    assert totals.counted == Decimal("180.10")
    assert totals.total == Decimal("1557.10")
    assert totals.screened == Decimal("600.10")
    assert totals.uncounted == {
        "unresolved": (1, Decimal(50)),
        "outside_scheme": (1, Decimal(7)),
        "not_screened": (2, Decimal(900)),
    }
    assert totals.without_amount == 1
    assert totals.counted_share == Decimal("180.10") / Decimal("600.10")
    counted = {part.code: part.counted for part in totals.classes}
    assert counted == {"2": Decimal("100.10"), "1": 80, "0*": None, "0": 0, "NS": None}
    assert {part.code: part.amount for part in totals.classes}["0*"] == 50  # still shown, as what is to be resolved


def test_what_nothing_is_known_of_counts_none_and_not_0():
    """All lines unscreened, or all to be resolved: 1,900 of 0* are no 0 of a denominator of 1,900."""
    for tag, scheme in ((Tag(), INDIA), (None, EU), (Tag(), HGDG), (Tag(marker="0*"), EU)):
        totals = scheme_totals([line("1900", tag)], scheme, "pim")
        assert (totals.counted, totals.screened, totals.counted_share) == (None, 0, None)
        assert {part.counted for part in totals.classes} == {None}
    known = scheme_totals([line("1900", Tag(marker="0"))], EU, "pim")
    assert (known.counted, known.screened) == (0, 1900)  # somebody looked: this is a 0


def test_a_floor_has_no_totals_of_lines():
    with pytest.raises(InputError) as refused:
        scheme_totals([line("100", Tag(attribution=hgdg(2)))], SCHEMES["ph_five_percent"], "pim")
    assert refused.value.problems[0].rule == "scheme_is_floor"
    assert "Ask for 'ph_hgdg'" in str(refused.value)


def test_the_marker_counts_no_money_and_leaves_the_unscreened_out_of_its_denominator():
    totals = scheme_totals(LINES, DAC, "pim")
    assert totals.counted is None
    assert totals.counted_share is None
    assert totals.screened == Decimal("657.10")
    assert totals.uncounted == {"not_screened": (2, Decimal(900))}
    assert {part.code: part.amount for part in totals.classes}["-1"] == 7
    assert {part.code: part.lines for part in totals.classes}["NS"] == 0


def test_a_stage_that_no_line_has_counts_no_lines():
    totals = scheme_totals(LINES, EU, "accrued")
    assert (totals.total, totals.screened, totals.without_amount, totals.counted_share) == (0, 0, len(LINES), None)


def test_an_unknown_share_of_women_is_not_0():
    share = Tag(women_share_percent=Decimal(40), women_share_method="survey")
    totals = scheme_totals([line("10", share), line("90", Tag())], INDIA, "pim")
    assert totals.counted == 4
    assert totals.screened == 10
    assert totals.uncounted == {"not_stated": (1, Decimal(90))}
    none = Tag(women_share_percent=Decimal(0), women_share_method="register")
    assert scheme_totals([line("90", none)], INDIA, "pim").screened == 90


def test_a_score_of_8_of_a_million_attributes_half_a_million():
    """The published example: score 8, 1,000,000 pesos, 500,000 attributed."""
    answers = {code: item.scores[0] for code, item in HGDG.items().items()}
    answers |= dict.fromkeys(("2.0", "4.0", "5.0", "7.0"), Decimal(2))
    tag = Tag(attribution=Attribution(scheme="ph_hgdg", answers=answers))
    found = count(tag, HGDG)
    assert (found.score, found.code, found.share) == (8, "50", Decimal("0.5"))
    assert scheme_totals([line("1000000", tag)], HGDG, "pim").counted == 500_000


def test_a_form_of_exactly_8_points_by_thirds_is_in_the_band_of_8():
    """Yes three times: 2; partly three times: 1; 1 + 1 + 1 + 2 by the others = 8 points, so that half of it counts."""
    answers = {code: item.scores[0] for code, item in HGDG.items().items()}
    answers |= {code: HGDG.items()[code].scores[2] for code in ("6.1", "6.2", "6.3", "1.1", "3.1", "9.1", "2.0")}
    answers |= {code: HGDG.items()[code].scores[1] for code in ("10.1", "10.2", "10.3")}
    found = count(Tag(attribution=Attribution(scheme="ph_hgdg", answers=answers)), HGDG)
    assert (found.score, found.code, found.share) == (8, "50", Decimal("0.5"))
    one_partly_less = answers | {"10.3": Decimal(0)}
    found = count(Tag(attribution=Attribution(scheme="ph_hgdg", answers=one_partly_less)), HGDG)
    assert (found.score, found.share) == (Decimal("7.67"), Decimal("0.25"))  # 7 2/3


def test_a_tag_attributed_by_one_scheme_says_nothing_in_another():
    tags = [
        Tag(attribution=hgdg(2)),
        Tag(attribution=Attribution(scheme="mx_annex13", category="2", percent=Decimal(60))),
    ]
    lines = [line("100", tag) for tag in tags]
    by_hgdg, by_mexico = scheme_totals(lines, HGDG, "pim"), scheme_totals(lines, MEXICO, "pim")
    assert (by_hgdg.counted, by_hgdg.uncounted) == (100, {"other_scheme": (1, Decimal(100))})
    assert (by_mexico.counted, by_mexico.uncounted) == (60, {"other_scheme": (1, Decimal(100))})


def test_outside_the_annex_is_0_and_known():
    tag = Tag(attribution=Attribution(scheme="mx_annex13", category="0"))
    assert count(tag, MEXICO).share == 0
    assert count(Tag(), MEXICO).share is None


@pytest.mark.parametrize(
    ("tag", "scheme", "code"),
    [
        (None, "oecd_dac", "NS"),
        (None, "sharp", None),
        (Tag(sharp="S2"), "sharp", "S2"),
        (Tag(policy="04"), "pe_lio", "04"),
        (Tag(women_share_percent=Decimal(30), women_share_method="survey"), "in_gbs", "B"),
        (Tag(attribution=hgdg(2)), "ph_hgdg", "100"),
        (Tag(), "ph_hgdg", None),
    ],
)
def test_classes(tag, scheme, code):
    assert classify(tag, SCHEMES[scheme]) == code


def test_sums_are_exact_where_floats_are_not():
    lines = [line("0.1", Tag(marker="1")) for _ in range(10)]
    assert scheme_totals(lines, EU, "pim").counted == Decimal("0.40")
