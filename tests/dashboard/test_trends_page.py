"""Trends: years of a site that can be worked out by hand, other sites for those who may see them, a price index."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest

from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.prices import find_levels
from data.store.sites import load_site
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.dashboard.test_statement_page import PRINCIPAL
from tests.dashboard_seed import add_user, make_store
from tests.store_builders import budget_row
from tests.support import store_fingerprint


@pytest.fixture
def own_store(tmp_path):
    """`valle`: health counts in 2026 (approved as principal), is untagged in 2025; `pampa` has a line of 2026."""
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "dora", "Dora Luna", "official", load_site(session, "valle").id)
        add_user(session, "unifem", "Monitoreo", "monitor", None)
        save_lines(session, load_site(session, "pampa").id, "test", [budget_row("p", 2026, pim=Decimal(1000))])
    line = (made.factory, "valle", 2026, "20-1")
    propose_tag(*line, PRINCIPAL, "Plan", "ana")
    review_tag(*line, "dora")
    approve_tag(*line, "dora")
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, search=""):
    answer = visitor.open("/es/valle/trends", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def test_no_change_is_told_from_a_year_without_tags(visit_own):
    text = shown(visit_own("ana"))
    assert "pasó de S/ 400,000 en 2025 a S/ 450,000 en 2026" in text  # one taxonomy: the tag of 2026 in both years
    assert "En 2025 mismo no hay nada etiquetado" in text
    assert "No hay nada etiquetado de 2025" in text
    for amount in ("+S/ 450,000.50", "+S/ 50,000.50", "+S/ 400,000.00"):  # as if 2025 had been 0
        assert amount not in text


def test_the_sentence_begins_with_the_first_year_of_which_something_is_known(visit_own, own_store):
    with transaction(own_store.factory) as session:  # 2020: a line that no other year has, untagged
        site = load_site(session, "valle").id
        save_lines(session, site, "test", [budget_row("gone-since", 2020, pim=Decimal(7_000_000))])
    text = shown(visit_own("ana"))
    assert "pasó de S/ 400,000 en 2025 a S/ 450,000 en 2026" in text
    assert "pasó de – en" not in text


def test_a_year_leads_to_its_lines_and_its_counted_money_to_its_statement(visit_own):
    text = shown(visit_own("ana"))
    assert '"href": "/es/valle/review?year=2026"' in text
    assert '"href": "/es/valle/statement?year=2026&scheme=eu_eige&stage=pim"' in text


def test_a_year_without_tags_is_a_dash_and_not_0(visit_own):
    answer = visit_own("ana").get("/en/valle/trends/trends.csv?scheme=eu_eige&stage=pim")
    rows = [row.split(",") for row in answer.data.decode("utf-8-sig").splitlines()]
    year = next(row for row in rows if row[0] == "2025")
    assert year[2:4] == ["", ""]  # as tagged, share
    assert Decimal(year[4]) == 400000  # one taxonomy


def test_other_municipalities_are_shown_to_those_who_may_see_them_alone(visit_own):
    assert "Pampa de Muestra" not in shown(visit_own("ana"))
    assert "Pampa de Muestra" in shown(visit_own("unifem"))
    assert visit_own(None).get("/es/valle/trends").status_code == 302


def test_a_price_index_of_the_site_makes_amounts_real_and_an_unsound_one_changes_nothing(visit_own, own_store):
    ana = visit_own("ana")
    assert "El índice de precios no tiene ninguno de estos años" in shown(ana)

    def send(text, source="INEI"):
        fields = {"csrf_token": ana.token(), "index": text, "source": source}
        return ana.client.post("/es/valle/trends/index", data=fields).location

    before = store_fingerprint(own_store.factory.kw["bind"])
    assert send("year,index\n2025,x").endswith("refused=index_row")
    assert send("year,index\n2025,100", " ").endswith("refused=index_source")
    assert store_fingerprint(own_store.factory.kw["bind"]) == before
    assert "Corrija las líneas" in shown(ana, "?refused=index_row")
    send("year,index\n2025,100\n2026,125")
    text = shown(ana)
    assert "a precios de 2026" in text
    assert "S/ 500,000.00" in text  # 400,000 of 2025 x 125 / 100
    with own_store.factory() as session:
        assert find_levels(session, load_site(session, "valle").id) == (
            {2025: Decimal(100), 2026: Decimal(125)},
            "INEI",
        )


def test_amounts_per_woman_and_person_need_the_population_of_their_own_year(visit_own, own_store):
    ana = visit_own("ana")
    assert "Aquí no se tiene la población por sexo" in shown(ana)

    def send(text, source="INEI, proyecciones"):
        fields = {"csrf_token": ana.token(), "population": text, "source": source}
        return ana.client.post("/es/valle/trends/population", data=fields).location

    assert send("year,women,men\n2026,x,1").endswith("refused=population_row")
    assert send("year,women,men\n2026,1,1", " ").endswith("refused=population_source")
    assert "en números enteros" in shown(ana, "?refused=population_row")
    send("year,women,men\n2026,5000,3000")
    text = shown(ana)
    assert "No se tiene la población de 2025" in text
    assert "S/ 125.00" in text  # the whole budget of 2026, 1,000,000, over 8,000
    assert "INEI, proyecciones" in text
    carla = visit_own("carla")
    fields = {"csrf_token": carla.token(), "population": "year,women,men\n2026,1,1", "source": "x"}
    assert carla.client.post("/es/valle/trends/population", data=fields).status_code == 403


def test_a_monitor_keeps_no_index(visit_own):
    carla = visit_own("carla")
    fields = {"csrf_token": carla.token(), "index": "year,index\n2025,100", "source": "x"}
    assert carla.client.post("/es/valle/trends/index", data=fields).status_code == 403


def test_counted_money_that_is_spent_slower_than_the_rest_is_an_alert(visit_own, own_store):
    assert "se devengó el 66.7 % del dinero que cuenta; del resto, el 54.5 %" not in shown(visit_own("ana"))
    with transaction(own_store.factory) as session:
        row = budget_row(
            "20-1", 2026, labels={"activity": "Salud"}, pia=Decimal(100), pim=Decimal(100), accrued=Decimal(1)
        )
        save_lines(session, load_site(session, "valle").id, "test", [row])
    assert "se devengó el 1.0 % del dinero que cuenta; del resto, el 54.5 %" in shown(visit_own("ana"))


def test_small_charts_stand_beside_each_other_for_those_who_see_several_municipalities(visit_own):
    text = shown(visit_own("unifem"))
    assert text.count("data:image/svg+xml") == 2  # both municipalities, on one scale
    assert "En 2026 Valle Sintético tiene" in text  # of the other nothing is tagged
    assert "De 1 municipalidad no se conoce, que no es 0." in text
    assert "data:image/svg+xml" not in shown(visit_own("ana"))  # one municipality: nothing to hold beside it


def tag_health_of_2025(store):
    line = (store.factory, "valle", 2025, "20-1")
    propose_tag(*line, PRINCIPAL, "Plan", "ana")
    review_tag(*line, "dora")
    approve_tag(*line, "dora")


def stage_rows(visitor):
    """Cells of the table of stages by year and part."""
    found: dict[tuple[str, ...], list[str]] = {}
    for table in re.findall(r'"data-table": ("(?:[^"\\]|\\.)*")', shown(visitor)):
        rows = json.loads(json.loads(table))["rows"]
        found |= {tuple(row[:2]): row[2:] for row in rows if row[1] in ("Cuenta", "El resto")}
    return found


def test_stages_of_what_counts_stand_beside_the_rest_and_a_year_without_tags_has_no_rest(visit_own):
    """2026: health 400,000.00 → 450,000.50 → 300,000.00 accrued (66.7 %); the seed says nothing of what was paid."""
    rows = stage_rows(visit_own("ana"))
    assert rows["2026", "Cuenta"] == ["S/ 400,000.00", "S/ 450,000.50", "S/ 300,000.00", "–", "66.7 %"]
    assert rows["2026", "El resto"][-1] == "54.5 %"
    assert rows["2025", "Cuenta"] == ["–"] * 5
    assert rows["2025", "El resto"] == ["–"] * 5


def test_no_slope_from_a_year_without_tags_and_one_by_class_when_both_years_have_them(visit_own, own_store):
    """Health is 400,000 of 900,000 (44.4 %) and then 450,000.50 of 1,000,000 (45.0 %): 0.56 points more."""
    assert "trends-slope-chart" not in shown(visit_own("ana"))
    tag_health_of_2025(own_store)
    text = shown(visit_own("ana"))
    assert "trends-slope-chart" in text
    assert "De 2025 a 2026 la parte subió en 1 y bajó en 0 de 1" in text
    assert "+0.56" in text
    assert "44.4 %" in text


def test_the_execution_of_the_rest_is_a_dash_where_nothing_of_the_year_is_tagged(visit_own):
    answer = visit_own("ana").get("/en/valle/trends/trends.csv?scheme=eu_eige&stage=pim")
    rows = [row.split(",") for row in answer.data.decode("utf-8-sig").splitlines()]
    year = next(row for row in rows if row[0] == "2025")
    assert year[7:9] == ["", ""]
    year = next(row for row in rows if row[0] == "2026")
    assert all(year[7:9])


def test_the_year_of_the_alerts_can_be_chosen_and_a_year_without_tags_is_not_called_quiet(visit_own):
    ana = visit_own("ana")
    newest, untagged = shown(ana), shown(ana, "?year=2025")
    assert "year=2025#trends-alerts" in newest
    assert "Las reglas que se pudieron aplicar no encontraron nada en 2026." in newest
    assert "Ninguna regla se pudo aplicar a 2025" in untagged
    assert "year=2026#trends-alerts" in untagged
