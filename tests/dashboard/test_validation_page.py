"""The validation page through the server: the refused before the admitted, every action once, and its files."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from budget_model.errors import AccessError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages import validation as page
from dashboard.services import Services, Store, make_services, open_store, round_figures
from dashboard.services.question_words import QuestionWords
from dashboard.views.question_words import found_text
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.sites import add_site, load_site
from data.store.tables import Base, LoginAttempt
from data.store.users import ensure_roles
from data.workflows.surveys import import_survey
from tests.dashboard.conftest import Visitor, person
from tests.dashboard_seed import add_user
from tests.workflow_builders import CATALOGUE, HOUSEHOLDS, MAPPING, PERSONS, Workshop

PATH = "/es/testville/validation"
ACT = "..validation-content.children...validation-message.children.."
PREVIEW = "..validation-preview.children...validation-apply.hidden.."
GROUPS = "validation-groups.children"


@pytest.fixture
def shop(tmp_path: Path, sqlite_url: str) -> Iterator[Store]:
    """A draft round with a child of 3 whose mother is 34; a surveyor, two officials, and one of elsewhere."""
    store = open_store(StoreSettings(sqlite_url, tmp_path / "bank"))
    (tmp_path / "bank").mkdir()
    (tmp_path / "input").mkdir()
    with transaction(store.factory) as session:
        site = add_site(session, slug="testville", name="Testville", country="PE", currency="PEN", actor="test")
        other = add_site(session, slug="other", name="Other", country="PE", currency="PEN", actor="test")
        ensure_roles(session)
        for login, role, where in (
            ("sara", "surveyor", site.id),
            ("olga", "official", site.id),
            ("mona", "monitor", site.id),
            ("ajena", "official", other.id),
        ):
            add_user(session, login, login.title(), role, where)
    workshop = Workshop(store.factory, store.bank_folder, tmp_path / "input")
    persons = PERSONS.replace("h2,F,61,no", "h2,F,119,no")  # above 110
    files = workshop.survey_files(persons, HOUSEHOLDS)
    mapping = workshop.write("map.yaml", MAPPING)
    import_survey(store.factory, store.bank_folder, "testville", "2026", files, mapping, "test", seed=3)
    yield store
    store.factory.kw["bind"].dispose()


@pytest.fixture
def services(shop: Store) -> Services:
    return make_services(shop)


@pytest.fixture
def visit(shop: Store, services: Services) -> Callable[[str | None], Visitor]:
    app = create_app(Settings(StoreSettings("unused", shop.bank_folder), "k" * 40), services)
    return lambda login: Visitor(app.server.test_client(), login)


def press(visitor: Visitor, button: str, path: str = PATH, **fields: Any) -> Any:
    """Press a button: it comes first among the inputs, the others follow in the order of the page."""
    order = [button, *(action for action in page.ACTIONS if action != button)]
    inputs = {f"{name}.n_clicks": 1 if name == button else None for name in page.ACTIONS}
    state = {"validation-round.value": "2026", "location.pathname": path}
    state |= {f"{component}.{prop}": fields.get(name) for name, (component, prop) in page.FIELDS.items()}
    body = {
        "output": ACT,
        "outputs": [
            {"id": "validation-content", "property": "children"},
            {"id": "validation-message", "property": "children"},
        ],
        "inputs": [{"id": k.split(".")[0], "property": "n_clicks", "value": v} for k, v in inputs.items()],
        "state": [{"id": k.rpartition(".")[0], "property": k.rpartition(".")[2], "value": v} for k, v in state.items()],
        "changedPropIds": [f"{order[0]}.n_clicks"],
    }
    return visitor.client.post("/_dash-update-component", json=body, headers={"X-CSRFToken": visitor.token()})


def message(answer: Any) -> str:
    return json.dumps(answer.get_json()["response"]["validation-message"]["children"], ensure_ascii=False)


def data_address(text: str) -> str:
    return "data:text/csv;base64," + base64.b64encode(text.encode()).decode()


def old_person(services: Services, shop: Store) -> int:
    """The id of the person of 119."""
    user = person(services, "sara")
    site = services.sites.find(user, "testville")
    text = services.validation.cases(user, site, "2026", "AGE_RANGE").decode("utf-8-sig")
    return int(text.splitlines()[1].split(",")[1])


def test_the_page_is_closed_to_strangers_monitors_and_foreign_officials(visit):
    assert visit(None).get(PATH).status_code == 302
    assert visit("mona").get(PATH).status_code == 403
    assert visit("ajena").get(PATH).status_code == 403
    assert visit("sara").get(PATH).status_code == 200


@pytest.mark.parametrize("name", ["report.xlsx?round=2026", "cases.csv?round=2026&rule=AGE_RANGE"])
def test_its_files_are_closed_to_the_same(visit, name):
    assert visit(None).get(f"{PATH}/{name}").status_code == 302
    assert visit("ajena").get(f"{PATH}/{name}").status_code == 403
    assert visit("olga").get(f"{PATH}/{name}").status_code == 200


def stored(shop: Store) -> list[Any]:
    """Every row of every table; log-ins aside, which the visitors of a test leave behind."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != LoginAttempt.__tablename__]
    with shop.factory() as session:
        return [session.execute(select(table).order_by(*table.primary_key.columns)).all() for table in tables]


