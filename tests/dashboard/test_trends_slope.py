"""The first and the last year side by side: who is in, in which order, and labels that keep their distance."""

from __future__ import annotations

import itertools
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import minimize

from budget_model.spending.sums import LineSums
from budget_model.spending.tags import Tag
from dashboard.context import PageContext
from dashboard.figures.slope import LINE, Slope, slope_figure, spread
from dashboard.views.trends_slope import MOST_LINES, slope_rows, slope_sentence, slopes
from data.readers.schemes import read_schemes

SCHEME = read_schemes()["eu_eige"]
CONTEXT = PageContext("en")


def site(name, **shares):
    """Shares in percent by year (y2024=10); None: nothing is tagged."""
    years = [
        SimpleNamespace(year=int(year[1:]), share=share and Decimal(share) / 100, as_tagged=share)
        for year, share in shares.items()
    ]
    return SimpleNamespace(slug=name.lower(), name=name, years=years)


def view(own, *others):
    return SimpleNamespace(own=own, sites=(own, *others))


def test_a_site_of_which_one_end_is_unknown_is_named_and_has_no_line():
    found = view(
        site("Ate", y2024=10, y2025=50, y2026=12), site("Breña", y2024=20, y2026=15), site("Comas", y2024=None, y2026=9)
    )
    shown = slopes(found, SCHEME, CONTEXT)
    assert [(one.name, one.is_own) for one in shown.lines] == [("Breña", False), ("Ate", True)]
    told = slope_sentence(shown, CONTEXT).replace("\u00a0", " ")
    assert "From 2024 to 2026 the share rose in 1 and fell in 1 of 2; most changed Breña: −5.00 pp." in told
    assert "Not known in one of the two years: Comas." in told
    assert [cell.replace("\u00a0", " ") for cell in slope_rows(shown, CONTEXT)[1]] == [
        "Ate",
        "10.0%",
        "12.0%",
        "+2.00 pp",
    ]


def test_one_year_makes_no_slope():
    assert slopes(view(site("Ate", y2026=10), site("Comas", y2024=3, y2026=4)), SCHEME, CONTEXT) is None


def test_a_slope_begins_with_the_first_year_that_has_tags():
    found = view(site("Ate", y2021=None, y2024=10, y2025=7, y2026=12), site("Breña", y2021=3, y2024=20, y2026=15))
    shown = slopes(found, SCHEME, CONTEXT)
    assert shown.years == (2024, 2026)
    assert [(one.name, one.start) for one in shown.lines] == [("Breña", Decimal("0.2")), ("Ate", Decimal("0.1"))]
    assert slopes(view(site("Ate", y2024=None, y2026=5), site("Breña", y2024=1, y2026=2)), SCHEME, CONTEXT) is None


def test_the_chart_has_the_own_site_and_those_that_changed_most():
    others = [site(f"S{number:02}", y2025=10, y2026=10 + number) for number in range(1, 20)]
    shown = slopes(view(site("Own", y2025=10, y2026=10), *others), SCHEME, CONTEXT)
    assert len(shown.lines) == 20
    assert {one.name for one in shown.shown} == {"Own", *(f"S{number}" for number in range(11, 20))}
    assert len(shown.shown) == MOST_LINES


def group(marker, amount):
    return LineSums(Tag(marker=marker) if marker else None, 1, {"pim": Decimal(amount)}, {"pim": 1}, {})


def year_of(number, *groups):
    total = sum(one.amounts["pim"] for one in groups)
    return SimpleNamespace(year=number, stage="pim", groups=groups, total=total, as_tagged=Decimal(1))


def untagged_year(number):
    year = year_of(number, group(None, 500))
    year.as_tagged = None
    return year


