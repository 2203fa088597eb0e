"""Simulate and Scenarios through the server: pages, files, every callback; the refused before the admitted."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import openpyxl
import pytest
from sqlalchemy import func, select

from budget_model.coverage.scenario import evaluate
from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.app import create_app
from dashboard.auth.person import Person
from dashboard.config import Settings
from dashboard.context import SiteRef
from dashboard.services import Services, Store, make_services
from dashboard.services.scenarios import totals_of
from dashboard.views.scenario_tables import persons
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.tables import AuditEntry, Base, LoginAttempt, Scenario, User
from data.workflows.scenarios import save_scenario
from tests.dashboard.conftest import Visitor, person
from tests.simulate_site import make_simulate_store

ANSWER = "simulate-answer.data"
SAVE = "..simulate-save-message.children...simulate-saved.data.."
PATH = "/es/lomas/simulate"
LOCKED = "p-02"


@pytest.fixture(scope="module")
def lab_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = make_simulate_store(tmp_path_factory.mktemp("simulate"))
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def lab(lab_store: Store) -> Services:
    return make_services(lab_store)


@pytest.fixture(scope="module")
def lab_app(lab_store: Store, lab: Services) -> Any:
    return create_app(Settings(StoreSettings("unused", lab_store.bank_folder), "k" * 40), lab)


@pytest.fixture
def enter(lab_app: Any) -> Callable[[str | None], Visitor]:
    return lambda login: Visitor(lab_app.server.test_client(), login)


@pytest.fixture(scope="module")
def ana(lab: Services) -> Person:
    return person(lab, "ana")


@pytest.fixture(scope="module")
def lomas(lab: Services, ana: Person) -> SiteRef:
    found = lab.sites.find(ana, "lomas")
    assert found
    return found


@pytest.fixture(scope="module")
def sha256(lab: Services, ana: Person, lomas: SiteRef) -> str:
    return lab.simulate.workbench(ana, lomas).loaded.sha256


def released(sha256: str, changes: dict[str, str], sequence: int = 3) -> dict[str, Any]:
    return {"sequence": sequence, "model": sha256, "changes": changes}


def release(visitor: Visitor, data: Any, path: str = PATH) -> Any:
    return visitor.callback(ANSWER, {"simulate-released.data": data}, {"location.pathname": path})


def save(visitor: Visitor, data: Any, name: str | None, note: str = "", path: str = PATH) -> Any:
    state = {
        "simulate-released.data": data,
        "simulate-name.value": name,
        "simulate-note-field.value": note,
        "location.pathname": path,
    }
    return visitor.callback(SAVE, {"simulate-save.n_clicks": 1}, state)


def fingerprint(store: Store) -> list[Any]:
    """Every row of every table; log-ins aside, which the visitors of a test leave behind."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != LoginAttempt.__tablename__]
    with store.factory() as session:
        return [session.execute(select(table).order_by(*table.primary_key.columns)).all() for table in tables]


# ---- doors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["simulate", "scenarios"])
def test_the_page_is_closed_to_strangers_and_foreign_officials_and_open_to_its_own(enter, page):
    assert enter(None).get(f"/es/lomas/{page}").status_code == 302
    assert enter("beto").get(f"/es/lomas/{page}").status_code == 403
    assert enter("carla").get(f"/es/lomas/{page}").status_code == 200
    assert enter("ana").get(f"/es/lomas/{page}").status_code == 200


@pytest.mark.parametrize("name", ["kernel.bin", "areas.json", "scenario.csv", "scenario.xlsx"])
def test_files_are_refused_to_strangers_and_foreign_officials_first(enter, sha256, name):
    assert enter(None).get(f"{PATH}/{name}?model={sha256}").status_code == 302
    assert enter("beto").get(f"{PATH}/{name}?model={sha256}").status_code == 403
    assert enter("ana").get(f"{PATH}/{name}?model={sha256}").status_code == 200


