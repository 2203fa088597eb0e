"""Who benefits: doors first, figures as the command prints them, files brought in or refused with their places."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import select, update

from budget_model.errors import AccessError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.services import Store, make_services
from dashboard.services import incidence as incidence_service
from dashboard.views import incidence as view
from data.readers.incidence_users import read_users
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.incidence_inputs import list_inputs
from data.store.tables import Programme, SurveyRound
from data.workflows.incidence import divide, gather_basis
from data.workflows.incidence_document import incidence_document_of
from data.workflows.incidence_inputs import stored_inputs
from tests.dashboard.conftest import Visitor, person
from tests.incidence_site import QUESTIONS, TABLE, make_incidence_store

PATH = "/es/testville/incidence"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_incidence_store(tmp_path_factory.mktemp("incidence"))
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def services(store):
    return make_services(store)


@pytest.fixture(scope="module")
def ana(services):
    return person(services, "ana")


@pytest.fixture(scope="module")
def site(services, ana):
    return services.sites.find(ana, "testville")


@pytest.fixture(scope="module")
def enter(store, services):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def see(site, ana, language="en") -> PageContext:
    return PageContext(language, site=site, user=ana, page="incidence")


def post(visitor, action, fields, file=None):
    data = {"csrf_token": visitor.token(), **fields}
    if file is not None:
        data["file"] = (io.BytesIO(file[1].encode()), file[0])
    return visitor.client.post(f"{PATH}/{action}", data=data, content_type="multipart/form-data")


def count(store) -> int:
    with store.factory() as session:
        return len(list_inputs(session, 1))


def test_the_page_its_files_and_forms_are_shut_to_strangers_monitors_and_foreign_officials_first(enter, store):
    for path in (PATH, f"{PATH}/incidence.csv", f"{PATH}/users.csv"):
        assert enter(None).get(path).status_code == 302
        assert enter("beto").get(path).status_code == 403
        assert enter("carla").get(path).status_code == 403
    for login in ("beto", "carla"):
        assert post(enter(login), "take", {}, ("users.csv", TABLE)).status_code == 403
        assert post(enter(login), "withdraw", {"kind": "users"}).status_code == 403
    assert count(store) == 0
    assert enter("ana").get(PATH).status_code == 200


def test_the_service_checks_the_role_itself(services, site):
    carla = person(services, "carla")
    for act in (
        lambda: services.incidence.run(carla, site),
        lambda: services.incidence.choices(carla, site),
        lambda: services.incidence.inputs(carla, site),
        lambda: services.incidence.programmes(carla, site),
        lambda: services.incidence.take_in(carla, site, "users.csv", TABLE.encode()),
        lambda: services.incidence.withdraw(carla, site, "users"),
    ):
        with pytest.raises(AccessError):
            act()


def test_without_income_the_page_says_why_and_what_to_bring_in(enter):
    text = enter("ana").open(PATH).text
    assert "income_per_head" in text
    assert "El dinero no se puede repartir" in text
    assert enter("ana").get(f"{PATH}/incidence.csv").status_code == 400


def test_a_broken_table_is_refused_with_its_place_in_the_readers_language(enter, store):
    answer = post(enter("ana"), "take", {}, ("usuarios.csv", TABLE.replace("women,2,7", "women,2,muchos")))
    assert answer.status_code == 400
    assert "línea 3" in answer.text
    assert "muchos" in answer.text
    assert "No se guardó nada" in answer.text
    assert post(enter("ana"), "take", {}).status_code == 400  # no file
    assert post(enter("ana"), "withdraw", {"kind": "everything"}).status_code == 400
    assert count(store) == 0


def test_a_file_brought_in_is_on_record_and_used(enter, store, services, ana, site):
    visitor = enter("ana")
    assert post(visitor, "take", {}, ("preguntas.yaml", QUESTIONS)).status_code == 303
    assert post(visitor, "take", {}, ("usuarios.csv", TABLE)).status_code == 303
    document = services.incidence.run(ana, site).document
    taps = next(part for part in document["programmes"] if part["programme"] == "taps")
    assert taps["users"] == {"women": 25.0, "men": 11.0}
    text = visitor.open(PATH).text
    assert "preguntas.yaml" in text
    assert "usuarios.csv" in text
    assert "ndice de concentraci" in text  # the answer is JSON, its accents are written out
    assert "horas de trabajo no remunerado" in text
    assert post(visitor, "withdraw", {"kind": "users"}).status_code == 303
    assert services.incidence.inputs(ana, site).users == {}
    assert post(visitor, "withdraw", {"kind": "users"}).status_code == 400
    assert count(store) == 3


def test_the_words_are_those_of_the_figures(services, ana, site):
    document = services.incidence.run(ana, site).document
    context = see(site, ana)
    women = document["by_group"]["women"]
    sentence = view.finding(document, context)
    assert context.formats.share(women["share"]) in sentence
    assert context.formats.share(document["by_fifth"][0]["share"]) in sentence
    rows = view.fifth_cells(document, context)
    assert rows[0][0] == "1 (poorest)"
    hours = view.hours_sentence(document, context)
    assert context.formats.number(4 * 3 * 52) in hours
    assert "S/" in hours


@pytest.mark.parametrize(
    ("index", "low", "high", "words"),
    [
        (-0.2, -0.3, -0.1, "the poor have more"),
        (0.2, 0.1, 0.3, "the rich have more"),
        (-0.05, -0.15, 0.05, "no clear leaning"),
        (-0.05, None, None, "the poor have more"),
        (0.0, None, None, "evenly spread"),
        (None, None, None, "not known"),
    ],
)
def test_a_leaning_is_said_only_where_the_interval_shows_one(site, ana, index, low, high, words):
    document = {"concentration": {"index": index, "index_low": low, "index_high": high}}
    assert words in view.index_sentence(document, see(site, ana))


def test_the_files_have_the_figures_and_say_that_they_are_not_for_publication(enter, services, ana, site, tmp_path):
    document = services.incidence.run(ana, site).document
    answer = enter("ana").get(f"{PATH}/incidence.csv")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert any("No es para publicar" in line[0] for line in lines if line)
    women = next(line for line in lines if line and line[0] == "Mujeres")
    assert float(women[1]) == pytest.approx(document["by_group"]["women"]["amount"])
    assert enter("ana").get(f"{PATH}/incidence.xlsx?stage=pim").status_code == 200
    assert enter("ana").get(f"{PATH}/incidence.csv?stage=nothing").status_code == 400
    assert enter("ana").get(f"{PATH}/incidence.csv?year=1999").status_code == 400
    assert enter("ana").get(f"{PATH}/incidence.csv?colour=red").status_code == 400


def test_the_table_to_fill_in_can_be_read_back_once_it_is_filled(enter, services, ana, site, tmp_path):
    empty = enter("ana").get(f"{PATH}/users.csv").data.decode("utf-8-sig")
    assert "jobs,women,1,," in empty
    services.incidence.take_in(ana, site, "users.csv", TABLE.encode())
    filled = enter("ana").get(f"{PATH}/users.csv").data.decode("utf-8-sig")
    rows = [line for line in filled.splitlines() if not line.startswith("jobs")]
    file = tmp_path / "users.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    assert read_users(file)["taps"].users == ((9, 7, 5, 3, 1), (4, 3, 2, 1, 1))
    services.incidence.withdraw(ana, site, "users")


def test_figures_are_divided_once_and_again_after_every_change_of_what_they_rest_on(tmp_path, monkeypatch):
    store = make_incidence_store(tmp_path)
    services = make_services(store)
    ana = person(services, "ana")
    site = services.sites.find(ana, "testville")
    divided = []

    def counting(*arguments):
        divided.append(1)
        return divide(*arguments)

    monkeypatch.setattr(incidence_service, "divide", counting)
    services.incidence.take_in(ana, site, "questions.yaml", QUESTIONS.encode())

    def figures():
        found = services.incidence.run(ana, site).document
        with store.factory() as session:
            stored = stored_inputs(session, site.id)
            basis = gather_basis(
                session, store.bank_folder, "testville", questions=stored.questions, counted=stored.users
            )
            plain = divide(session, store.bank_folder, basis)
        assert found == incidence_document_of(plain)
        return found

    first = figures()
    first["programmes"].clear()  # whoever changes what was handed out changes nothing that is kept
    assert figures()["programmes"]
    assert len(divided) == 1
    with transaction(store.factory) as session:
        session.execute(update(Programme).values(stated_baseline=Decimal(777)))
    figures()
    with transaction(store.factory) as session:
        session.execute(update(Programme).values(beneficiaries={"women": 30, "men": 10}))
    figures()
    services.incidence.take_in(ana, site, "users.csv", TABLE.encode())
    figures()
    with transaction(store.factory) as session:
        files = tmp_path / "bank" / session.scalars(select(SurveyRound.bank_path)).one()
    answers = pl.read_parquet(files / "persons.parquet")
    answers.with_columns(income=pl.col("income") * 2 + 1).write_parquet(files / "persons.parquet")
    figures()
    assert len(divided) == 5
    figures()
    assert len(divided) == 5
    store.factory.kw["bind"].dispose()
