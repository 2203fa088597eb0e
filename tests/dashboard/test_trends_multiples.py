"""Small charts of municipalities: one scale, the order of the last year, gaps where nothing is known."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace

from dashboard.context import PageContext
from dashboard.figures.small_multiple_svg import HEIGHT, MARGIN, WIDTH, small_multiple_svg
from dashboard.figures.time_marks import TimeMark
from dashboard.views.trends_multiples import small_charts, small_charts_rows, small_charts_sentence
from dashboard.views.trends_ranking import ranking, ranking_cells, ranking_sentence, ranking_year


def year(number, counted, total=100):
    """A year of which `counted` of 100 counts; None: nothing is tagged."""
    return SimpleNamespace(year=number, share=None if counted is None else Decimal(counted) / total)


def trend(name, *years):
    return SimpleNamespace(slug=name.lower(), name=name, years=years)


def view(own, *others):
    return SimpleNamespace(own=own, sites=(own, *others))


FOUND = view(
    trend("Ate", year(2024, 10), year(2025, None), year(2026, 12)),
    trend("Breña", year(2025, 8), year(2026, 31)),
    trend("Comas", year(2024, 5), year(2025, None)),
)


def test_every_chart_has_every_year_and_one_scale_up_to_the_next_five_percent():
    shown = small_charts(FOUND)
    assert shown.years == (2024, 2025, 2026)
    assert shown.top == Decimal("0.35")  # the largest share is 31 %
    assert [(one.name, one.newest) for one in shown.charts] == [
        ("Breña", Decimal("0.31")),
        ("Ate", Decimal("0.12")),
        ("Comas", None),
    ]
    assert shown.charts[1].shares == (Decimal("0.1"), None, Decimal("0.12"))


def test_the_sentence_names_both_ends_and_those_of_which_nothing_is_known():
    told = small_charts_sentence(small_charts(FOUND), PageContext("en")).replace("\u00a0", " ")
    assert "In 2026 the share that counts goes from 12" in told
    assert "(Ate) to 31" in told
    assert "Of 1 municipality it is unknown, which is not 0." in told
    nothing = view(trend("Ate", year(2026, None)), trend("Comas", year(2026, None)))
    assert "none of the 2 municipalities" in small_charts_sentence(small_charts(nothing), PageContext("en"))
    assert small_charts(nothing).top == Decimal("0.05")  # a scale all the same


def test_the_table_writes_a_dash_for_what_is_unknown_and_never_0():
    rows = small_charts_rows(small_charts(FOUND), PageContext("en"))
    assert rows[2][0] == "Comas"
    assert rows[2][2:] == ["–", "–"]


def test_no_line_goes_over_an_unknown_year_and_a_zero_is_drawn_on_the_ground():
    svg = small_multiple_svg([0.1, None, 0.2, 0.0], 0.2)
    lines = re.findall(r'<polyline points="([^"]+)"', svg)
    assert len(lines) == 1  # 2026 to 2027 alone: the first year has no neighbour
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', svg)
    assert len(dots) == 3
    assert float(dots[1][1]) == MARGIN  # the top of the scale
    assert float(dots[2][1]) == HEIGHT - MARGIN
    assert float(dots[2][0]) == WIDTH - MARGIN
    assert "circle" not in small_multiple_svg([None, None], 0.2)


def test_sites_are_ranked_in_the_newest_year_that_all_have():
    # Breña has 2025 and 2026, Comas 2024 and 2025, Ate all three: 2025 is the only year of all.
    assert ranking_year(FOUND) == 2025
    assert [(row[0].name, row[1].year) for row in ranking(FOUND)] == [("Breña", 2025), ("Ate", 2025), ("Comas", 2025)]


def test_a_site_without_the_year_is_named_and_stands_last_with_dashes():
    found = view(trend("Ate", year(2026, 1)), trend("Comas", year(2024, 50)))
    assert [(row[0].name, row[1] is None) for row in ranking(found)] == [("Ate", False), ("Comas", True)]
    assert set(ranking_cells(*ranking(found)[1], PageContext("en"))) == {"–"}
    assert "Without this year, which is not 0: Comas." in ranking_sentence(found, PageContext("en"))


def test_a_mark_stands_at_its_point_in_time_with_its_number_above_the_plot():
    marks = [TimeMark(1.0, "1", ["1. x"]), TimeMark(-0.5, "2–3", ["2. y", "3. z"])]
    svg = small_multiple_svg([0.1, 0.2, 0.3], 0.3, marks=marks)
    lines = re.findall(r'<line x1="([\d.]+)" x2="([\d.]+)" y1="0"', svg)
    assert [float(x) for x, _ in lines] == [WIDTH / 2, MARGIN / 2]  # the middle one of three years; the edge
    assert re.findall(r">([^<]+)</text>", svg) == ["1", "2–3"]
    assert f'viewBox="0 -12 {WIDTH} {HEIGHT + 12}"' in svg
    assert f'viewBox="0 0 {WIDTH} {HEIGHT}"' in small_multiple_svg([0.1], 0.3)  # none: the picture as it was
