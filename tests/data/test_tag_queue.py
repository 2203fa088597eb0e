"""The queue of the review desk in the store: words are looked for in what a line says and nowhere else."""

from __future__ import annotations

import pytest

from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.sites import add_site
from data.store.tag_queue import QueueQuery, count_rows, list_page
from tests.store_builders import budget_row

YEAR = 2026
LABELS = {
    "a": {"function": "SALUD", "activity": 'Taller "Nosotras"'},
    "b": {"function": "AGUA", "activity": "Obra {por contrata}: 50 %, a\\b"},
    "c": {"function": "DEPORTE"},
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
        ("c", ["b", "c"]),  # in 'contrata', and the code
    ],
)
def test_words_are_found_in_codes_and_texts_of_labels_alone(factory, site_id, text, codes):
    query = QueueQuery(YEAR, text=text)
    with factory() as session:
        rows, count = list_page(session, site_id, query)
        assert ([row.code for row in rows], count) == (codes, len(codes))
        assert count_rows(session, site_id, query) == len(codes)
