"""The queue of the review desk in the store: words are looked for in what a line says and nowhere else."""

from __future__ import annotations

import pytest

from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.migrate import downgrade, migrate
from data.store.sites import add_site
from data.store.tag_queue import QueueQuery, count_rows, list_page
from tests.store_builders import budget_row

YEAR = 2026
LABELS = {
    "a": {"function": "SALUD", "activity": 'Taller "Nosotras"'},
    "b": {"function": "AGUA", "activity": "Obra {por contrata}: 50 %, a\\b"},
    "c": {"function": "DEPORTE"},
    "d": {"function": "EDUCACION", "activity": "Gestión del niño"},
    "e": {"function": "Educación", "activity": "GESTIÓN del NIÑO"},
}


@pytest.fixture
def site_id(factory):
    with transaction(factory) as session:
        site = add_site(session, slug="valle", name="Valle", country="PE", currency="PEN", actor="test")
        save_lines(session, site.id, "test", [budget_row(code, YEAR, labels=LABELS[code]) for code in LABELS])
        return site.id


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("salud", ["a"]),
        ('"', ["a"]),
        ('"nosotras"', ["a"]),
        (":", ["b"]),
        ("{", ["b"]),
        ("%", ["b"]),
        ("\\", ["b"]),
        ("function", []),  # the name of a label is no word of the line
        ("_", []),
        ('",', []),
        ("taller salud", ["a"]),
        ("taller agua", []),
        ("c", ["b", "c", "d", "e"]),  # in 'contrata', 'educacion', and the code
        ("educación", ["d", "e"]),
        ("EDUCACION", ["d", "e"]),
        ("Gestion NINO", ["d", "e"]),
        ("niÑo", ["d", "e"]),
        ("educacio\u0301n", ["d", "e"]),  # the accent as a sign of its own
        ("deporteeduca", []),  # texts of two lines
        ("saludtaller", []),  # texts of two labels
    ],
)
def test_words_are_found_in_codes_and_texts_of_labels_alone(factory, site_id, text, codes):
    query = QueueQuery(YEAR, text=text)
    with factory() as session:
        rows, count = list_page(session, site_id, query)
        assert ([row.code for row in rows], count) == (codes, len(codes))
        assert count_rows(session, site_id, query) == len(codes)


def test_lines_of_an_earlier_store_are_found_after_the_migration(factory, site_id, database_url):
    downgrade(database_url, "0089")
    migrate(database_url)
    with factory() as session:
        rows, count = list_page(session, site_id, QueueQuery(YEAR, text="educación niño"))
        assert ([row.code for row in rows], count) == (["d", "e"], 2)


def test_a_line_that_is_called_something_else_now_is_found_by_its_new_words_alone(factory, site_id):
    with transaction(factory) as session:
        save_lines(session, site_id, "test", [budget_row("c", YEAR, labels={"function": "Salón"})])
    with factory() as session:
        assert count_rows(session, site_id, QueueQuery(YEAR, text="salon")) == 1
        assert count_rows(session, site_id, QueueQuery(YEAR, text="deporte")) == 0