def test_callbacks_are_refused_to_strangers_and_foreign_officials_first(enter, sha256, lab_store):
    data = released(sha256, {})
    assert release(enter(None), data).status_code == 401
    assert "simulate-answer" not in release(enter("beto"), data).text
    before = fingerprint(lab_store)
    assert save(enter(None), data, "Robado").status_code == 401
    assert "Robado" not in save(enter("beto"), data, "Robado").text
    assert (
        save(enter("carla"), data, "De monitora").json.get("response", {}).get("simulate-saved", {}).get("data") is None
    )
    assert fingerprint(lab_store) == before
    assert release(enter("ana"), data).status_code == 200


def test_another_sites_model_is_not_found_here(enter, lab, sha256):
    beto = person(lab, "beto")
    otra = lab.sites.find(beto, "otra")
    foreign = lab.simulate.workbench(beto, otra).loaded.sha256
    assert enter("ana").get(f"{PATH}/kernel.bin?model={foreign}").status_code == 404
    assert enter("ana").get(f"{PATH}/kernel.bin?model=nonsense").status_code == 404
    assert enter("ana").get(f"{PATH}/kernel.bin").status_code == 404
    assert "simulate-answer" not in release(enter("ana"), released(foreign, {})).text


def test_services_check_the_role_themselves(lab, ana, lomas, sha256):
    carla, beto = person(lab, "carla"), person(lab, "beto")
    for refused in (beto,):
        with pytest.raises(AccessError):
            lab.simulate.workbench(refused, lomas)
        with pytest.raises(AccessError):
            lab.simulate.run(refused, lomas, sha256, {})
        with pytest.raises(AccessError):
            lab.scenarios.list(refused, lomas)
    with pytest.raises(AccessError):
        lab.scenarios.save(carla, lomas, sha256, {}, "x", "")


# ---- the answer that counts --------------------------------------------------------------------------------------


def test_a_release_is_answered_with_its_own_number_and_every_cell(enter, lab, ana, lomas, sha256):
    answer = release(enter("ana"), released(sha256, {"p-00": "1000.00"}, 41)).json["response"]["simulate-answer"][
        "data"
    ]
    assert answer["sequence"] == 41
    assert answer["model"] == sha256
    run = lab.simulate.run(ana, lomas, sha256, {"p-00": "1000.00"})
    cells = np.frombuffer(base64.b64decode(answer["cells"]), dtype="<f4").reshape(run.result.coverage.shape)
    expected = evaluate(run.loaded.calibrated, run.result.allocation)
    assert np.nanmax(np.abs(cells - expected)) < 1e-7
    assert np.isnan(cells[3, :, 1]).all()  # men, whom that need does not concern
    assert "Queda por asignar" in answer["sentence"]


def test_the_baseline_gives_the_surveys_coverage(enter, lab, ana, lomas, sha256):
    run = lab.simulate.run(ana, lomas, sha256, {})
    survey = run.loaded.calibrated.survey
    assert np.nanmax(np.abs(run.result.coverage - survey)) < 1e-9


def test_a_locked_line_that_is_posted_all_the_same_is_named_as_a_whole(enter, lab, ana, lomas, sha256):
    """Not by the area where the difference was noticed first, and not by its code."""
    answer = release(enter("ana"), released(sha256, {LOCKED: "1.00"}))
    text = json.dumps(answer.json, ensure_ascii=False)
    model = lab.simulate.workbench(ana, lomas).model
    total = model.baseline[model.programmes.index(LOCKED)].sum()
    number = int(LOCKED.split("-")[1])
    assert f"Programa municipal {number} está bloqueado por ley y se queda en S/\u00a0{total:,.2f}." in text
    assert "Sector" not in text
    assert LOCKED not in text


@pytest.mark.parametrize("sent", [[], "x", 7, [{"model": 1}], {"model": ["a"], "changes": {}}])
def test_a_release_of_another_shape_is_refused_with_a_message_and_not_as_a_fault_of_ours(enter, sent):
    text = json.dumps(release(enter("ana"), sent).json, ensure_ascii=False)
    assert "La solicitud fue rechazada" in text
    assert "Referencia" not in text