def test_nobody_of_elsewhere_and_no_monitor_changes_anything_and_a_surveyor_does_not_publish(visit, shop, services):
    visitors = visit("ajena"), visit("mona")
    before = stored(shop)
    for visitor in visitors:
        press(visitor, page.Ids.RUN)
    site = services.sites.find(person(services, "sara"), "testville")
    with pytest.raises(AccessError):
        services.validation.run_rules(person(services, "ajena"), site, "2026")
    with pytest.raises(AccessError):
        services.validation.move(person(services, "sara"), site, "2026", "published", "x")
    assert stored(shop) == before


def test_a_round_goes_its_way_by_the_buttons(visit, services, shop):
    sara, olga = visit("sara"), visit("olga")
    assert "Se aplicaron las reglas" in message(press(sara, page.Ids.RUN))
    assert "todavía incumplen" in message(press(sara, page.Ids.VALIDATE))
    line = f"person,{old_person(services, shop)},age,119,61,Así dice la ficha\n"
    file = {"contents": data_address("record,id,column,old,new,reason\n" + line), "filename": "c.csv"}
    assert "Se aplicó 1 corrección" in message(press(sara, page.Ids.APPLY, **file))
    assert "el archivo dice que «age»" in message(press(sara, page.Ids.APPLY, **file))
    assert "Aplíquelas primero" in message(press(sara, page.Ids.VALIDATE))
    press(sara, page.Ids.RUN)
    assert "Solo se pudieron aplicar" in message(press(sara, page.Ids.VALIDATE))
    few = "Encuesta corta, sin más preguntas"
    assert "Validada" in message(press(sara, page.Ids.VALIDATE, reason=few))
    assert "Solo" not in message(press(sara, page.Ids.REOPEN, reason="Falta un sector"))
    press(sara, page.Ids.VALIDATE, reason=few)
    assert "No consta ninguna organización" in message(press(olga, page.Ids.PUBLISH))
    form = {"organisation": "Comedor", "women": 9, "men": 0, "held_on": "2026-06-12", "conclusions": "Conforme"}
    assert "Registrado" in message(press(sara, page.Ids.REPRESENT, **form))
    assert "Publicada" in message(press(olga, page.Ids.PUBLISH))
    assert "Lo publicado no cambia nunca" in message(press(olga, page.Ids.REOPEN, reason="x"))


def test_a_form_without_numbers_or_day_says_so(visit):
    answer = press(visit("sara"), page.Ids.REPRESENT, organisation="x", conclusions="y", women=None, men=1.5)
    assert "números enteros" in message(answer)
    assert "Indique el día" in message(answer)


