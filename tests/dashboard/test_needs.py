"""Gaps between women and men: what is computed, what is protected, what is said and written out."""

from __future__ import annotations

import csv
import dataclasses
import io
import math

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete

from budget_model.errors import AccessError, NotFoundError
from dashboard.context import PageContext
from dashboard.pages import needs as page
from dashboard.services.findings import Findings, Gap, SexFigure
from dashboard.services.needs import latest_round
from dashboard.services.overview import NeedAndMoney
from dashboard.services.protection import Reader
from dashboard.views.needs import disadvantage_of_women, mean_row, needs_view
from dashboard.views.overview import needs_finding
from data.store.figures import rounds_without_protection
from data.store.tables import PublishedFigure


def find(services, context, **options):
    return services.needs.findings(context.user, context.site, **options)


def by_code(findings):
    return {gap.code: gap for gap in findings.gaps}


def make_gap(women, men, direction="down", error=None):
    def side(value):
        return SexFigure(value, standard_error=error, persons=500)

    return Gap("X", {"es": "x"}, "health", direction, False, False, "", side(women), side(men))


def test_the_gap_is_women_minus_men(services, see):
    gap = by_code(find(services, see()))["WATER"]
    assert gap.gap == pytest.approx(0.10)  # 0.30 - 0.20
    assert gap.lacking == pytest.approx(500)  # 300 women and 200 men of 1,000 each
    assert gap.disadvantaged == "women"


def test_where_higher_is_better_the_lower_side_is_worse_off():
    assert make_gap(0.4, 0.6, direction="up").disadvantaged == "women"
    assert disadvantage_of_women(make_gap(0.4, 0.6, direction="up")) == pytest.approx(0.2)
    assert make_gap(0.4, 0.6).disadvantaged == "men"


def test_there_is_no_disadvantage_when_groups_are_equal():
    gap = make_gap(0.5, 0.5)
    assert gap.disadvantaged is None
    assert gap.is_more_than_noise is False


def test_a_gap_of_a_sample_counts_only_beyond_its_interval():
    """se of the gap = sqrt(0.02² + 0.02²) = 0.0283; 1.96 × 0.0283 = 0.0554."""
    assert make_gap(0.30, 0.25, error=0.02).is_more_than_noise is False
    assert make_gap(0.30, 0.24, error=0.02).is_more_than_noise is True
    assert make_gap(0.30, 0.24, error=0.02).standard_error == pytest.approx(math.sqrt(0.0008))


def test_any_gap_of_a_full_count_is_real():
    assert make_gap(0.300, 0.299).is_more_than_noise is True


def test_sensitive_indicators_are_never_for_the_public_nor_below_the_municipality():
    official, public = Reader(is_public=False), Reader(is_public=True)
    assert official.may_see_indicator(is_sensitive=True, area_level=0)
    assert not official.may_see_indicator(is_sensitive=True, area_level=1)
    assert not public.may_see_indicator(is_sensitive=True, area_level=0)


def test_the_public_sees_neither_sensitive_indicators_nor_small_cells(services, see):
    public, official = by_code(find(services, see(None))), by_code(find(services, see()))
    assert "IPV12" in official
    assert "IPV12" not in public
    assert official["RARE"].women.lacking == pytest.approx(4)
    assert public["RARE"].women == SexFigure.suppressed(20)
    assert public["RARE"].men.lacking == pytest.approx(20)  # a rounded count: women's cannot be had from the total
    assert public["WATER"].women.lacking == pytest.approx(300)


def test_who_sees_no_figures_is_told_why_and_who_can_change_it_is_told_how(services, see, monkeypatch):
    assert "not been made" not in str(page.layout(services, see(None, language="en")))
    nothing = Findings(None, None, (), (), True)
    monkeypatch.setattr(type(services.needs), "unprotected", lambda *_: ("2026-1",))
    monkeypatch.setattr(type(services.needs), "findings", lambda *_: nothing)
    told = str(page.layout(services, see(None, language="en")))
    assert "Survey round 2026-1 is published, but its figures for the public have not been made yet" in told
    official = str(page.layout(services, see(language="en")))
    assert "indicators publish valle 2026-1" in official