@pytest.mark.parametrize(
    "changes", [{LOCKED: "1.00"}, {"p-00": "-5"}, {"nothing": "1"}, {"p-00": "mucho"}, ["p-00"], None, "x"]
)
def test_a_release_that_cannot_be_is_refused_with_a_message(enter, sha256, changes, lab_store):
    before = fingerprint(lab_store)
    answer = release(enter("ana"), {"sequence": 1, "model": sha256, "changes": changes})
    assert "simulate-answer" not in (answer.json or {}).get("response", {})
    assert "shell-message" in answer.text
    assert fingerprint(lab_store) == before


# ---- saving ------------------------------------------------------------------------------------------------------


def test_above_the_total_nothing_is_saved_and_the_sentence_says_by_how_much(enter, sha256, lab_store):
    before = fingerprint(lab_store)
    answer = save(enter("ana"), released(sha256, {"p-05": "5000.00"}), "Demasiado")
    message = json.dumps(answer.json, ensure_ascii=False)
    assert "No se guardó." in message
    assert "Los montos suman S/\u00a05,000.00 más que el total" in message
    assert answer.json["response"]["simulate-saved"]["data"] is None
    assert fingerprint(lab_store) == before


def test_a_moved_locked_line_is_not_saved(enter, sha256, lab_store):
    before = fingerprint(lab_store)
    save(enter("ana"), released(sha256, {LOCKED: "0.00"}), "Sin leche")
    assert fingerprint(lab_store) == before


def test_scenarios_are_saved_listed_opened_and_never_overwritten(enter, lab, ana, lomas, sha256, lab_store):
    visitor, changes = enter("ana"), {"p-00": "1000.00"}
    first = save(visitor, released(sha256, changes), "Plan", "=1+1 nota").json["response"]
    number = first["simulate-saved"]["data"]["id"]
    again = save(visitor, released(sha256, {}), "Plan").json["response"]
    assert again["simulate-saved"]["data"] is None
    assert "«Plan (2)» está libre" in json.dumps(again, ensure_ascii=False)
    with lab_store.factory() as session:
        assert session.scalar(select(func.count()).select_from(Scenario).where(Scenario.name == "Plan")) == 1
        assert (
            session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "scenario.save"))
            >= 1
        )
    listed = visitor.open("/es/lomas/scenarios").text
    assert "Ana Quispe" in listed
    assert f"scenario={number}" in listed
    totals = totals_of(lab.scenarios.allocation(ana, lomas, number))
    assert totals["p-00"] == Decimal("1000.00")
    opened = json.dumps(visitor.open(PATH, f"?scenario={number}").json, ensure_ascii=False)
    assert "Está abierto el escenario «Plan» de Ana Quispe" in opened


@pytest.fixture(scope="module")
def by_area(lab_store, lomas, sha256) -> int:
    """Number of a scenario that was saved area by area: no longer in today's proportions."""
    with transaction(lab_store.factory) as session:
        owner = session.scalars(select(User).where(User.login == "ana")).one()
        moved = {("p-00", "lomas-S1"): Decimal("10.00"), ("p-01", "lomas-S2"): Decimal("20.00")}
        return save_scenario(session, lomas.id, sha256, "Por sector", owner, amounts=moved, note="Primero el 1").id


def stored_result(lab_store: Store, number: int) -> dict[str, Any]:
    """What the server computed when the scenario was saved."""
    with lab_store.factory() as session:
        return session.get_one(Scenario, number).result


def cells_of(answer: Any, loaded: Any) -> Any:
    data = answer.json["response"]["simulate-answer"]["data"]
    return np.frombuffer(base64.b64decode(data["cells"]), dtype="<f4").reshape(loaded.model.universe.shape)