def test_a_preview_names_every_problem_and_offers_nothing_to_apply(visit, shop):
    text = "record,id,column,old,new,reason\nperson,99,age,1,2,x\nperson,1,agee,1,2,x\n"
    visitor = visit("sara")
    before = stored(shop)
    body = visitor.callback(
        PREVIEW,
        {"validation-upload.contents": data_address(text)},
        {"validation-upload.filename": "c.csv", "validation-round.value": "2026", "location.pathname": PATH},
    ).get_json()["response"]
    shown = json.dumps(body["validation-preview"], ensure_ascii=False)
    assert "Línea 2" in shown
    assert "¿Quiso decir «age»?" in shown
    assert body["validation-apply"]["hidden"] is True
    assert stored(shop) == before


def test_the_cases_of_another_rule_are_shown_when_it_is_chosen(visit):
    visitor = visit("sara")
    press(visitor, page.Ids.RUN)
    state = {"validation-round.value": "2026", "location.pathname": PATH}
    answer = visitor.callback(GROUPS, {"validation-rule.value": "AGE_RANGE"}, state)
    assert "Edad en años cumplidos: 119" in json.dumps(answer.json, ensure_ascii=False)


def test_what_a_rule_found_is_said_in_the_words_of_the_questionnaire():
    yes = {"Español (es)": "Sí", "English (en)": "Yes"}
    words = QuestionWords({"works": {"es": "¿Trabaja?", "en": "Works"}}, {("works", "yes"): yes})
    found = {lang: found_text("works = yes; shed = 2; adults = 1", words, PageContext(lang)) for lang in ("es", "en")}
    assert found == {"es": "¿Trabaja?: Sí; shed: 2; personas adultas: 1", "en": "Works: Yes; shed: 2; adults: 1"}
    assert found_text("a text without an answer", words, PageContext("en")) == "a text without an answer"


def test_the_report_is_in_the_readers_language(visit):
    book = openpyxl.load_workbook(io.BytesIO(visit("sara").get("/en/testville/validation/report.xlsx").data))
    assert book.sheetnames[0] == "Summary"
    book = openpyxl.load_workbook(io.BytesIO(visit("sara").get(f"{PATH}/report.xlsx").data))
    assert book.sheetnames == ["Resumen", "Por regla", "Por persona que encuesta", "Por sector", "Casos"]


def test_an_unknown_round_or_rule_is_not_found(visit, services, shop):
    assert visit("sara").get(f"{PATH}/report.xlsx?round=nope").status_code == 404
    assert visit("sara").get(f"{PATH}/cases.csv?round=2026&rule=nope").status_code == 404
    with pytest.raises(NotFoundError), shop.factory() as session:
        services.validation.board(person(services, "sara"), load_site(session, "testville"), "nope")


def test_a_draft_says_what_to_do_next(services):
    user = person(services, "olga")
    context = PageContext("es", services.sites.find(user, "testville"), user, {}, "validation")
    layout = str(page.layout(services, context))
    assert "Marcar como validada" in layout
    assert "Borrador: aplique las reglas" in layout


# ---- indicators and figures for the public ----------------------------------------------------------------------


def published(services: Services, shop: Store) -> Any:
    """The site of a round that was published before its indicators were computed."""
    sara, olga = person(services, "sara"), person(services, "olga")
    site = services.sites.find(olga, "testville")
    services.validation.run_rules(sara, site, "2026")
    services.validation.move(sara, site, "2026", "validated", "A test")
    services.validation.move(olga, site, "2026", "published", "Nobody was free")
    return site


def test_figures_take_an_official_who_is_asked_for_before_anything_is_made(services, shop, monkeypatch):
    site, before = published(services, shop), stored(shop)
    reached: list[str] = []
    for name in ("run_indicators", "publish_figures"):
        monkeypatch.setattr(round_figures, name, lambda *_, name=name: reached.append(name))
    for login in ("sara", "mona", "ajena", None):
        for action in (services.round_figures.run, services.round_figures.publish):
            with pytest.raises(AccessError):
                action(person(services, login), site, "2026")
    assert reached == []
    assert stored(shop) == before


def test_an_official_computes_indicators_and_makes_the_figures_of_a_published_round(visit, services, shop, monkeypatch):
    monkeypatch.setattr(round_figures, "CORE_CATALOGUE", catalogue_of(shop))
    published(services, shop)
    olga = visit("olga")
    assert "no tiene indicadores" in message(press(olga, page.Ids.FIGURES))
    assert "2 indicadores" in message(press(olga, page.Ids.INDICATORS))
    assert "no lo ve" not in message(press(olga, page.Ids.FIGURES))
    user = person(services, "olga")
    board = services.validation.board(user, services.sites.find(user, "testville"), "2026")
    assert board.figures.indicators == 2
    assert board.figures.are_public