def test_a_site_alone_is_shown_by_the_classes_of_its_tags():
    """2024: nothing is tagged. 2025: 100 principal of 400. 2026: 300 principal and 100 not targeted of 1,000."""
    own = SimpleNamespace(
        slug="ate",
        name="Ate",
        years=[
            untagged_year(2024),
            year_of(2025, group("2", 100), group(None, 300)),
            year_of(2026, group("2", 300), group("0", 100), group(None, 600)),
        ],
    )
    shown = slopes(view(own), SCHEME, CONTEXT)
    ends = {one.name[0]: (one.start, one.end) for one in shown.lines}
    assert ends == {"2": (Decimal("0.25"), Decimal("0.3")), "0": (Decimal(0), Decimal("0.1"))}
    told = slope_sentence(shown, CONTEXT).replace("\u00a0", " ")
    assert "Nothing is known of 75.0% of the budget in 2025 and of 60.0% in 2026" in told


@pytest.mark.parametrize("values", [[1.0], [1.0, 1.0, 1.0], [0.3, 0.1, 0.11, 0.9, 0.1]])
def test_labels_keep_their_distance_and_their_order(values):
    places = spread(values, [0.1] * len(values))
    ordered = sorted(places)
    assert all(after - before >= 0.1 - 1e-9 for before, after in itertools.pairwise(ordered))
    assert [values[i] for i in np.argsort(places, kind="stable")] == sorted(values)


@pytest.mark.parametrize("values", [[0.3, 0.1, 0.11, 0.9, 0.1], [0.0, 0.05, 0.06, 0.5, 0.52]])
def test_labels_stand_as_near_to_their_points_as_their_heights_let_them(values):
    """Held against a general solver of least squares with the distances as its constraints."""
    heights = [0.1, 0.2, 0.05, 0.1, 0.3]
    order = np.argsort(values, kind="stable")
    gaps = [
        {"type": "ineq", "fun": lambda x, a=a, b=b: x[b] - x[a] - (heights[a] + heights[b]) / 2}
        for a, b in itertools.pairwise(order)
    ]
    best = minimize(lambda x: sum((x - values) ** 2), values, constraints=gaps, method="SLSQP", tol=1e-12)
    assert spread(values, heights) == pytest.approx(best.x, abs=1e-4)


def labels_of(figure, side):
    """Middle and height of the labels of a side in pixels, from the bottom."""
    pixels = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    low, high = figure.layout.yaxis.range
    own = [one for one in figure.layout.annotations if one.yref != "paper" and (one.x > 0.5) == bool(side)]
    return sorted(((one.y - low) / (high - low) * pixels, LINE * (one.text.count("<br>") + 1)) for one in own)


def test_labels_of_several_lines_do_not_touch_each_other_or_leave_the_chart():
    """Ends close to each other, names that need up to four lines, one line that ends far above."""
    names = ("San Juan de Lurigancho", "Ate", "Municipalidad Distrital de San Juan de Miraflores", "Lima Metropolitana")
    lines = [Slope(name, 0.01 * i, 0.3 if i == 0 else 0.01, ("1.0 %", "1.0 %")) for i, name in enumerate(names)]
    figure = slope_figure(("2024", "2026"), lines)
    for side in (0, 1):
        labels = labels_of(figure, side)
        assert len(labels) == len(names)
        for (below, height), (above, other) in itertools.pairwise(labels):
            assert above - below >= (height + other) / 2
        assert labels[0][0] - labels[0][1] / 2 >= 0
        assert labels[-1][0] + labels[-1][1] / 2 <= figure.layout.height


def test_both_ends_of_a_line_carry_its_whole_name_and_value():
    slope = Slope("Villa María del Triunfo", 0.1, 0.2, ("10 %", "20 %"), is_own=True)
    texts = [one.text.replace("<br>", " ") for one in slope_figure(("2024", "2026"), [slope]).layout.annotations]
    assert "Villa María del Triunfo <b>10\N{NO-BREAK SPACE}%</b>" in texts
    assert "Villa María del Triunfo <b>20\N{NO-BREAK SPACE}%</b>" in texts


def test_a_name_is_no_markup():
    texts = [one.text for one in slope_figure(("1", "2"), [Slope("<b>A & B", 0.1, 0.2, ("", ""))]).layout.annotations]
    assert any(text.startswith("&lt;b>A &amp; B") for text in texts)