def test_a_scenario_saved_area_by_area_opens_as_it_is_stored(enter, lab, ana, lomas, by_area):
    opened = enter("ana").open(PATH, f"?scenario={by_area}")
    view, model = view_of(opened), lab.simulate.workbench(ana, lomas).model
    assert view["stored"]["scenario"] == by_area
    assert view["stored"]["rows"][0][0] == 10.0
    assert view["stored"]["rows"][0][1] == pytest.approx(model.baseline[0, 1], abs=0.005)
    assert view["stored"]["totals"][0] == pytest.approx(10 + model.baseline[0, 1:].sum(), abs=0.05)
    text = shown(opened)
    assert "entre las áreas de otra manera que hoy: Programa municipal 0, Programa municipal 1." in text
    assert "Se muestra como se guardó." in text


def test_an_untouched_scenario_is_answered_with_its_stored_result(enter, lab, ana, lomas, sha256, lab_store, by_area):
    answer = release(enter("ana"), {**released(sha256, {}), "scenario": by_area})
    loaded = lab.simulate.workbench(ana, lomas).loaded
    coverage, universe = cells_of(answer, loaded).astype(float), loaded.model.universe
    kept = stored_result(lab_store, by_area)["groups"]
    for g, group in enumerate(loaded.model.groups):
        found = np.nansum(coverage[:, :, g] * universe[:, :, g]) / universe[:, :, g].sum()
        assert found == pytest.approx(kept[group]["coverage"], abs=1e-7)


def test_a_moved_programme_is_spread_as_today_and_the_others_keep_their_areas(enter, lab, ana, lomas, sha256, by_area):
    answer = release(enter("ana"), {**released(sha256, {"p-01": "9000.00"}), "scenario": by_area})
    loaded = lab.simulate.workbench(ana, lomas).loaded
    expected = loaded.model.baseline.copy()
    expected[0, 0] = 10.0
    expected[1] *= 9000 / expected[1].sum()
    difference = cells_of(answer, loaded) - evaluate(loaded.calibrated, expected)
    assert np.nanmax(np.abs(difference)) < 1e-6


def test_a_scenario_saved_from_another_keeps_the_amounts_by_area_to_the_cent(enter, lab, ana, lomas, sha256, by_area):
    data = {**released(sha256, {"p-01": "9000.00"}), "scenario": by_area}
    number = save(enter("ana"), data, "Por sector, movido").json["response"]["simulate-saved"]["data"]["id"]
    before, after = (lab.scenarios.allocation(ana, lomas, one) for one in (by_area, number))
    assert {line: amount for line, amount in after.items() if line[0] != "p-01"} == {
        line: amount for line, amount in before.items() if line[0] != "p-01"
    }
    assert totals_of(after)["p-01"] == Decimal("9000.00")


def test_a_locked_programme_cannot_be_moved_on_a_scenario(enter, sha256, by_area):
    answer = release(enter("ana"), {**released(sha256, {LOCKED: "1.00"}), "scenario": by_area})
    assert "está bloqueado por ley" in json.dumps(answer.json, ensure_ascii=False)
    assert "simulate-answer" not in (answer.json or {}).get("response", {})


def test_an_address_may_move_amounts_on_a_scenario(enter, by_area):
    opened = enter("ana").open(PATH, f"?scenario={by_area}&t=1-2s")  # place 1, 100 cents
    assert view_of(opened)["start"]["p-01"] == "1.00"
    assert "manera que hoy: Programa municipal 0." in shown(opened)
    for wrong in ("t=x", "t=1-2s&c=p-00:1", "t=1-2s&model=ffffffffffff"):
        refused = enter("ana").open(PATH, f"?scenario={by_area}&{wrong}")
        assert "Se muestra el escenario como se guardó." in shown(refused)
        assert view_of(refused)["start"]["p-01"] != "1.00"


def test_the_page_of_the_best_reallocation_says_that_it_spreads_a_scenario_otherwise(enter, by_area):
    text = shown(enter("ana").open("/es/lomas/optimise", f"?scenario={by_area}"))
    assert "reparte este dinero entre las áreas de otra manera que esta página: Programa municipal 0" in text


