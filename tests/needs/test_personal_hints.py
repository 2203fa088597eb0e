"""Signs of persons in notes: what is found, and what causes no warning."""

from __future__ import annotations

import pytest

from budget_model.needs.personal_hints import find_personal_hints


def found(text, known=()):
    return [(hint.kind, hint.found) for hint in find_personal_hints(text, known)]


@pytest.mark.parametrize(
    ("text", "kind", "sign"),
    [
        ("Falta agua, dijo la señora Rosa.", "titled", "señora Rosa"),
        ("La Sra. Rosa Huamán cuida a tres niños.", "titled", "Sra. Rosa Huamán"),
        ("Lo propuso don José de la Cruz.", "titled", "don José de la Cruz"),
        ("Mrs. Brown agreed.", "titled", "Mrs. Brown"),
        ("Según María Quispe falta una posta.", "name", "María Quispe"),
        ("María Quispe dijo que falta agua.", "name", "María Quispe"),
        ("Falta agua. Juana de los Ríos Peña lo confirma.", "name", "Juana de los Ríos Peña"),
        ("Su documento es 45671234.", "identity", "45671234"),
        ("Llamar al 987 654 321.", "phone", "987 654 321"),
        ("Llamar al +51 999-111-222.", "phone", "+51 999-111-222"),
        ("Llamar al 01-4512233.", "phone", "01-4512233"),
        ("Escribir a ana.q@example.org por favor.", "email", "ana.q@example.org"),
        ("dijo doña lucha que falta agua", "titled", "doña lucha"),
        ("lo pidió juan pérez ayer", "name", "juan pérez"),
        ("rosa quispe mamani cuida a su madre", "name", "rosa quispe mamani"),
    ],
)
def test_names_and_numbers_are_found(text, kind, sign):
    assert found(text) == [(kind, sign)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Falta agua todo el día. Los hombres opinan lo mismo.",
        "Las Mujeres piden cunas; en el Sector 3 falta luz.",
        "Se reunieron el 12-04-2026 y el 2026-04-13.",
        "El plan de 2024-2026 costó 1.200.000 soles.",
        "15 mujeres de 18 a 29 años, 40 % con hijos.",
        "NO HAY AGUA EN EL BARRIO",
        "sin luz en las torres; la rosa y las flores del parque; piden el don de la palabra",
    ],
)
def test_plain_notes_cause_no_warning(text):
    assert found(text) == []


def test_names_of_places_and_organisations_are_known():
    text = "Las vecinas de Villa El Salvador piden ampliar el Vaso de Leche. María Quispe también."
    assert found(text, ["Villa El Salvador", "Programa del Vaso de Leche"]) == [("name", "María Quispe")]
    assert ("name", "Vaso de Leche") in found(text, ["Villa El Salvador"])


def test_everything_is_told_once_in_the_order_of_the_text():
    text = "Según Ana Rojas y el 45671234; Ana Rojas otra vez."
    assert found(text) == [("name", "Ana Rojas"), ("identity", "45671234")]


def test_a_long_text_is_read_in_no_time():
    """A pattern that tries every split of a run of words would not come back."""
    assert found("María de la " * 5_000) != [("name", "")]
