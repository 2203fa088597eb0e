"""Overview, budget and programmes: amounts to the cent, what is linked to needs, assumptions marked."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from budget_model.errors import AccessError
from dashboard.pages import budget as budget_page_module
from dashboard.pages import overview as overview_page
from dashboard.pages import programmes as programmes_page
from dashboard.views.budget import budget_page
from dashboard.views.overview import overview_view
from dashboard.views.programmes import is_assumption, programmes_view
from dashboard.views.words import sentence_case


def test_totals_by_year_are_exact(services, see):
    context = see()
    found = services.budget.budget(context.user, context.site)
    assert [(t.year, t.line_count, t.amounts["pim"], t.amounts["accrued"]) for t in found.years] == [
        (2025, 2, Decimal("900000.00"), Decimal("840000.10")),
        (2026, 2, Decimal("1000000.00"), Decimal("600000.00")),
    ]
    assert found.year == 2026


def test_a_stage_that_the_source_lacks_is_missing_and_not_zero(services, see):
    context = see()
    found = services.budget.budget(context.user, context.site)
    assert found.years[0].amounts["paid"] is None
    assert "–" in budget_page(found, context).table[0]


def test_parts_add_up_to_the_year_and_show_execution(services, see):
    context = see()
    found = services.budget.budget(context.user, context.site, 2026, "function")
    assert sum(part.amounts["pim"] for part in found.parts) == found.years[1].amounts["pim"]
    sanitation = found.parts[0]
    assert sanitation.label == "Saneamiento"
    assert float(sanitation.execution_rate) == pytest.approx(300000 / 549999.50)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("PROTECCIÓN SOCIAL", "Protección social"),
        ("23: PROTECCIÓN SOCIAL", "23: Protección social"),
        ("ÓRDEN PÚBLICO", "Órden público"),
        ("Saneamiento", "Saneamiento"),
        ("SIS", "SIS"),
        ("0001", "0001"),
    ],
)
def test_a_function_in_capitals_is_shown_as_a_sentence(stored, shown):
    assert sentence_case(stored) == shown


def test_an_unknown_year_or_label_falls_back_to_the_last_year_and_the_function(services, see):
    context = see()
    found = services.budget.budget(context.user, context.site, 1999, "nothing")
    assert (found.year, found.label_key) == (2026, "function")


def test_gender_share_is_what_the_lines_state(services, see):
    """One line with 300,000 accrued and a share of 0.5."""
    context = see()
    found = services.budget.budget(context.user, context.site, 2026)
    assert (found.gender.full, found.gender.weighted) == (Decimal("300000.00"), Decimal("150000.00"))
    without = services.budget.budget(context.user, context.site, 2025)
    assert without.gender is None
    assert "Ninguna línea" in budget_page(without, context).gender


def test_budget_and_programmes_refuse_the_stranger_before_they_admit_the_monitor(services, see):
    for service in (services.budget.budget, services.programmes.programmes):
        with pytest.raises(AccessError):
            service(see(None).user, see().site)
        assert service(see("carla").user, see().site)


def test_the_budget_file_is_exact_to_the_cent(services, see):
    resource = budget_page_module.RESOURCES["budget.csv"](services, see(language="en"))
    rows = list(csv.reader(io.StringIO(resource.content.decode("utf-8-sig"))))
    assert next(row for row in rows if row and row[0] == "2025")[3] == "900000.00"
    assert any("SYNTHETIC DATA" in row[0] for row in rows if row)


def test_a_site_without_lines_says_how_to_get_them(services, see):
    text = str(budget_page_module.layout(services, see("beto", slug="pampa")))
    assert "Archivos de presupuesto" in text


def test_money_of_a_programme_is_its_share_of_its_lines(services, see):
    """network: 0.4 of 549,999.50; clinic: 0.2 of 450,000.50; park: 0.1 of 450,000.50."""
    context = see()
    money = {p.code: p.baseline for p in services.programmes.programmes(context.user, context.site).programmes}
    assert money == {"network": Decimal("219999.80"), "clinic": Decimal("90000.10"), "park": Decimal("45000.05")}


def test_the_linked_share_counts_programmes_that_serve_a_need(services, see):
    """network 219,999.80 + clinic 90,000.10 of 1,000,000; the park serves no need."""
    context = see()
    found = services.overview.overview(context.user, context.site)
    assert found.linked == Decimal("309999.90")
    assert found.linked_share == Decimal("0.3099999")
    assert [need.gap.code for need in found.unserved] == ["IPV12", "ILLIT", "RARE"]


def test_needs_are_ranked_by_persons(services, see):
    context = see()
    found = services.overview.overview(context.user, context.site)
    # 250+350, 300+200, 400 women, 60+20, 4+20
    assert [(n.gap.code, round(n.gap.lacking)) for n in found.needs] == [
        ("HINS", 600),
        ("WATER", 500),
        ("IPV12", 400),
        ("ILLIT", 80),
        ("RARE", 24),
    ]


def test_the_overview_says_it_in_words(services, see):
    context = see(language="en")
    view = overview_view(services.overview.overview(context.user, context.site), context)
    assert view.lead == (
        "The need that affects most people: People without health insurance (600 people).",
        "Of the budget, S/\u00a0310,000 (31.0%) goes to programmes that serve a measured need.",
        "3 needs are served by no programme.",
    )
    assert view.unserved[0] == "Partner violence: 400 women"


def test_the_public_overview_has_neither_sensitive_needs_nor_small_cells(services, see):
    context = see(None)
    view = overview_view(services.overview.overview(context.user, context.site), context)
    shown = str(view)
    assert "Violencia de pareja" not in shown
    assert "algo raro" not in shown
    assert "Personas sin agua segura" in shown


def test_a_site_with_a_survey_but_no_programmes_shows_the_needs_and_says_what_is_missing(services, see):
    text = str(overview_page.layout(services, see("beto", slug="pampa")))
    assert "No se ha registrado ningún programa" in text
    assert "Las mayores necesidades" in text


@pytest.mark.parametrize(
    ("source", "expected"), [("assumption: x", True), ("Supuesto", True), ("", True), ("ENAHO 2019", False)]
)
def test_what_has_no_source_is_an_assumption(source, expected):
    assert is_assumption(source) is expected


def test_assumptions_are_marked_and_counted(services, see):
    context = see(language="en")
    view = programmes_view(services.programmes.programmes(context.user, context.site), context)
    facts = [fact for group in view.groups for p in group.programmes for fact in p.facts]
    assert sum(fact.is_assumption for fact in facts) == 6  # unit cost and capacity of three programmes
    assert view.summary == "3 programmes with 15 parameters, 6 of them assumptions (marked)."
    assert str(programmes_page.layout(services, context)).count('"word":"assumption"') == 8  # and two links


def test_locked_programmes_say_by_what(services, see):
    context = see(language="en")
    assert "locked: Law 12345" in str(programmes_page.layout(services, context))
