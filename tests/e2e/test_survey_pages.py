"""Instrument, import wizard and data bank in a browser: a real form with its files from upload to published figures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.design import SampleDesign
from budget_model.survey.estimate import estimate
from dashboard.services import Store
from data.readers.microdata import read_microdata
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.staging import staging_folder
from tests.dashboard_seed import PASSWORD, add_user, make_store
from tests.e2e.reader import AXE, DESK, PHONE, served

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "nairobi"
SHOTS = os.environ.get("SCREENSHOTS")  # a folder: pictures of what was tested are kept there


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = make_store(tmp_path_factory.mktemp("survey-pages"))
    with transaction(made.factory) as session:
        add_user(session, "root", "Root", "admin", None)
        load_site(session, "pampa")
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    with served(store) as address:
        yield address


@pytest.fixture(params=["desk", "phone"])
def window(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """A window of an administrator; errors of the console and requests to other hosts fail the test at its end."""
    context = browser.new_context(viewport=DESK if request.param == "desk" else PHONE, locale="es-PE")
    page, troubles = context.new_page(), []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(address) else troubles.append(asked.url))
    page.goto(f"{address}/es/login")
    page.fill("#login", "root")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector("main h1")
    yield page
    context.close()
    assert troubles == []


def looked_at(page: Page, name: str) -> None:
    """No violation of axe, nothing wider than the window, and a picture where one is asked for."""
    found: Any = page.evaluate(AXE + "; axe.run()")
    assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector("main h1")
    return page


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", ["instrument", "imports", "data-bank"])
def test_the_pages_are_accessible_in_both_languages(window, address, name, language):
    page = opened(window, f"{address}/{language}/valle/{name}")
    for details in page.query_selector_all("details")[:3]:
        details.evaluate("element => element.open = true")
    looked_at(page, f"{name}-{language}")


@pytest.mark.shared
def test_the_nairobi_form_and_its_files_go_through_the_whole_wizard(window, address, store, shared_data):
    """Its form has names twice, which is a note and no obstacle; every published figure of the files is met."""
    forms, code = shared_data / "xlsform", f"2021-{window.viewport_size['width']}"
    page = opened(window, f"{address}/es/pampa/imports")
    page.fill("#field-round", code)
    page.set_input_files("#field-form", forms / "ceat_nairobi_2021.xls")
    names = ("ceat_nairobi_households.csv", "ceat_nairobi_individuals.csv")
    page.set_input_files("#field-data", [forms / name for name in names])
    page.click("text=Subir y revisar")
    page.wait_for_selector("text=Siguiente: qué es cada columna")
    expect(page.locator("main")).to_contain_text("Nada impide la importación")
    expect(page.locator("main")).to_contain_text("1,147")
    looked_at(page, "imports-found")
    page.click("text=Siguiente: qué es cada columna")
    page.wait_for_selector("#field-sex")
    assert page.input_value("#field-sex") == "persons|Sex"
    assert page.input_value("[name='sexcode:F']") == "female"
    looked_at(page, "imports-mapping")
    page.fill("#field-coverage", "Mabatini y Vietnam, Nairobi")
    page.fill("#field-source", "Pessoa Colombo 2023, doi 10.5075/epfl-thesis-10143")
    page.fill("[name='bandcode:under five']", "0-4")
    page.select_option("#field-strata", "households|Site")
    page.select_option("#field-psu", "household")
    page.click("text=Guardar y mostrar la vista previa")
    page.wait_for_selector("text=Importar como borrador")
    expect(page.locator("main")).to_contain_text("3,786")
    looked_at(page, "imports-preview")
    page.click("text=Importar como borrador")
    page.wait_for_selector("text=Ir a la validación")
    looked_at(page, "imports-done")
    assert list(staging_folder(store.bank_folder).iterdir()) == []
    check_published_figures(store, code, shared_data)
    looked_at(opened(page, f"{address}/es/pampa/data-bank"), "data-bank-nairobi")


def check_published_figures(store: Store, code: str, shared_data: Path) -> None:
    """Households' and members' figures of the source, from what the wizard stored."""
    with store.factory() as session:
        row = session.query(SurveyRound).filter_by(code=code).one()
        assert (row.state, row.strata_column, row.psu_column) == ("draft", "site", "household_id")
    golden = json.loads((shared_data / "xlsform" / "ceat_nairobi_golden.json").read_text(encoding="utf-8"))
    folder = store.bank_folder / "pampa" / code
    found = {}
    for name in ("households", "persons"):
        definitions = parse_catalogue((EXAMPLE / f"published_{name}.yaml").read_text(encoding="utf-8"), name)
        usable = [one for one in definitions if "head_secondary" not in str(one) and "child_under_5" not in str(one)]
        table = read_microdata(folder / f"{name}.parquet")
        design = SampleDesign(strata="site", psu="household_id")
        for line in estimate(table, usable, [(), ("site",)], design).to_dict("records"):
            found[line["indicator"], line["site"] or "nairobi"] = line
    checked = 0
    for indicator in golden["indicators"]:
        name = indicator["variable"] + ("U5" if "under five years" in indicator["name"] else "")
        for line in indicator["table"]:
            met = found.get((name, line["site"].lower()))
            if met is not None:
                assert (met["n"], met["count"]) == (line["n"], line["count"]), (name, line["site"])
                checked += 1
    assert checked >= 30


@pytest.mark.shared
def test_a_form_of_another_survey_stops_at_the_second_step_and_can_be_abandoned(window, address, store, shared_data):
    forms = shared_data / "xlsform"
    page = opened(window, f"{address}/es/pampa/imports")
    page.fill("#field-round", "wrong")
    page.set_input_files("#field-form", forms / "unhcr_sample_form.xlsx")
    page.set_input_files("#field-data", forms / "ceat_nairobi_households.csv")
    page.click("text=Subir y revisar")
    page.wait_for_selector("text=Elegir otros archivos")
    expect(page.locator("main")).to_contain_text("No es una exportación de este formulario")
    looked_at(page, "imports-other-form")
    page.click("text=Abandonar y borrar los archivos")
    page.wait_for_selector("#field-round")
    assert list(staging_folder(store.bank_folder).iterdir()) == []