def test_reasons_of_a_moved_scenario_are_those_of_what_is_tried(enter, by_area):
    text = shown(enter("ana").open("/es/lomas/reasons", f"?scenario={by_area}&t=1-2s"))
    assert "Escenario «Por sector» de Ana Quispe, con montos que usted prueba en Simular" in text


def test_a_name_of_five_hundred_letters_is_refused_and_not_cut(enter, sha256, lab_store):
    before = fingerprint(lab_store)
    answer = save(enter("ana"), released(sha256, {}), "x" * 500)
    assert "El nombre del escenario es demasiado largo: se guardan como máximo 120" in shown(answer)
    assert fingerprint(lab_store) == before
    page = shown(enter("ana").open(PATH))
    field = page[page.index('"id": "simulate-name"') - 300 : page.index('"id": "simulate-name"') + 300]
    assert "maxlength" not in field.lower()  # a browser would cut what is pasted without a word


@pytest.mark.parametrize("name", [None, "", "   "])
def test_a_scenario_without_a_usable_name_is_refused(enter, sha256, name, lab_store):
    before = fingerprint(lab_store)
    answer = save(enter("ana"), released(sha256, {}), name)
    assert "1 a 120 caracteres" in json.dumps(answer.json, ensure_ascii=False)
    assert fingerprint(lab_store) == before


def test_a_note_that_is_too_long_is_refused(lab, ana, lomas, sha256):
    with pytest.raises(InputError, match="Shorten"):
        lab.scenarios.save(ana, lomas, sha256, {}, "Nota larga", "x" * 2001)


# ---- addresses ---------------------------------------------------------------------------------------------------


def view_of(answer: Any) -> dict[str, Any]:
    """The data of the store that the scripts start from."""
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("id") == "simulate-view":
                found.append(node["data"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(answer.json)
    return found[0]


def test_an_address_with_amounts_starts_with_them(enter, sha256):
    assert view_of(enter("ana").open(PATH, f"?model={sha256}&c=p-00:1000"))["start"] == {"p-00": "1000"}


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ("?scenario=99999", "Este sitio no tiene el escenario «99999»"),
        ("?scenario=abc", "Este sitio no tiene el escenario «abc»"),
        ("?c=p-00", "no se pueden leer"),
        ("?t=0-1", "no se pueden leer"),
        ("?model=ffffffffffffffff&t=0-1", "se muestra el modelo de hoy"),
        ("?c=nothing:5", "no hay ningún programa «nothing»"),
        (f"?c={LOCKED}:5", "está bloqueado por ley"),
        ("?model=fffe", "se muestra el modelo de hoy"),
    ],
)
def test_an_address_that_asks_in_vain_says_so_and_shows_todays_budget(enter, search, sentence):
    answer = enter("ana").open(PATH, search)
    assert sentence in json.dumps(answer.json, ensure_ascii=False)
    assert view_of(answer)["start"] == {}


def test_an_address_names_its_model_by_the_beginning_of_its_hash(enter, sha256):
    opened = enter("ana").open(PATH, f"?model={sha256[:16]}&t=0-2s.1-1")
    assert view_of(opened)["start"] == {"p-00": "1.00", "p-01": "0.01"}
    assert "se muestra el modelo de hoy" in shown(enter("ana").open(PATH, f"?model={sha256[:11]}"))


def test_the_beginning_of_another_sites_hash_finds_nothing(enter, lab):
    beto = person(lab, "beto")
    foreign = lab.simulate.workbench(beto, lab.sites.find(beto, "otra")).loaded.sha256
    assert "se muestra el modelo de hoy" in shown(enter("ana").open(PATH, f"?model={foreign[:16]}"))


def shown(answer: Any) -> str:
    return json.dumps(answer.json, ensure_ascii=False)