def test_sectors_are_for_those_who_work_with_them(services, see):
    with pytest.raises(AccessError):
        find(services, see(None), area_code="S1")
    with pytest.raises(AccessError):
        find(services, see("beto"), area_code="S1")
    assert [area.code for area in find(services, see(None)).areas] == ["valle"]
    sector = find(services, see(), area_code="S1")
    assert sector.area.name == "Sector S1"
    assert "IPV12" not in by_code(sector)


def test_an_area_of_another_site_is_not_found(services, see):
    with pytest.raises(NotFoundError):
        find(services, see(), area_code="pampa")


def test_an_indicator_that_concerns_one_sex_has_no_gap_and_no_zero(services, see):
    gap = by_code(find(services, see()))["IPV12"]
    assert gap.men is None
    assert gap.gap is None
    view = needs_view(find(services, see()), "violence", see())
    assert view.one_sided == ("Violencia de pareja",)
    assert view.table[0][2] == "no se aplica"
    assert view.table[0][5] == "–"


def test_womens_greatest_disadvantage_comes_first(services, see):
    labels = [row.label for row in needs_view(find(services, see()), None, see()).chart_rows]
    assert labels == [
        "Personas sin agua segura",  # +10 points
        "Personas que no saben leer",  # +4
        "Personas con algo raro",  # -1.6
        "Personas sin seguro de salud",  # -10
    ]


def test_the_finding_names_the_widest_gap_and_counts_both_sides(services, see):
    english = see(language="en")
    assert needs_view(find(services, english), None, english).finding == (
        "Widest gap: People without safe water, 30.0% of women and 20.0% of men. "
        "Indicators in which women are worse off: 2; men: 2; about equal or too uncertain to tell: 0."
    )


def test_intervals_stand_where_there_is_a_sample_and_only_there(services, see):
    sample = see("beto", slug="pampa")
    row = needs_view(find(services, sample), "water", sample).table[0]
    assert row[1] == "30.0\u00a0% (26.1–33.9)"
    census = needs_view(find(services, see()), "water", see()).table[0]
    assert census[1] == "30.0\u00a0%"


def test_means_keep_their_unit_and_stay_out_of_the_chart_of_shares(services, see):
    view = needs_view(find(services, see()), "care", see())
    assert view.chart_rows == ()
    assert view.mean_header == ("Indicador", "Unidad", "Mujeres", "Hombres", "Brecha (mujeres − hombres)")
    assert view.mean_table == (("Horas de trabajo no remunerado", "horas por semana", "38.50", "15.25", "+23.250"),)


def test_a_mean_without_a_stated_unit_says_so():
    gap = dataclasses.replace(make_gap(38.5, 15.25), is_mean=True)
    english = PageContext("en")
    assert mean_row(gap, True, english) == ("x", "unit not stated", "38.50", "15.25", "+23.250")
    assert mean_row(dataclasses.replace(gap, unit={"en": "days"}), True, english)[1] == "days"


def test_files_say_the_unit_of_every_indicator_and_hold_every_decimal(services, see):
    text = page.RESOURCES["needs.csv"](services, see(language="en")).content.decode("utf-8-sig")
    rows = {row[0]: row for row in csv.reader(io.StringIO(text)) if row}
    assert (rows["UNPAID"][4], rows["WATER"][4]) == ("hours a week", "share 0–1")
    gap = by_code(find(services, see()))["WATER"]
    assert float(rows["WATER"][17]) == gap.gap  # to the last bit
    assert "full precision" in text


