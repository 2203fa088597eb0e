"""One indicator in full: verdicts, marks and parity worked out by hand, and who sees what."""

from __future__ import annotations

import pytest

from budget_model.errors import NotFoundError
from dashboard.pages import indicator as page
from dashboard.services.findings import Gap, SexFigure
from dashboard.services.indicator import Beside, Line, band_order
from dashboard.views.indicator import (
    change_text,
    difference_text,
    figure_text,
    indicator_view,
    is_more_than_chance,
    reliability_of_figure,
)


def detail(services, context, code="WATER", round_code=None):
    return services.indicator.detail(context.user, context.site, code, round_code)


def plain(texts) -> tuple[str, ...]:
    """With blanks that may break a line."""
    return tuple(text.replace("\xa0", " ") for text in texts)


def test_a_sample_has_intervals_a_verdict_and_marks(services, see):
    """pampa: 30 and 20 %, errors 2 points each. se = 2.8284; 10 ± 1.96 x 2.8284 = 4.46 to 15.54; 30/20 = 1.5."""
    context = see("beto", "en", "pampa")
    view = indicator_view(detail(services, context), context)
    assert plain(view.here[3:]) == ("+10.00 pp (+4.46 / +15.54)", "yes", "1.50")
    assert view.here[0] == "30.0% (26.1–33.9)"
    assert "more than chance would explain" in view.lead[0]
    illiteracy = indicator_view(detail(services, context, "ILLIT"), context)
    assert illiteracy.here[1].endswith("unreliable")  # 2 % with an error of 2 points
    assert illiteracy.here[0].endswith("unreliable")  # 6 % with 2 points: a third of it


def test_a_full_count_has_no_verdict_of_chance(services, see):
    context = see("ana", "en")
    view = indicator_view(detail(services, context), context)
    assert plain(view.here[3:]) == ("+10.00 pp", "–", "1.50")
    assert "A full count has no chance in it" in view.lead[0]


@pytest.mark.parametrize(
    ("estimate", "error", "mark"),
    [
        (0.5, 0.07, ""),
        (0.5, 0.08, "with care"),
        (0.98, 0.004, "with care"),
        (0.98, 0.006, "unreliable"),
        (0.0, 0.0, "with care"),
    ],
)
def test_the_smaller_of_a_share_and_its_complement_decides_the_mark(estimate, error, mark):
    """0.07/0.5 = 14 %; 0.08/0.5 = 16 %; 0.004/0.02 = 20 %; 0.006/0.02 = 30 %."""
    assert reliability_of_figure(SexFigure(estimate, standard_error=error), mean=False) == mark


def test_answers_of_one_sampling_unit_have_no_interval_and_no_verdict(see):
    """Their standard error is 0: unknown, not exact. A share of 0 keeps its exact interval, 0 to 0.975 for one unit."""
    context = see("ana", "en")
    one_unit, whole = SexFigure(0.4, 0.0, 0.4, 0.4, 0.0, 12), SexFigure(0.0, 0.0, 0.0, 0.975, None, 12)
    assert figure_text(one_unit, False, context) == "40.0% (too few answers for an interval) · unreliable"
    assert figure_text(SexFigure(5.5, 0.0, 5.5, 5.5, 0.0, 1), True, context).endswith("· unreliable")
    assert reliability_of_figure(whole, mean=False) == "unreliable"
    sure = SexFigure(0.1, 0.01, 0.08, 0.12, 0.1, 900)
    for side in (one_unit, whole):
        gap = Gap("X", {"en": "x"}, "d", "down", False, False, "", side, sure)
        assert gap.is_more_than_noise is False
    counted = SexFigure(0.4)  # a full count
    assert figure_text(counted, False, context) == "40.0%"


def test_errors_that_know_of_common_households_decide_the_verdict():
    apart, together = Beside(0.05, 0.03, 1.2), Beside(0.05, 0.02, 1.2, 1.05, 1.4, True)
    assert is_more_than_chance(apart) is False
    assert is_more_than_chance(together) is True
    assert is_more_than_chance(Beside(0.05, None, 1.2)) is None


def test_a_mean_is_told_in_its_own_unit(services, see):
    context = see("ana", "en")
    found = detail(services, context, "UNPAID")
    assert difference_text(found.here.beside, True, context) == "+23.250"  # 38.5 - 15.25


def line(women: float, error: float, changed: tuple[str, ...] = ()) -> Line:
    side = SexFigure(women, standard_error=error)
    return Line("r", Gap("X", {"en": "x"}, "d", "down", False, False, "", side, side), None, None, changed)


def test_a_change_between_rounds_has_its_verdict_and_a_changed_definition_gets_none(see):
    """0.30 to 0.25 with errors of 0.02: se 0.0283, 1.96 x 0.0283 = 0.055; to 0.24 it is more than that."""
    context = see("ana", "en")
    before = line(0.30, 0.02)
    changes = plain([change_text(line(share, 0.02), before, "women", False, context) for share in (0.25, 0.24)])
    assert changes == ("−5.00 pp · no more than chance", "−6.00 pp · more than chance")
    told = change_text(line(0.24, 0.02, ("universe",)), before, "women", False, context)
    assert told == "not comparable, the definition changed: whom it applies to"


def test_the_public_sees_protected_figures_and_no_sensitive_indicator(services, see):
    public = see(None, "en")
    assert "IPV12" not in {code for code, _label in detail(services, public).choices}
    with pytest.raises(NotFoundError):
        detail(services, public, "IPV12")
    rare = indicator_view(detail(services, public, "RARE"), public)
    assert rare.here[0] == "protected: fewer than about 20 persons"
    assert detail(services, public).heads == ()
    assert detail(services, see("ana"), "IPV12").areas == ()  # never below the municipality


def test_bands_stand_in_the_order_of_their_years():
    assert sorted(["60+", "6-11", "0-5", "12-17"], key=band_order) == ["0-5", "6-11", "12-17", "60+"]


def test_the_page_names_the_questions_and_is_the_same_for_the_callback(services, see):
    context = see("ana", "en", code="ILLIT")
    shown = str(page.layout(services, context))
    assert "Questions it needs" in shown
    assert "x, age" in shown or "age, x" in shown
    assert str(page.show(services, context, "ILLIT", "2026-1")) in shown