def test_another_sites_scenario_is_told_apart_from_none_by_nobody(enter, lab):
    beto = person(lab, "beto")
    otra = lab.sites.find(beto, "otra")
    foreign = lab.simulate.workbench(beto, otra).loaded.sha256
    saved = lab.scenarios.save(beto, otra, foreign, {}, "Ajeno", "")
    answer = enter("ana").open(PATH, f"?scenario={saved.id}")
    assert f"Este sitio no tiene el escenario «{saved.id}»" in json.dumps(answer.json, ensure_ascii=False)
    assert "Ajeno" not in answer.text
    with pytest.raises(NotFoundError):
        lab.scenarios.allocation(person(lab, "ana"), lab.sites.find(beto, "lomas"), saved.id)


def test_the_view_has_every_programme_with_its_limits_and_the_reason_of_a_lock(enter, lab, ana, lomas):
    view = view_of(enter("ana").open(PATH))
    model = lab.simulate.workbench(ana, lomas).model
    assert [entry["code"] for entry in view["programmes"]] == list(model.programmes)
    locked = [entry for entry in view["programmes"] if entry["locked"]]
    assert [(entry["code"], entry["reason"]) for entry in locked] == [(LOCKED, "Ley 27470: Vaso de Leche.")]
    assert sum(len(heading["programmes"]) for heading in view["headings"]) == len(model.programmes)
    assert all(entry["low"] <= entry["today"] <= entry["top"] for entry in view["programmes"])


def test_a_site_without_shapes_says_so_instead_of_a_map(enter):
    answer = enter("beto").open("/es/otra/simulate")
    assert "no tienen contornos" in json.dumps(answer.json, ensure_ascii=False)
    assert view_of(answer)["areas_address"] is None


# ---- files -------------------------------------------------------------------------------------------------------


def test_the_kernel_file_is_the_models_own(enter, lab, ana, lomas, sha256):
    answer = enter("ana").get(f"{PATH}/kernel.bin?model={sha256}")
    assert answer.data == lab.simulate.kernel(ana, lomas, sha256)
    assert answer.mimetype == "application/octet-stream"


def test_a_browser_that_has_the_kernel_is_told_so_once_it_is_let_in(enter, sha256):
    path, visitor = f"{PATH}/kernel.bin?model={sha256}", enter("ana")
    first = visitor.get(path, headers={"Accept-Encoding": "br"})
    assert first.headers["Content-Encoding"] == "br"
    tag = {"If-None-Match": first.headers["ETag"]}
    assert enter(None).get(path, headers=tag).status_code == 302
    assert enter("beto").get(path, headers=tag).status_code == 403
    again = visitor.get(path, headers=tag)
    assert (again.status_code, again.data) == (304, b"")


def test_the_areas_come_with_code_name_and_shape(enter, sha256):
    collection = json.loads(enter("ana").get(f"{PATH}/areas.json?model={sha256}").data)
    assert len(collection["features"]) == 9
    assert collection["features"][0]["properties"] == {"code": "lomas-S1", "name": "Sector 1"}


def test_csv_and_xlsx_hold_allocation_and_results_with_source_model_and_mark(enter, sha256):
    text = enter("ana").get(f"{PATH}/scenario.csv?model={sha256}&c=p-00:1000").data.decode("utf-8-sig")
    assert "# Datos sintéticos" in text
    assert sha256 in text
    assert "ronda de encuesta 2026-1" in text
    book = openpyxl.load_workbook(io.BytesIO(enter("ana").get(f"{PATH}/scenario.xlsx?model={sha256}&c=p-00:1000").data))
    allocation = book["Asignación"]
    rows = list(allocation.iter_rows(min_row=2, values_only=True))
    assert sum(row[5] for row in rows if row[0] == "p-00") == pytest.approx(1000, abs=0.05)
    results = list(book["Resultados por necesidad"].iter_rows(min_row=2, values_only=True))
    assert any(row[8] > 0 for row in results if row[8] is not None)  # somebody loses
    men_of_need_3 = next(row for row in results if row[0] == "N03" and row[3] == "Hombres")
    assert men_of_need_3[5] is None  # nobody is concerned: missing, not 0