def test_the_file_says_site_filters_period_source_and_that_it_is_synthetic(services, see):
    resource = page.RESOURCES["needs.csv"](services, see(dimension="water"))
    text = resource.content.decode("utf-8-sig")
    assert resource.download_name == "valle-necesidades.csv"
    for part in ("# Sitio: Valle Sintético", "DATOS SINTÉTICOS", "# Dimensión: Agua", "2026-1", "93.0\u00a0%"):
        assert part in text
    rows = list(csv.reader(io.StringIO(text)))
    water = next(row for row in rows if row and row[0] == "WATER")
    assert [float(water[5]), float(water[10])] == [0.3, 300.0]
    assert not any(row and row[0] == "ILLIT" for row in rows)


def test_the_workbook_holds_numbers_as_numbers(services, see):
    resource = page.RESOURCES["needs.xlsx"](services, see(language="en"))
    sheet = load_workbook(io.BytesIO(resource.content))["Needs"]
    rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
    assert rows["WATER"][5] == pytest.approx(0.3)
    assert rows["IPV12"][11] is None  # men were not asked


def test_the_public_file_marks_small_cells_and_keeps_the_other_sex(services, see):
    text = page.RESOURCES["needs.csv"](services, see(None, language="en")).content.decode("utf-8-sig")
    rows = {row[0]: row for row in csv.reader(io.StringIO(text)) if row}
    assert rows["RARE"][5:11] == ["protected: fewer than about 20 persons", "", "", "", "", ""]
    assert float(rows["RARE"][16]) == pytest.approx(20)
    assert "IPV12" not in rows


def test_the_public_page_says_why_a_figure_is_missing_and_what_protects_the_others(services, see):
    public = str(page.layout(services, see(None, language="en", dimension="health")))
    assert "protected: fewer than about 20 persons" in public
    assert "fewer than about 20 persons are behind the figure: People with something rare" in public
    assert "Counts are rounded in small areas and added up" in public


def test_officials_see_exact_figures_in_sectors_too(services, see):
    gap = by_code(find(services, see(), area_code="S1"))["RARE"]
    assert gap.women.lacking == pytest.approx(2)  # 0.004 of 500


def test_a_round_without_published_figures_is_not_for_the_public(services, store, see):
    site_id = see().site.id
    with store.factory() as session:
        session.execute(delete(PublishedFigure))
        assert latest_round(session, site_id, Reader(is_public=True)) is None
        assert rounds_without_protection(session, site_id) == ("2026-1",)
        assert latest_round(session, site_id, Reader(is_public=False)) is not None
        session.rollback()
        assert rounds_without_protection(session, site_id) == ()


def test_a_site_without_indicators_says_what_is_missing(services, see, monkeypatch):
    empty = find(services, see())
    empty = type(empty)(None, None, (), (), False)
    monkeypatch.setattr(type(services.needs), "findings", lambda *_: empty)
    assert "Todavía no hay indicadores" in str(page.layout(services, see()))


def test_the_overview_compares_shares_and_not_heads():
    """100 of 1,000 women (10 %) and 60 of 400 men (15 %): more women in number, more men in proportion."""

    def gap(women: float, men: float, error: float | None = None) -> Gap:
        sides = (SexFigure(women, error, universe=1000.0, lacking=1000 * women),)
        sides += (SexFigure(men, error, universe=400.0, lacking=400 * men),)
        return Gap("X", {"es": "x"}, "health", "down", False, False, "", *sides)

    def finding(*gaps: Gap) -> str:
        return needs_finding([NeedAndMoney(one, ()) for one in gaps], PageContext("en"))

    assert finding(gap(0.10, 0.15)) == (
        "Of the 1 greatest needs, by share of each group: more common among women 0, among men 1, "
        "about equal or too uncertain to tell 0."
    )
    assert "among women 1, among men 1, about equal" in finding(gap(0.10, 0.15), gap(0.15, 0.10))
    by_chance = gap(0.15, 0.12, error=0.02)  # 3 points, 5.5 could be chance
    alike = gap(0.1494, 0.1491)  # both 14.9 %, though nobody was left out
    assert "among women 0, among men 0, about equal or too uncertain to tell 2" in finding(by_chance, alike)
