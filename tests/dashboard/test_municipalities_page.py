"""Municipalities compared: a public ranking, files by those who monitor, and nothing stored of a refused one."""

from __future__ import annotations

import io
import json
import re

import pytest

from data.store.engine import transaction
from data.store.sites import load_site
from data.workflows.municipalities import import_budgets
from tests.dashboard_seed import add_user, make_store
from tests.data.test_municipalities import HEADER, ROWS, query_page
from tests.support import store_fingerprint


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "unifem", "Monitoreo", "monitor", None)
        load_site(session, "valle").official_code = "150142"
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, search=""):
    answer = visitor.open("/es/valle/municipalities", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def test_the_public_reads_where_its_municipality_stands(visit_own, own_store, tmp_path):
    assert "Todavía no hay presupuestos" in shown(visit_own(None))
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    text = shown(visit_own(None))
    assert (
        "Villa El Salvador (Lima, Lima) tiene 75.0 %: puesto 1 desde el más alto" in text
    )  # 150 of 200; Lima 500 of 2,000
    assert "la mitad de las 2 municipalidades tiene como máximo 25.0 %" in text
    assert "Traer presupuestos" not in text


def test_one_municipality_is_shown_over_its_years(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, ROWS[0], ROWS[0].replace("2024,", "2023,", 1)), "test")
    text = shown(visit_own(None), "?municipality=150142-301291")
    assert "Años de MUNICIPALIDAD DISTRITAL DE VILLA EL SALVADOR" in text
    assert "Aquí no hay una municipalidad" in shown(visit_own(None), "?municipality=999999-1")


def test_the_file_has_every_municipality_and_refuses_what_it_does_not_know(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    page = "/en/valle/municipalities/municipalities.csv"
    text = visit_own(None).get(f"{page}?year=2024&by=execution").data.decode("utf-8-sig")
    assert text.index("150142-301291") < text.index("150101-301250")
    assert visit_own(None).get(f"{page}?by=execution&year=1999").status_code == 400
    assert visit_own(None).get(f"{page}?sector=1").status_code == 400


def post(visitor, text, name="consulta.csv"):
    fields = {"csrf_token": visitor.token(), "file": (io.BytesIO(text.encode()), name)}
    headers = {"Origin": "http://localhost"}
    return visitor.client.post("/es/valle/municipalities/budgets", data=fields, headers=headers)


def test_those_who_monitor_bring_files_in_and_a_refused_one_changes_nothing(visit_own, own_store):
    engine = own_store.factory.kw["bind"]
    monitor = visit_own("unifem")
    assert "Traer presupuestos" in shown(monitor)
    before = store_fingerprint(engine)
    refused = post(monitor, f"{HEADER}\n{ROWS[0].replace('200', 'dos')}\n")
    assert refused.status_code == 400
    assert "No se guardó nada" in refused.text
    assert "línea 2" in refused.text
    assert store_fingerprint(engine) == before
    assert post(monitor, "\n".join([HEADER, *ROWS])).status_code == 303
    assert "puesto 1" in shown(monitor)


def test_an_official_of_a_site_cannot_replace_what_all_sites_read(visit_own, own_store):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    assert post(ana, "\n".join([HEADER, *ROWS])).status_code == 403
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_the_ribbon_of_a_demonstration_site_calls_real_budgets_real(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    page = visit_own(None).get("/es/valle/municipalities").text
    assert "Las cifras de esta página son reales" in page
    assert "Ninguna cifra describe" not in page
    assert "Las cifras de esta página son reales" not in visit_own(None).get("/es/valle/needs").text


def test_a_measure_of_lines_says_of_how_many_municipalities_nothing_is_known(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    text = shown(visit_own(None), "?by=counted_share")
    assert "líneas de 0 de 2 municipalidades" in text
    assert "eso no es 0 %" in text


def test_without_women_in_the_source_there_is_no_figure_for_each_woman(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    assert "No se guardan habitantes que distingan mujeres y hombres" in shown(visit_own(None), "?by=budget_per_woman")


def test_real_prices_that_the_index_lacks_are_not_made_up(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    text = shown(visit_own(None), "?by=budget_per_person&prices=real")
    assert "no hay montos reales, y no se inventan" in text


def test_the_way_down_leads_from_the_department_to_the_province_and_the_file_has_the_same(
    visit_own, own_store, tmp_path
):
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS), "test")
    text = shown(visit_own(None), "?department=LIMA")
    assert "Las provincias de Lima a lo largo de los años" in text
    assert "municipalities-province" in text
    assert "Las municipalidades de Lima" in shown(visit_own(None), "?department=LIMA&province=LIMA")
    page = "/en/valle/municipalities/municipalities.csv?year=2024&department=LIMA"
    rows = visit_own(None).get(page).data.decode("utf-8-sig")
    assert "LIMA,LIMA,LIMA,0.2954545" in rows  # Places: 650 of 2,200
    assert visit_own(None).get(f"{page}&province=CANTA").status_code == 400


def test_a_name_that_a_spreadsheet_would_run_stays_text(visit_own, own_store, tmp_path):
    import_budgets(own_store.factory, query_page(tmp_path, ROWS[1].replace("MUNICIPALIDAD METROPOLITANA", "=1+1")), "t")
    text = visit_own(None).get("/en/valle/municipalities/municipalities.csv").data.decode("utf-8-sig")
    assert "'=1+1" in text


def drawn_places(text):
    """The dots of every small chart of a page: a place a year, None where there is none."""
    found = [
        one.encode().decode("unicode_escape") for one in re.findall(r'"data-small-charts": "((?:[^"\\]|\\.)*)"', text)
    ]
    return [chart["places"] for content in found for chart in json.loads(content)["charts"]]


def test_a_year_that_had_not_ended_is_not_drawn_by_what_grows_until_it_ends(visit_own, own_store, tmp_path):
    # All together 650 of 2,200 (29.5 %) in 2024, 15 of 2,200 (0.7 %) in 2025: more than a quarter apart.
    later = [
        row.replace("2024,", "2025,", 1).replace(f'"{accrued}"', f'"{now}"')
        for row, accrued, now in zip(ROWS, ("150", "500"), ("5", "10"), strict=True)
    ]
    import_budgets(own_store.factory, query_page(tmp_path, *ROWS, *later), "test")
    text = shown(visit_own(None), "?by=execution&year=2024")
    assert "No se dibuja 2025: probablemente no había terminado" in text
    assert "2024: 29.5 % · 2025 (sin terminar): 0.7 %" in text
    assert "En 2024 Lima tiene 29.5 %." in text
    assert next([at is None for at in places] for places in drawn_places(text)) == [False, True]
    budget = shown(visit_own(None), "?by=revision&year=2024")
    assert "No se dibuja" not in budget
    assert next([at is None for at in places] for places in drawn_places(budget)) == [False, False]