def test_the_file_of_a_saved_scenario_holds_it_area_by_area(enter, lab_store, lomas, sha256):
    with transaction(lab_store.factory) as session:
        owner = session.scalars(select(User).where(User.login == "ana")).one()
        moved = {("p-00", "lomas-S1"): Decimal("10.00")}
        number = save_scenario(session, lomas.id, sha256, "Para archivo", owner, amounts=moved).id
    text = enter("ana").get(f"{PATH}/scenario.csv?scenario={number}").data.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    lines = {row[2]: row for row in rows if row[0] == "p-00" and len(row) == 7}
    assert lines["lomas-S1"][5] == "10.00"
    assert lines["lomas-S2"][5] == lines["lomas-S2"][4]
    assert "# Programas modificados: Programa municipal 0" in text


def test_the_file_of_a_saved_scenario_names_it_inside_and_outside(enter, by_area):
    answer = enter("ana").get(f"{PATH}/scenario.csv?scenario={by_area}")
    assert "lomas-escenario-por-sector.csv" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    for line in ("# Escenario: Por sector", "Ana Quispe", ": Primero el 1", "# Modelo: "):
        assert line in text
    assert "No es como se guardó" not in text
    moved = enter("ana").get(f"{PATH}/scenario.csv?scenario={by_area}&t=1-2s")
    assert "lomas-escenario-por-sector-movido.csv" in moved.headers["Content-Disposition"]
    assert "# No es como se guardó: " in moved.data.decode("utf-8-sig")


def test_the_figures_of_a_downloaded_scenario_are_those_stored_with_it(enter, lab_store, by_area):
    text = enter("ana").get(f"{PATH}/scenario.csv?scenario={by_area}").data.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row and row[0] == "N00" and row[3] == "Mujeres"]
    kept = next(row for row in stored_result(lab_store, by_area)["needs"] if row["need"] == "N00")
    assert float(rows[0][6]) == pytest.approx(kept["groups"]["women"]["coverage"], abs=1e-12)


def test_persons_of_the_file_carry_no_residue_of_sums():
    assert persons(34.99999999999971) == 35.0
    assert str(persons(-1e-12)) == "0.0"
    assert persons(1.23456789) == 1.234568
    assert persons(float("nan")) is None


def test_shares_of_the_file_are_the_models_to_the_last_bit(enter, lab, ana, lomas, sha256):
    run = lab.simulate.run(ana, lomas, sha256, {"p-00": "1000"})
    text = enter("ana").get(f"{PATH}/scenario.csv?model={sha256}&c=p-00:1000").data.decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if row and row[0] == "N00" and row[3] == "Mujeres"]
    assert float(rows[0][6]) == run.result.needs.coverage[0, 0]
    assert "todos sus decimales" in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("scenario=99999", "Este sitio no tiene ningún escenario «99999»"),
        ("model=ffffffffffffffff", "un modelo que no está aquí"),
        ("c=p-00", "no se pueden leer"),
        ("c=nothing:5", "no hay ningún programa «nothing»"),
        ("scenario=1&c=p-00:5", "un escenario guardado y también montos"),
        ("sector=S1", "Este archivo no admite «sector» en su dirección. Admite: c, model, scenario, t."),
        ("c=p-00:5&c=p-00:6", "«c» aparece más de una vez"),
    ],
)
def test_a_file_that_asks_in_vain_is_refused_in_words(enter, query, words):
    answer = enter("ana").get(f"{PATH}/scenario.csv?{query}")
    assert answer.status_code in (400, 404)
    assert words in answer.text


@pytest.mark.parametrize("query", ["c=p-00", "c=p-00:x", f"c={LOCKED}:1"])
def test_a_file_of_amounts_that_cannot_be_is_refused(enter, sha256, query):
    assert enter("ana").get(f"{PATH}/scenario.csv?model={sha256}&{query}").status_code == 400
