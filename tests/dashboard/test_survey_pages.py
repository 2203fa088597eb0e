"""Instrument, import wizard and data bank, through the server: who may, what stands there, what is refused."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import Services, Store, make_services
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.forms import core_form_bytes
from data.workflows.staging import staging_folder
from tests.dashboard.conftest import Visitor
from tests.dashboard_seed import add_user, make_store
from tests.data.form_builders import HOUSEHOLD, workbook

HOUSEHOLDS = "_index,sector,size,home/water,home/goods,_uuid\n1,A,2,network,radio fridge,u1\n2,B,1,truck,,u2\n"
MEMBERS = (
    "members/sex,members/age,members/reads,_index,_parent_index\n"
    "female,34,yes,1,1\nmale,36,yes,2,1\nfemale,71,no,3,2\nmale,9,yes,4,2\n"
)


@pytest.fixture
def store(tmp_path: Path):
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        valle = load_site(session, "valle")
        add_user(session, "eva", "Eva Surveyor", "surveyor", valle.id)
        add_user(session, "luz", "Luz Surveyor", "surveyor", valle.id)
        add_user(session, "root", "Root", "admin", None)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def services(store: Store) -> Services:
    return make_services(store)


@pytest.fixture
def app(store: Store, services: Services) -> Any:
    return create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)


@pytest.fixture
def eva(app: Any) -> Visitor:
    return Visitor(app.server.test_client(), "eva")


def page(visitor: Visitor, address: str) -> str:
    """The page as JSON text."""
    path, _, query = address.partition("?")
    answer = visitor.open(path, f"?{query}" if query else "")
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False)


def post(visitor: Visitor, name: str, fields: dict[str, Any], token: bool = True) -> Any:
    data = {**fields, **({"csrf_token": visitor.token()} if token else {})}
    return visitor.client.post(f"/es/valle/imports/{name}", data=data, content_type="multipart/form-data")


def files(form: bytes | None = None, households: str = HOUSEHOLDS, members: str = MEMBERS) -> dict[str, Any]:
    data = [(io.BytesIO(households.encode()), "household.csv"), (io.BytesIO(members.encode()), "members.csv")]
    return {"form": (io.BytesIO(form or workbook(HOUSEHOLD)), "form.xlsx"), "data": data}


def upload(visitor: Visitor, code: str = "2027-1", **changes: Any) -> str:
    """The address of the next step."""
    answer = post(visitor, "start", {"round": code, **files(**changes)})
    assert answer.status_code == 303, answer.text
    return answer.location


def token_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["draft"][0]


ANSWERS = {
    "coverage": "todo el valle",
    "source": "prueba",
    "design": "census",
    "rate": "93,5",
    "starts_on": "2026-03-01",
    "sex": "persons|sex",
    "sex_before": "persons|sex",
    "sexcode:female": "female",
    "sexcode:male": "male",
    "age": "persons|age",
    "age_before": "persons|age",
    "area1": "households|sector",
}


NO_SEX = "\n".join(line for line in HOUSEHOLD.splitlines() if "| sex" not in line and "reads" not in line)
AGES_ONLY = "members/age,_index,_parent_index\n34,1,1\n36,2,1\n71,3,2\n"


def test_only_those_who_collect_may_import(app):
    assert Visitor(app.server.test_client(), None).get("/es/valle/imports").status_code == 302
    for login in ("ana", "carla"):
        visitor = Visitor(app.server.test_client(), login)
        assert visitor.get("/es/valle/imports").status_code == 403
        assert post(visitor, "start", {"round": "x", **files()}).status_code == 403


def test_a_form_without_token_or_to_nowhere_is_refused(eva):
    assert post(eva, "start", {"round": "x", **files()}, token=False).status_code == 400
    assert post(eva, "made-up", {}).status_code == 404
    assert eva.client.post("/es/valle/needs/start", data={"csrf_token": eva.token()}).status_code == 404


def test_a_stranger_cannot_post(app):
    stranger = Visitor(app.server.test_client(), None)
    answer = post(stranger, "start", {"round": "x", **files()})
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_the_five_steps_store_a_draft_and_leave_no_files(eva, store):
    found = upload(eva)
    text = page(eva, found)
    assert "household.csv" in text
    assert "2027-1" not in text  # nothing is stored yet
    token = token_of(found)
    text = page(eva, f"/es/valle/imports?draft={token}&step=3")
    assert "suposición" in text  # marked as guesses
    kept = post(eva, "mapping", {"draft": token, **ANSWERS})
    assert "step=4" in kept.location
    text = page(eva, kept.location)
    assert "Importar como borrador" in text
    done = post(eva, "finish", {"draft": token})
    assert (done.status_code, "step=5" in done.location) == (303, True)
    with store.factory() as session:
        row = session.query(SurveyRound).filter_by(code="2027-1").one()
        assert (row.state, row.person_count, row.household_count, row.is_census) == ("draft", 4, 2, True)
        assert row.coverage_rate == pytest.approx(0.935)
    assert list(staging_folder(store.bank_folder).iterdir()) == []


def test_the_next_import_with_the_form_is_filled_in_as_the_last_one(eva):
    token = token_of(upload(eva))
    post(eva, "mapping", {"draft": token, **ANSWERS})
    post(eva, "finish", {"draft": token})
    text = page(eva, upload(eva, "2027-2").replace("step=2", "step=3"))
    assert "última importación" in text
    assert "suposición" not in text


def test_what_is_missing_sends_back_to_the_step_with_its_answers_kept(eva):
    token = token_of(upload(eva))
    answer = post(eva, "mapping", {"draft": token, **ANSWERS, "sexcode:male": "", "coverage": "la ladera"})
    assert "refused=mapping_sexes" in answer.location
    text = page(eva, answer.location)
    assert "la ladera" in text
    assert "qué código de sexo" in text


@pytest.mark.parametrize(
    ("changes", "rule", "kept"),
    [
        ({"starts_on": "2021-03-10", "ends_on": "2021-01-02"}, "days_order", "2021-01-02"),
        ({"ends_on": "2999-01-02"}, "day_ahead", "2999-01-02"),
        ({"rate": "mucho"}, "number_wrong", "mucho"),
        ({"coverage": "V"}, "mapping_coverage_short", "prueba"),
        ({"ends_on": "ayer"}, "day_wrong", "todo el valle"),
    ],
)
def test_what_is_refused_of_the_round_is_said_and_nothing_typed_is_lost(eva, store, changes, rule, kept):
    token = token_of(upload(eva))
    answer = post(eva, "mapping", {"draft": token, **ANSWERS, **changes})
    assert f"refused={rule}" in answer.location
    assert kept in page(eva, answer.location)
    assert "step=5" not in post(eva, "finish", {"draft": token}).location
    with store.factory() as session:
        assert session.query(SurveyRound).filter_by(code="2027-1").count() == 0


def test_the_preview_shows_the_days_and_says_that_households_count_as_drawn(eva):
    token = token_of(upload(eva))
    days = {"starts_on": "2026-03-01", "ends_on": "2026-04-02", "design": "sample"}
    text = page(eva, post(eva, "mapping", {"draft": token, **ANSWERS, **days}).location)
    assert "1 de marzo de 2026 al 2 de abril de 2026" in text
    assert "el hogar cuenta como la unidad sorteada" in text


MAPPING_FILE = """source: prueba
starts_on: 2026-03-01
coverage: {area: todo el valle}
design: {census: false}
persons:
  household: _household
  sex: {column: sex, values: {female: female, male: male}}
  age: {column: age}
