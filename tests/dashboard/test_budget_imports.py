"""Budget files page: upload, compare, import, records; what is wrong is said with its place and changes nothing."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from data.store.budget_imports import list_imports, list_mappings
from data.store.engine import transaction
from data.store.lines import list_lines
from data.store.sites import load_site
from data.store.users import find_user, give_role
from data.workflows.staging import staging_folder
from data.workflows.tags import propose_tag
from tests.dashboard_seed import make_store
from tests.data.budget_files import MEF_HEADER, mef_row
from tests.support import store_fingerprint

MAPPING = (
    "year: 2027\ncurrency: PEN\nline: [codigo]\nlabels: {activity: nombre}\nstages: {pia: aprobado, pim: vigente}\n"
)
ROWS = "codigo,nombre,aprobado,vigente\n01,Salud,10.50,20\n02,Obras,1,-2\n"


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


def post(visitor, name, fields):
    data = {"csrf_token": visitor.token(), **fields}
    return visitor.client.post(f"/es/valle/budget-imports/{name}", data=data, content_type="multipart/form-data")


def upload(visitor, content=ROWS, mapping=MAPPING, **fields):
    file = (io.BytesIO(content.encode()), "gasto.csv")
    return post(
        visitor, "start", {"file": file, "source": "table" if mapping else "auto", "mapping": mapping, **fields}
    )


def query_of(answer):
    assert answer.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def shown(visitor, **query):
    """The text of the page as its callback gives it."""
    search = "?" + "&".join(f"{name}={value}" for name, value in query.items())
    answer = visitor.open("/es/valle/budget-imports", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False)


def lines_of(store, year=2027):
    with store.factory() as session:
        return {line.code: line.pim for line in list_lines(session, load_site(session, "valle").id, year)}


def test_a_file_is_uploaded_compared_and_only_then_imported(visit_own, own_store):
    ana = visit_own("ana")
    draft = query_of(upload(ana))["draft"]
    text = shown(ana, draft=draft)
    assert "2 filas leídas, 2 conservadas, 2 líneas" in text
    assert "Montos negativos" in text
    assert lines_of(own_store) == {}
    done = query_of(post(ana, "finish", {"draft": draft}))
    assert lines_of(own_store) == {"01": Decimal(20), "02": Decimal(-2)}
    assert "Importación" in shown(ana, **{"import": done["import"]})
    assert not (staging_folder(own_store.bank_folder) / draft).exists()


def test_a_second_file_shows_what_moved_and_keeps_or_removes_what_is_gone(visit_own, own_store):
    ana = visit_own("ana")
    post(ana, "finish", {"draft": query_of(upload(ana))["draft"]})
    propose_tag(own_store.factory, "valle", 2027, "02", {"marker": "0"}, "General", "ana")
    second = query_of(upload(ana, "codigo,nombre,aprobado,vigente\n01,Salud,10.50,25\n03,Agua,1,2\n"))["draft"]
    text = shown(ana, draft=second)
    for words in ("Cambió un monto", "Ya no está en el archivo", "S/ 20.00", "S/ 25.00", "1 de ellas tienen etiqueta"):
        assert words in text.replace("\xa0", " ")
    post(ana, "finish", {"draft": second, "gone": "remove"})
    assert lines_of(own_store) == {"01": Decimal(25), "03": Decimal(2)}
    with own_store.factory() as session:
        record = list_imports(session, load_site(session, "valle").id)[0]
    assert (record.new_count, record.changed_count, record.gone_count, record.has_removed) == (1, 1, 1, True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("codigo,nombre,aprobado,vigente\n01,Salud,10.50\n", "Vuelva a poner los separadores que faltan"),
        ("codigo,nombre,aprobado,vigente\n01,Salud,10,50,20\n", "Quite los separadores que sobran"),
        ('codigo,nombre,aprobado,vigente\n01,Salud,"1.234,5",2\n', "en otro formato"),
        ("codigo,nombre,aprobado,vigente\n01,Salud,1,2\n01,Salud,1,2\n", "líneas repetidas"),
        ("codigo,nombre,aprobado\n01,Salud,1\n", "Faltan columnas"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place_and_changes_nothing(visit_own, own_store, content, words):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    draft = query_of(upload(ana, content))["draft"]
    text = shown(ana, draft=draft)
    assert "No se guardó nada" in text
    assert words in text
    assert "gasto.csv" in text
    post(ana, "finish", {"draft": draft})
    with own_store.factory() as session:
        assert list_imports(session, load_site(session, "valle").id) == []
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_an_empty_file_and_a_wrong_mapping_are_not_kept(visit_own, own_store):
    ana = visit_own("ana")
    assert query_of(upload(ana, ""))["refused"] in ("upload_empty", "budget_upload_missing")
    assert "key_unknown" in query_of(upload(ana, mapping=MAPPING + "yeer: 2027\n"))["refused"]
    assert query_of(upload(ana, year="dos mil"))["refused"] == "year_wrong"
    root = staging_folder(own_store.bank_folder)
    assert not root.is_dir() or not list(root.iterdir())


def test_only_officials_bring_files_in_and_nobody_sees_anothers_upload(visit_own, own_store):
    ana, carla, stranger = visit_own("ana"), visit_own("carla"), visit_own(None)
    assert stranger.get("/es/valle/budget-imports").status_code == 302
    assert upload(carla).status_code == 403
    draft = query_of(upload(ana))["draft"]
    with transaction(own_store.factory) as session:
        give_role(session, find_user(session, "beto"), "official", load_site(session, "valle").id, "test")
    beto = visit_own("beto")
    assert post(beto, "finish", {"draft": draft}).status_code == 404
    assert beto.get(f"/es/valle/budget-imports?draft={draft}").status_code == 404
    assert ana.get(f"/es/valle/budget-imports?draft={draft}").status_code == 200
    assert ana.get("/es/valle/budget-imports?import=999").status_code == 404
    assert carla.get(f"/es/valle/budget-imports?draft={draft}").status_code == 200  # the list of imports
    assert lines_of(own_store) == {}
    assert "Traer un archivo" not in shown(carla)
    assert "Traer un archivo" in shown(ana)


def test_a_site_keeps_its_mappings_and_refuses_wrong_ones(visit_own, own_store):
    ana = visit_own("ana")
    assert query_of(post(ana, "mapping", {"name": "Formato local", "text": MAPPING}))["mapping"] == "Formato local"
    assert "Formato local" in shown(ana)
    assert "refused" in query_of(post(ana, "mapping", {"name": "Mala", "text": "nada: 1"}))
    with own_store.factory() as session:
        assert [one.name for one in list_mappings(session, load_site(session, "valle").id)] == ["Formato local"]


def imported(visitor, content, mapping=MAPPING, **fields):
    draft = query_of(upload(visitor, content, mapping))["draft"]
    return query_of(post(visitor, "finish", {"draft": draft, **fields}))


def text_of(visitor, **query):
    return shown(visitor, **query).replace("\u00a0", " ")


def test_a_file_of_other_lines_says_before_the_import_that_keeping_both_is_impossible(visit_own):
    ana = visit_own("ana")
    imported(ana, ROWS)
    draft = query_of(upload(ana, "codigo,nombre,aprobado,vigente\n77,Otra,5,6\n"))["draft"]
    text = text_of(ana, draft=draft)
    assert "«Conservarlas» no es posible con este archivo:" in text
    assert '"value": "keep"' not in text
    assert '"value": "remove"' in text
    ((_, _, found),) = [row for row in cells(text) if row[0].startswith("El sitio tiene líneas de un año")]
    assert found == "2 líneas o filas; 2027"


def test_a_file_of_another_entity_names_both_and_removes_nothing_by_one_click(visit_own, own_store):
    mapping = MAPPING.replace("labels: {activity: nombre}", "labels: {activity: nombre, entity: quien}")
    ana, head = visit_own("ana"), "codigo,nombre,quien,aprobado,vigente\n"
    draft = query_of(upload(ana, head + "01,Salud,Lomas,10,20\n", mapping))["draft"]
    post(ana, "finish", {"draft": draft})
    draft = query_of(upload(ana, head + "77,Salud,Valles,5,6\n", mapping))["draft"]
    text = text_of(ana, draft=draft)
    ((_, _, found),) = [row for row in cells(text) if "otra entidad ejecutora" in row[0]]
    assert "2027: Lomas → Valles" in found
    assert "Elija qué pasa con ellas" in text
    post(ana, "finish", {"draft": draft, "gone": ""})
    assert lines_of(own_store) == {"01": 20}
    post(ana, "finish", {"draft": draft, "gone": "remove"})
    assert lines_of(own_store) == {"77": 6}


def test_a_file_that_no_way_lets_in_has_no_button_to_import_it(visit_own, own_store):
    ana = visit_own("ana")
    draft = query_of(upload(ana, ROWS, MAPPING.replace("PEN", "ARS")))["draft"]
    before = store_fingerprint(own_store.factory.kw["bind"])
    text = text_of(ana, draft=draft)
    assert "El archivo no puede entrar" in text
    assert "S/" not in text  # amounts of another currency never stand under the site's
    assert "/budget-imports/finish" not in text
    assert [row[2] for row in cells(text) if "moneda distinta" in row[0]] == ["ARS"]
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_the_preview_says_how_many_lines_are_odd_and_what_they_add_up_to(visit_own):
    ana = visit_own("ana")
    content = "codigo,nombre,aprobado,vigente\n01,Salud,10.50,20\n02,Obras,1,-2\n03,Parques,1,-3.25\n"
    draft = query_of(upload(ana, content))["draft"]
    told = "2 líneas o filas; en conjunto \N{MINUS SIGN}S/ 5.25; 02 (2027), 03 (2027)"  # -2 - 3.25
    assert told in found_cells(text_of(ana, draft=draft))
    record = query_of(post(ana, "finish", {"draft": draft}))["import"]
    assert told in found_cells(text_of(ana, **{"import": record}))


def test_what_is_stored_after_stands_beside_what_the_file_holds(visit_own, own_store):
    """Stored: 20 and -2; the file has 30 for the first alone: kept 30 - 2 = 28, removed 30."""
    ana = visit_own("ana")
    imported(ana, ROWS)
    draft = query_of(upload(ana, "codigo,nombre,aprobado,vigente\n01,Salud,10.50,30\n"))["draft"]
    text = text_of(ana, draft=draft)
    assert rows_of(text, "Guardado antes") == [["2027", "2", "S/ 11.50", "S/ 18.00"]]
    assert rows_of(text, "Guardado después, si se conservan las líneas que faltan") == [
        ["2027", "2", "S/ 11.50", "S/ 28.00"]
    ]
    assert rows_of(text, "Guardado después, si se quitan las líneas que faltan") == [
        ["2027", "1", "S/ 10.50", "S/ 30.00"]
    ]
    record = query_of(post(ana, "finish", {"draft": draft, "gone": "keep"}))["import"]
    assert rows_of(text_of(ana, **{"import": record}), "Guardado después") == [["2027", "2", "S/ 11.50", "S/ 28.00"]]
    assert sum(lines_of(own_store).values()) == 28


def rows_of(text, what):
    """Year, lines, PIA and PIM of the rows of totals that are called so."""
    return [[row[0], row[2], row[3], row[4]] for row in cells(text) if len(row) > 4 and row[1] == what]


def found_cells(text):
    """What was found, of every problem of the page."""
    return [row[2] for row in cells(text) if len(row) == 3]


def cells(text):
    """Rows of every table of the page."""
    return [
        [str(cell).replace("\u00a0", " ") for cell in row] for table in tables_of(json.loads(text)) for row in table
    ]


def tables_of(part):
    """Rows of every table of the page, which stand in it as one text each."""
    if isinstance(part, dict):
        for value in part.values():
            yield from tables_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from tables_of(value)
    elif isinstance(part, str) and '"rows"' in part:
        yield json.loads(part)["rows"]


def test_a_file_that_may_be_cut_off_comes_in_once_somebody_confirms_that_it_is_whole(visit_own, own_store):
    ana = visit_own("ana")
    cut = "\n".join([MEF_HEADER, mef_row(0, "500,500,0,0,0,0,0"), mef_row(1, "0,0,300,300,300,250,2")])
    draft = query_of(upload(ana, cut, mapping=""))["draft"]
    text = shown(ana, draft=draft)
    assert "No se guardó nada" in text
    assert "termina en un monto" in text
    assert "¿Está completa la última línea?" in text
    assert query_of(post(ana, "whole", {"draft": draft})) == {"draft": draft, "refused": "whole_unconfirmed"}
    assert "No se guardó nada" in shown(ana, draft=draft)  # the box was empty: still refused
    assert query_of(post(ana, "whole", {"draft": draft, "whole": "on"})) == {"draft": draft}
    assert "no termina en un salto" in (text := shown(ana, draft=draft)) or "2 filas leídas" in text
    assert lines_of(own_store, 2024) == {}
    post(ana, "finish", {"draft": draft})
    assert list(lines_of(own_store, 2024).values()) == [Decimal(500)]
    assert post(visit_own("carla"), "whole", {"draft": draft, "whole": "on"}).status_code == 403
