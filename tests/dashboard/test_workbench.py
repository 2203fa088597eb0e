"""The workbench page: what a grid or a form says becomes an edit; problems stand beside their fields, in words."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.pages.workbench_answers import form_dom_id, grid_edit, save_grid, save_programme
from dashboard.pages.workbench_files import apply_file, preview_file
from dashboard.services import Store, make_services
from dashboard.services.workbench import HistoryEntry
from dashboard.views.workbench import history_rows, problem_lines
from data.store.audit import COMMAND_LINE
from data.store.programme_versions import list_versions
from data.store.tables import Programme
from data.workflows.programme_checks import read_entry
from data.workflows.programme_texts import changed_at, form_values, read_form
from tests.dashboard_seed import make_store

COSTS = {"value": Decimal(140), "low": Decimal(110), "high": Decimal(190), "source": "assumption: a round figure"}


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def services(store):
    return make_services(store)


def bench_of(services, context):
    return services.workbench.bench(context.user, context.site)


def values_of(services, context, code: str) -> dict[str, str]:
    bench = bench_of(services, context)
    return form_values(bench.programme(code).document, bench.areas)


def words(component: Any) -> str:
    return str(component)


def test_a_form_that_nobody_touched_says_what_is_stored(services, see):
    for programme in bench_of(services, see()).programmes:
        read = read_form(values_of(services, see(), programme.code), programme.code)
        assert read.problems == []
        again = form_values(read.document, {})
        assert again == form_values(programme.document, {})


@pytest.mark.parametrize(
    ("text", "number"), [("1,234.50", "1234.50"), ("1234,5", "1234.5"), (" 12 ", "12"), ("1 200", "1200")]
)
def test_numbers_are_read_as_people_write_them(text, number):
    read = read_form({"unit_cost.value": text}, "x")
    assert (read.document["unit_cost"]["value"], read.problems) == (Decimal(number), [])


@pytest.mark.parametrize("text", ["-3", "-2,5", "1e3", "abc", "1,23.4"])
def test_what_is_no_number_of_0_or_more_is_refused(text):
    read = read_form({"unit_cost.value": text}, "x")
    assert [(p.rule, p.facts["path"]) for p in read.problems] == [("programme-number", "unit_cost.value")]
    assert "unit_cost" not in read.document


def test_a_number_that_could_mean_two_things_is_refused():
    read = read_form({"unit_cost.value": "1,500"}, "x")
    assert [(p.rule, p.facts["path"]) for p in read.problems] == [("programme-thousands", "unit_cost.value")]
    assert "unit_cost" not in read.document


def test_per_cent_are_shares_and_blank_rows_are_passed_over():
    values = {
        "serves.0.need": "",
        "serves.1.need": "WATER",
        "serves.1.reach": "stated",
        "serves.1.reach.women": "52.5",
        "serves.1.reach.men": "40",
        "serves.1.effectiveness": "90",
        "serves.1.effectiveness.low": "80",
        "serves.1.ceiling": "95",
        "lines.0.code": "20-1",
        "lines.0.share": "33.3333",
    }
    read = read_form(values, "x")
    (link,) = read.document["serves"]
    assert link["reach"] == {"women": 0.525, "men": 0.4}
    assert (link["effectiveness"], link["effectiveness_range"], link["source"]) == (0.9, [0.8, 0.9], "assumption")
    assert read.document["lines"] == [{"code": "20-1", "share": Decimal("0.333333")}]
    assert read.form_path("serves.0.reach") == "serves.1.reach"


def test_a_parameter_without_a_source_is_an_assumption():
    assert read_form({"capacity.value": "30"}, "x").document["capacity"]["source"] == "assumption"


def test_an_emptied_cell_takes_the_parameter_away_with_its_first_value_only():
    document = {"unit_cost": COSTS, "capacity": {"value": 5.0, "source": "s"}}
    assert "capacity" not in changed_at(document, "capacity.value", None)
    assert changed_at(document, "unit_cost.low", None)["unit_cost"] == {k: v for k, v in COSTS.items() if k != "low"}
    assert changed_at({}, "floor.value", Decimal(3)) == {"floor": {"value": Decimal(3), "source": "assumption"}}


def test_the_grid_stores_what_was_typed_for_several_programmes(services, store, see):
    context = see()
    changes = {
        "network": {"version": 1, "values": {"unit_cost.value": "1,500", "x": "y"}},
        "clinic": {"version": 1, "values": {"capacity.value": "500"}},
    }
    problems, marked, address = save_grid(services, context, changes, "")
    assert "«1,500» puede ser miles o decimales" in words(problems)
    assert "Costo unitario: " in words(problems)
    assert marked == ["grid-network-unit_cost-value"]
    changes["network"]["values"] = {"unit_cost.value": "1500,50", "unit_cost.high": "1800", "unit_cost.low": ""}
    problems, marked, address = save_grid(services, context, changes, "licitación")
    assert (problems, marked) == (None, [])
    assert address.startswith("/es/valle/")
    with store.factory() as session:
        costs = {p.code: (p.unit_cost, p.unit_cost_low, p.capacity) for p in session.scalars(select(Programme))}
        assert costs["network"] == (Decimal("1500.50"), None, None)
        assert costs["clinic"] == (Decimal("140.00"), Decimal("110.00"), 500.0)
        assert {v.reason for v in list_versions(session, context.site.id) if v.action == "change"} == {"licitación"}


def test_the_second_is_told_in_her_language_what_the_first_did(services, see):
    context = see()
    save_grid(services, context, {"clinic": {"version": 1, "values": {"capacity.value": "500"}}}, "")
    changes = {"clinic": {"version": 1, "values": {"capacity.value": "900"}}}
    problems, _marked, _address = save_grid(services, context, changes, "")
    assert "ana cambió «clinic»" in words(problems)
    assert "Capacidad – → 500" in words(problems)


def test_a_form_is_stored_or_says_beside_each_field_what_is_wrong(services, store, see):
    context = see()
    values = values_of(services, context, "clinic")
    values |= {
        "unit_cost.low": "200",
        "serves.0.effectiveness": "120",
        "serves.1.need": "WATTER",
        "serves.1.ceiling": "50",
    }
    problems, marked, _address = save_programme(services, context, values, "clinic", 1, "")
    assert set(marked) >= {form_dom_id("serves.0.effectiveness"), form_dom_id("unit_cost.value")}
    assert "Costo unitario: Mínimo 200" in words(problems)
    values = values_of(services, context, "clinic") | {"unit_cost.value": "150", "name.es": "Postas"}
    problems, _marked, address = save_programme(services, context, values, "clinic", 1, "")
    assert problems is None
    assert "programme=clinic" in address
    with store.factory() as session:
        assert session.scalar(select(Programme.unit_cost).where(Programme.code == "clinic")) == Decimal("150.00")


def test_a_new_programme_needs_a_code_that_is_free(services, see):
    context = see()
    values = values_of(services, context, "clinic") | {"lines.0.share": "10"}
    for code, sentence in (("Área 51", "no puede ser un código"), ("park", "Ya hay un programa")):
        problems, marked, _address = save_programme(services, context, values, code, 0, "")
        assert sentence in words(problems)
        assert marked == ["workbench-code"]
    assert save_programme(services, context, values, "clinic-2", 0, "")[0] is None
    assert bench_of(services, context).programme("clinic-2").version == 1


def test_only_planners_of_the_site_may_look_and_change(services, see):
    carla = see("carla")
    with pytest.raises(AccessError):
        services.workbench.bench(carla.user, carla.site)
    with pytest.raises(AccessError):
        save_grid(services, carla, {}, "")
    beto, ana = see("beto", slug="pampa"), see()
    with pytest.raises(AccessError):
        services.workbench.bench(beto.user, ana.site)
    with pytest.raises(NotFoundError):
        grid_edit(bench_of(services, beto), {"clinic": {"values": {"capacity.value": "1"}}}, "")


def test_every_problem_of_a_programme_has_a_sentence_in_spanish(services, see):
    context = see()
    document = {
        "code": "x",
        "name": {"es": "X"},
        "heading": {},
        "unit_cost": {"value": 0, "source": "x"},
        "durability_years": {"value": 1.5, "source": "ok yes"},
        "beneficiaries": {"women": -1, "men": 2, "source": "register"},
        "serves": [{"need": "WATER", "reach": {"women": 2}, "effectiveness": 0.5, "ceiling": 3, "source": "ok yes"}],
    }
    _entry, problems = read_entry(document, "x")
    assert len(problems) == 7
    lines = problem_lines(InputError(problems), context, {})
    assert [line.text for line in lines if "Input" in line.text or "should" in line.text] == []


def upload(content: bytes, name: str) -> dict[str, str]:
    return {"name": name, "content": base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    ("path", "typed", "told"),
    [
        ("serves.0.effectiveness", "150", "«150\xa0%» es demasiado grande: puede ser 100\xa0% como máximo."),
        ("lines.0.share", "140", "«140\xa0%» es demasiado grande: puede ser 100\xa0% como máximo."),
        ("serves.0.effectiveness", "-5", "«-5» no se puede leer"),
    ],
)
def test_a_share_is_refused_in_the_per_cent_of_its_field(services, see, path, typed, told):
    code = next(one.code for one in bench_of(services, see()).programmes if one.document.get("lines"))
    values = {**values_of(services, see(), code), path: typed}
    problems, fields, _go = save_programme(services, see(), values, code, 1, "")
    assert told in words(problems).replace("\\xa0", "\xa0")
    assert any(path.replace(".", "-") in field or path in field for field in fields), fields


def test_what_is_not_here_and_like_nothing_here_names_no_nearest(services, see):
    code = bench_of(services, see()).programmes[0].code
    values = {**values_of(services, see(), code), "serves.0.need": "QQQQQQQQQQQ"}
    problems, _fields, _go = save_programme(services, see(), values, code, 1, "")
    assert "Aquí no hay la necesidad «QQQQQQQQQQQ» ni otra de nombre parecido." in words(problems)


def test_the_history_speaks_the_language_of_the_page(services, see):
    bench = bench_of(services, see())
    programme = bench.programmes[0]
    entry = HistoryEntry(
        programme=programme.code,
        version=2,
        action="change",
        saved_at=datetime(2026, 11, 26, 9, 7, tzinfo=UTC),
        saved_by=COMMAND_LINE,
        changes=(),
        origin="grid",
        reason="",
        model_sha256="0123456789abcdef",
    )
    ((when, who, what, _change, origin, _reason, _model),) = history_rows([entry], see(), bench, has_programme=True)
    assert (when, who, origin) == ("26 nov. 2026, 09:07", "línea de comandos", "cuadrícula del taller")
    assert what == programme.document["name"]["es"]


def test_a_file_is_previewed_and_stored_only_when_asked(services, see):
    context = see()
    text = services.workbench.export(context.user, context.site, "programmes.yaml", "es").decode()
    same, is_hidden = preview_file(services, context, upload(text.encode(), "p.yaml"))
    assert "ya está guardado" in words(same)
    assert is_hidden
    changed = upload(text.replace("value: 140", "value: 145").encode(), "p.yaml")
    _news, is_hidden = preview_file(services, context, changed)
    assert not is_hidden
    assert bench_of(services, context).programme("clinic").version == 1
    _news, _hidden, address = apply_file(services, context, changed)
    assert address.startswith("/es/valle/")
    assert bench_of(services, context).programme("clinic").document["unit_cost"]["value"] == Decimal("145.00")
    refused, is_hidden = preview_file(services, context, {"name": "x.yaml"})
    assert is_hidden
    assert "se rechaza" in words(refused)