def catalogue_of(shop: Store) -> Path:
    """Two of three indicators can be had of the round."""
    file = shop.bank_folder.parent / "catalogue.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    return file


def sent(text: str) -> str:
    """A file as the browser sends it."""
    return f"data:application/x-yaml;base64,{base64.b64encode(text.encode()).decode()}"


def test_an_official_gives_a_catalogue_of_the_sites_own_and_faults_come_with_their_place(visit, services, shop):
    olga, before = visit("olga"), stored(shop)
    wrong = CATALOGUE.replace("numerator: Works = 'yes'", "numerator: Wroks = 1 AND (")
    refusal = message(press(olga, page.Ids.INDICATORS, catalogue=sent(wrong), catalogue_name="own.yaml"))
    assert "own.yaml" in refusal
    assert "WORKS" in refusal
    unmarked = CATALOGUE.replace("Works = 'yes'", "violence_physical_12m = 'yes'")
    refusal = message(press(olga, page.Ids.INDICATORS, catalogue=sent(unmarked), catalogue_name="own.yaml"))
    assert "sensitive: true" in refusal
    assert stored(shop) == before
    done = message(press(olga, page.Ids.INDICATORS, catalogue=sent(CATALOGUE), catalogue_name="own.yaml"))
    assert "2 indicadores" in done
    user = person(services, "olga")
    board = services.validation.board(user, services.sites.find(user, "testville"), "2026")
    assert board.figures.indicators == 2
    refused = message(press(visit("sara"), page.Ids.INDICATORS, catalogue=sent(CATALOGUE), catalogue_name="own.yaml"))
    assert "rol" in refused


def test_figures_of_a_round_that_is_not_published_are_refused(visit, services, shop):
    before = stored(shop)
    assert "no está publicada" in message(press(visit("olga"), page.Ids.FIGURES))
    assert stored(shop) == before


def test_age_bands_are_chosen_on_the_page_for_a_draft(visit, services, shop, monkeypatch):
    monkeypatch.setattr(round_figures, "CORE_CATALOGUE", catalogue_of(shop))
    olga = visit("olga")
    assert "con comas entre" in message(press(olga, page.Ids.INDICATORS, ages="cero"))
    press(olga, page.Ids.INDICATORS, ages="0, 18, 60")
    user = person(services, "olga")
    board = services.validation.board(user, services.sites.find(user, "testville"), "2026")
    assert board.figures.bands == ("00-17", "18-59", "60+")


def test_the_surveyor_sees_what_there_is_and_no_button_for_it(services):
    user = person(services, "sara")
    context = PageContext("es", services.sites.find(user, "testville"), user, {}, "validation")
    shown = str(page.layout(services, context))
    assert "Las personas funcionarias y administradoras calculan y publican" in shown


def test_of_a_published_round_only_the_state_is_unfolded(services, shop, monkeypatch):
    monkeypatch.setattr(round_figures, "CORE_CATALOGUE", catalogue_of(shop))
    site, user = published(services, shop), person(services, "olga")
    services.round_figures.run(user, site, "2026")
    services.round_figures.publish(user, site, "2026")
    context = PageContext("en", site, user, {}, "validation")
    state, *folding = page.content(services.validation.board(user, site, "2026"), context)
    assert type(state).__name__ == "Section"
    assert [(type(card).__name__, bool(card.open)) for card in folding] == [("Details", False)] * 4
    opened = page.content(services.validation.board(user, site, "2026"), context, page.Ids.RUN)
    assert [bool(card.open) for card in opened[1:]] == [True, False, False, False]


def test_of_a_draft_the_rules_are_unfolded(services):
    user = person(services, "sara")
    context = PageContext("en", services.sites.find(user, "testville"), user, {}, "validation")
    rules = page.content(services.validation.board(user, context.site, "2026"), context)[1]
    assert rules.open
