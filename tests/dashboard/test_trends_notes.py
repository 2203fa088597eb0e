"""Notes on the trends page: who pins and reads them, their numbers in chart, table, list and files, and two at once."""

from __future__ import annotations

import io
import json
import re
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from budget_model.errors import AccessError, NotFoundError
from budget_model.spending.notes import Moment, parse_note
from dashboard.context import PageContext
from dashboard.figures.time_marks import TimeMark, add_time_marks, levels
from dashboard.figures.trend import trend_figure
from dashboard.pages.trends_notes import linked
from dashboard.services import make_services
from dashboard.views.trends_notes import moment_text, numbered, place_of, time_marks
from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.sites import load_site
from tests.dashboard.conftest import person
from tests.dashboard_seed import add_user, make_store
from tests.store_builders import budget_row
from tests.support import store_fingerprint


@pytest.fixture
def own_store(tmp_path):
    """Years 2025 and 2026 of `valle` (official ana, monitor carla); `pampa` (beto); unifem monitors both."""
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "unifem", "Monitoreo", "monitor", None)
        add_user(session, "sara", "Sara Paz", "surveyor", load_site(session, "valle").id)
        save_lines(session, load_site(session, "pampa").id, "test", [budget_row("p", 2026, pim=Decimal(1000))])
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, search="", site="valle", language="es"):
    answer = visitor.open(f"/{language}/{site}/trends", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def send(visitor, action="note", site="valle", **fields):
    whole = {"year": "2025", "month": "-", "day": "", "text": "La ordenanza 412 juntó dos programas", "about": "-"}
    data = {"csrf_token": visitor.token(), **whole, **fields}
    return visitor.client.post(f"/es/{site}/trends/{action}", data=data)


def test_a_note_stands_in_the_list_the_chart_and_the_table_with_the_same_number(visit_own):
    ana = visit_own("ana")
    assert "No hay ninguna nota" in shown(ana)
    send(ana, month="8", text="Segunda", source="https://example.pe/acta", about="pim")
    send(ana, text="Primera")
    text = shown(ana)
    assert "2 notas están marcadas en el gráfico" in text
    assert text.index("Primera") < text.index("Segunda")
    assert "agosto de 2025" in text
    assert '"text": "<b>1</b>"' in text
    assert '"text": "<b>2</b>"' in text
    assert '"href": "https://example.pe/acta"' in text
    assert "Ana Quispe" in text
    tables = [json.loads(json.loads(one)) for one in re.findall(r'"data-table": ("(?:[^"\\]|\\.)*")', text)]
    chart = next(one for one in tables if one["columns"][-1][0] == "Notas")
    assert [(row[0], row[-1]) for row in chart["rows"]] == [("2025", "1, 2"), ("2026", "–")]


def test_a_note_of_another_stage_has_no_mark_here_but_its_stage_leads_to_it(visit_own):
    ana = visit_own("ana")
    send(ana, about="accrued", text="Del devengado")
    assert "Del devengado" not in shown(ana)
    assert "trends?scheme=eu_eige&stage=accrued" in shown(ana)
    assert "Del devengado" in shown(ana, "?stage=accrued")


def test_a_note_of_a_year_that_the_chart_lacks_is_listed_without_a_mark(visit_own):
    ana = visit_own("ana")
    send(ana, year="2019", text="Antes")
    text = shown(ana)
    assert "Sin marca: el gráfico no tiene este año" in text
    assert "<b>1</b>" not in text


def test_monitors_pin_where_they_hold_the_role_and_nobody_else_does(visit_own, own_store):
    assert send(visit_own("carla"), text="De la monitora").status_code == 303
    assert "Carla Díaz" in shown(visit_own("ana"))
    sara, beto, stranger, carla = (visit_own(login) for login in ("sara", "beto", None, "carla"))
    before = store_fingerprint(own_store.factory.kw["bind"])  # a log-in is stored
    assert send(sara).status_code == 403  # a surveyor reads
    assert send(beto).status_code in (403, 404)  # an official of another site
    assert send(stranger).status_code in (302, 401, 403)
    assert send(carla, **{"note-site-pampa": "on"}).status_code == 404  # closed to her
    assert store_fingerprint(own_store.factory.kw["bind"]) == before
    text = shown(sara)
    assert "De la monitora" in text
    assert "Fijar una nota" not in text


def test_notes_of_other_municipalities_are_not_shown_and_neither_are_their_names(visit_own):
    unifem = visit_own("unifem")
    send(unifem, text="En ambas", **{"note-site-pampa": "on"})
    send(visit_own("beto"), site="pampa", text="Solo de Pampa")
    assert "Solo de Pampa" not in shown(visit_own("ana"))
    ana = shown(visit_own("ana"))
    assert "En ambas" in ana
    assert "Pampa de Muestra" not in ana
    assert "Cambiar o retirar" not in ana  # she holds no role at the other one
    assert "Fijada también en estas municipalidades: Pampa de Muestra" in shown(unifem)
    assert "Solo de Pampa" in shown(visit_own("beto"), site="pampa")


def test_a_note_is_only_changed_by_who_may_pin_to_all_its_sites(own_store):
    services = make_services(own_store)
    ana, unifem, beto = (person(services, login) for login in ("ana", "unifem", "beto"))
    valle, pampa = services.sites.find(ana, "valle"), services.sites.find(beto, "pampa")
    both = services.notes.pin(unifem, valle, ["pampa"], parse_note("2025", "En ambas")).id
    with pytest.raises(AccessError):
        services.notes.withdraw(ana, valle, both, 1, "no")
    own = services.notes.pin(ana, valle, [], parse_note("2025", "De Valle")).id
    with pytest.raises(NotFoundError):
        services.notes.withdraw(beto, pampa, own, 1, "no")
    services.notes.withdraw(unifem, pampa, both, 1, "Repetida")
    assert [one.id for one in services.notes.board(ana, valle).notes] == [own]


def test_a_refused_note_comes_back_with_what_was_typed(visit_own, own_store):
    ana = visit_own("ana")
    shown(ana)  # keeps sums of lines
    before = store_fingerprint(own_store.factory.kw["bind"])
    where = send(ana, month="2", day="30", text="Ñandú & <b>").location
    query = parse_qs(urlsplit(where).query)
    assert query["note_refused"] == ["note_moment"]
    assert query["typed-text"] == ["Ñandú & <b>"]
    text = shown(ana, "?" + urlsplit(where).query)
    assert "No existe ese momento" in text
    assert "Ñandú & <b>" in text
    assert parse_qs(urlsplit(send(ana, text="a\u202eb").location).query)["note_refused"] == ["note_control"]
    assert len(send(ana, text="ñ" * 5000).location) < 6000
    assert send(ana, action="note-withdraw", note="x", version="1").status_code == 404
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def number_of(visitor):
    return re.search(r"note=(\d+)", shown(visitor)).group(1)


def test_the_second_person_is_told_and_the_trail_keeps_all(visit_own):
    ana, carla = visit_own("ana"), visit_own("carla")
    send(ana, text="Primera versión")
    note = number_of(ana)
    assert "Por qué se retira" in shown(carla, f"?note={note}")
    send(ana, "note-change", note=note, version="1", text="Segunda versión", reason="Año corregido")
    where = send(carla, "note-withdraw", note=note, version="1", reason="No consta").location
    text = shown(carla, "?" + urlsplit(where).query)
    assert "Alguien cambió o retiró esta nota" in text
    assert "Segunda versión" in text
    assert "Año corregido" in text  # in the trail
    assert "No consta" in text  # what she had typed
    send(carla, "note-withdraw", note=note, version="2", reason="No consta")
    text = shown(ana)
    assert "No hay ninguna nota" in text
    for kept in ("Primera versión", "Segunda versión", "No consta", "carla"):
        assert kept in text
    assert parse_qs(urlsplit(send(ana, "note-withdraw", note=note, version="3", reason="x").location).query)[
        "note_refused"
    ] == ["note_withdrawn"]


def test_files_have_the_notes_in_a_sheet_of_their_own_and_no_formula(visit_own):
    ana = visit_own("ana")
    send(ana, text='=HYPERLINK("http://x","y")', source="@cmd", month="5", day="4")
    send(ana, about="accrued", text="De otra etapa")
    book = load_workbook(io.BytesIO(ana.get("/en/valle/trends/trends.xlsx?scheme=eu_eige&stage=pim").data))
    rows = list(book["Notes pinned in time"].iter_rows())
    found = {row[4].value: [cell.value for cell in row] for row in rows[1:]}
    assert found['=HYPERLINK("http://x","y")'][:4] == [1, 1, "2025-05-04", "all stages"]
    assert found["De otra etapa"][0] is None  # no mark in the chart of this stage
    assert "f" not in {cell.data_type for row in rows[1:] for cell in row}
    text = ana.get("/en/valle/trends/trends.csv?scheme=eu_eige&stage=pim").data.decode("utf-8-sig")
    assert "\"'=HYPERLINK(" in text
    assert "'@cmd" in text


def test_only_web_addresses_become_links():
    parts = linked("Acta 12, https://a.pe/x?y=1. javascript:alert(1) <b>")
    assert parts[0] == "Acta 12, "
    assert (parts[1].href, parts[1].children) == ("https://a.pe/x?y=1", "https://a.pe/x?y=1")
    assert parts[2] == ". javascript:alert(1) <b>"
    assert len(parts) == 3
    assert linked("solo texto") == ["solo texto"]


def note(number, when, stage=None):
    newest = SimpleNamespace(note=parse_note(when, f"Nota {number}", stage or ""))
    return SimpleNamespace(id=number, newest=newest)


def test_marks_stand_at_their_point_in_time_and_share_it_where_it_is_the_same():
    """A year is its point; January lies 5.5 of 12 months before the middle of the year, and so on."""
    board = SimpleNamespace(notes=[note(1, "2022-01"), note(2, "2022"), note(3, "2022"), note(4, "2026-12", "pim")])
    marks = time_marks(numbered(board, [2022, 2026], "pim"), [2022, 2026], PageContext("es"))
    assert [(one.place, one.label) for one in marks] == [(-0.4583, "1"), (0.0, "2–3"), (1.4583, "4")]
    assert place_of(Moment(2026, 7, 2), [2022, 2026]) == 1.0
    assert moment_text(Moment(2022, 5, 4), PageContext("es")) == "4 de mayo de 2022"
    assert moment_text(Moment(2022, 5), PageContext("en")) == "May 2022"


def test_numbers_that_would_touch_stand_in_rows_above_each_other():
    places, widths = [0.0, 0.05, 0.1, 0.5, 0.52], [0.2] * 5
    rows = levels(places, widths)
    for one in range(5):
        for other in range(one):
            assert rows[one] != rows[other] or places[one] - places[other] >= 0.2
    assert max(rows) == 2


def test_marks_leave_the_plot_as_high_as_it_was():
    plain, marked = (trend_figure([2025, 2026], [], "M") for _ in range(2))
    add_time_marks(marked, [TimeMark(0.0, "1", ["<b>"]), TimeMark(0.01, "2", ["b"])], 2)

    def plot(figure):
        margin, domain = figure.layout.margin, figure.layout.yaxis.domain or (0, 1)
        return (figure.layout.height - margin.t - margin.b) * domain[1]

    assert plot(marked) == pytest.approx(plot(plain))
    assert marked.layout.annotations[0].hovertext == "&lt;b>"
    add_time_marks(plain, [], 2)
    assert plain.layout.height == 330


def test_small_charts_have_the_notes_of_each_municipality_that_the_reader_may_see(visit_own, own_store):
    send(visit_own("ana"), text="Solo de Valle")
    send(visit_own("beto"), site="pampa", text="Solo de Pampa", year="2026")
    services = make_services(own_store)
    both = services.notes.beside(person(services, "unifem"))
    texts = {slug: [one.newest.note.text for one in notes] for slug, notes in both.items()}
    assert texts == {"valle": ["Solo de Valle"], "pampa": ["Solo de Pampa"]}
    assert set(services.notes.beside(person(services, "ana"))) == {"valle"}
    page = shown(visit_own("unifem"))
    assert page.count("small-notes") == 2  # one under each chart
    assert "1. 2026: Solo de Pampa" in page
    assert "Solo de Pampa" not in shown(visit_own("ana"))