households: {id: _row}
derive:
  has_elder: {any: age >= 60, among: age IS NOT NULL}
"""


def test_a_mapping_file_leads_to_the_preview_and_its_faults_are_shown_with_their_lines(eva):
    token = token_of(upload(eva))
    wrong = {"draft": token, "mapping": (io.BytesIO(MAPPING_FILE.replace("derive", "derived").encode()), "mapa.yaml")}
    text = page(eva, post(eva, "mapping-file", wrong).location)
    assert "mapa.yaml" in text
    assert "derived" in text
    assert "mapping_file_missing" in post(eva, "mapping-file", {"draft": token}).location
    right = {"draft": token, "mapping": (io.BytesIO(MAPPING_FILE.encode()), "mapa.yaml")}
    answer = post(eva, "mapping-file", right)
    assert "step=4" in answer.location
    text = page(eva, answer.location)
    assert "has_elder" in text
    assert "desde el 1 de marzo de 2026" in text
    assert "todo el valle" in page(eva, answer.location.replace("step=4", "step=3"))


def test_a_mapping_file_can_come_with_the_files_and_its_faults_are_shown_then_too(eva):
    def started(text: str) -> str:
        content = {"round": "2027-1", **files(), "mapping": (io.BytesIO(text.encode()), "mapa.yaml")}
        return post(eva, "start", content).location

    address = started(MAPPING_FILE)
    assert "step=2" in address
    text = page(eva, address)
    assert "El archivo de correspondencias fue tomado" in text
    assert "step=4" in text
    assert "has_elder" in page(eva, address.replace("step=2", "step=4"))
    address = started(MAPPING_FILE.replace("derive", "derived"))
    assert "step=3" in address
    text = page(eva, address)
    assert "mapa.yaml" in text
    assert "derived" in text


def test_the_refusal_of_a_file_that_is_cut_off_names_it(eva):
    whole = workbook(HOUSEHOLD)
    data = [(io.BytesIO(HOUSEHOLDS.encode()), "hogares.csv"), (io.BytesIO(whole[: len(whole) // 2]), "personas.xlsx")]
    answer = post(eva, "start", {"round": "2027-1", "form": (io.BytesIO(whole), "form.xlsx"), "data": data})
    text = page(eva, answer.location)
    assert "personas.xlsx: " in text
    assert "hogares.csv" not in text


def test_abandoning_removes_the_files_and_another_person_never_sees_them(eva, app, store):
    address = upload(eva)
    luz = Visitor(app.server.test_client(), "luz")
    assert "household.csv" not in page(luz, address)
    assert post(luz, "abandon", {"draft": token_of(address)}).status_code == 404
    assert post(eva, "abandon", {"draft": token_of(address)}).status_code == 303
    assert list(staging_folder(store.bank_folder).iterdir()) == []
    with store.factory() as session:
        assert {row.code for row in session.query(SurveyRound)} == {"2026-1"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"form": workbook(HOUSEHOLD)[:900]}, "upload_content"),
        ({"form": b"%PDF-1.7 not a form"}, "upload_content"),
        ({"households": "\0\0\0"}, "upload_content"),
    ],
)
def test_files_that_are_not_what_they_seem_are_not_kept(eva, store, changes, rule):
    assert f"refused={rule}" in upload(eva, **changes)
    folder = staging_folder(store.bank_folder)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_code_that_is_taken_is_refused_at_once(eva):
    assert "refused=round_exists" in upload(eva, "2026-1")


NO_MEMBERS = re.sub(r" \| begin repeat.*end repeat[ |]*\n", "", HOUSEHOLD, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"households": "a,b,c\n1,2,3\n", "members": "d,e,f\n1,2,3\n"}, "No es una exportación de este formulario"),
        ({"form": workbook(NO_MEMBERS)}, "export"),
        ({"form": workbook(NO_SEX), "members": AGES_ONLY}, "no pregunta el sexo"),
        ({"members": MEMBERS.replace("female", "vrouw").replace("male", "man")}, "ni códigos ni etiquetas"),
    ],
)
def test_exports_that_do_not_fit_stop_at_the_second_step(eva, changes, words):
    address = upload(eva, **changes)
    for step in ("step=2", "step=4"):
        text = page(eva, address.replace("step=2", step))
        assert words in text
        assert "Elegir otros archivos" in text
    assert "Importar como borrador" not in text


def test_three_thousand_wrong_rows_are_one_line_with_its_count(eva):
    rows = "".join(f"{'female' if i % 2 else 'male'},999,yes,{i},{1 + i % 2}\n" for i in range(3, 3003))
    token = token_of(upload(eva, members=MEMBERS + rows))
    kept = post(eva, "mapping", {"draft": token, **ANSWERS})
    text = page(eva, kept.location)
    assert "3,000" in text
    assert len(text) < 20_000
    assert "Importar como borrador" not in text
    assert "refused=age_wrong" in post(eva, "finish", {"draft": token}).location


def test_the_instrument_says_what_each_indicator_needs_and_gives_the_form(app):
    ana = Visitor(app.server.test_client(), "ana")
    text = page(ana, "/es/valle/instrument")
    assert "unpaid_hours" in text
    answer = ana.get("/es/valle/instrument/form.xlsx?form=core%3Acbms_grb")
    assert answer.data == core_form_bytes("cbms_grb")
    assert ana.get("/es/valle/instrument/form.xlsx?form=core%3Amade-up").status_code == 404
    assert Visitor(app.server.test_client(), None).get("/es/valle/instrument").status_code == 302


def test_the_data_bank_shows_rounds_and_gives_extracts_by_role(eva, app):
    post(eva, "mapping", {"draft": (token := token_of(upload(eva))), **ANSWERS})
    post(eva, "finish", {"draft": token})
    ana, root, carla = (Visitor(app.server.test_client(), login) for login in ("ana", "root", "carla"))
    assert "2027-1" in page(ana, "/es/valle/data-bank")
    assert "extract.zip" not in page(carla, "/es/valle/data-bank")
    assert "hasta la última cifra" in page(ana, "/es/valle/data-bank?changes=2027-1")
    assert "Este sitio no tiene esa ronda" in page(ana, "/es/valle/data-bank?changes=1999")
    assert "hasta la última cifra" not in page(carla, "/es/valle/data-bank?changes=2027-1")
    assert carla.get("/es/valle/data-bank/extract.zip?round=2027-1").status_code == 403
    assert ana.get("/es/valle/data-bank/exact.zip?round=2027-1").status_code == 403
    assert root.get("/es/valle/data-bank/exact.zip?round=2027-1").status_code == 200
    taken = zipfile.ZipFile(io.BytesIO(ana.get("/es/valle/data-bank/extract.zip?round=2027-1").data))
    document = json.loads(taken.read("datapackage.json"))
    assert document["title"].startswith("SYNTHETIC")
    assert document["cbms"]["questions"]["reads"]["question"] == {"es": "Lee", "en": "Reads"}
