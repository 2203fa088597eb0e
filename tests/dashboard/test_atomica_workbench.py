"""An Atomica program book on the programme workbench: seen before it is stored, added, or refused in its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from budget_model.errors import AccessError, InputError
from dashboard.context import PageContext
from dashboard.pages import workbench_files as page
from dashboard.services import Store, make_services
from tests.atomica_books import Row, book_of, bytes_of
from tests.dashboard.conftest import person
from tests.incidence_site import make_incidence_store

EFFECTS = {"WORKS": [("Women of 15 and more", 0.3, "Random", 0.8)], "Contacts": [("Women of 15 and more", 9, "", 4)]}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    made = make_incidence_store(tmp_path_factory.mktemp("atomica"))
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def services(store):
    return make_services(store)


@pytest.fixture(scope="module")
def see(services):
    ana = person(services, "ana")
    site = services.sites.find(ana, "testville")
    return PageContext("es", site=site, user=ana, page="workbench")


@pytest.fixture(scope="module")
def book() -> bytes:
    return bytes_of(book_of([Row("Clinics", 300, 40, saturation=0.4)], EFFECTS, ["Women of 15 and more"]))


def codes(services, see) -> list[str]:
    return [one.code for one in services.workbench.bench(see.user, see.site).programmes]


def test_a_book_is_for_officials_of_the_site_only(services, see, book):
    for login in ("carla", "beto"):
        with pytest.raises(AccessError):
            services.workbench.read_file(person(services, login), see.site, book, "libro.xlsx")


def test_what_a_book_would_add_is_shown_with_what_is_to_know_and_nothing_is_stored(services, see, book):
    asked = services.workbench.read_file(see.user, see.site, book, "libro.xlsx")
    assert [(one.code, one.action) for one in asked.edited] == [("clinics", "add")]
    assert asked.edit.entries["clinics"]["serves"][0]["reach"] == {"women": 1.0, "men": 0.0}
    told = " ".join(str(part) for part in page.book_notes(asked, see))
    assert "“Contacts” no es una necesidad de este sitio" in told
    assert "hoja Program effects" in told
    assert "se toman como PEN" in told
    assert codes(services, see) == ["taps", "jobs"]


def test_a_book_with_a_word_for_a_number_is_refused_in_its_cell(services, see):
    spoiled = book_of([Row("Clinics", "much", 40)], EFFECTS)
    with pytest.raises(InputError) as caught:
        services.workbench.read_file(see.user, see.site, bytes_of(spoiled), "libro.xlsx")
    shown = str(page.file_refusal(caught.value, see, services.workbench.bench(see.user, see.site)))
    assert "Spending data" in shown
    assert "“much” no es un número" in shown


def test_an_applied_book_adds_its_programmes_and_says_where_they_are_from(services, see, book):
    asked = services.workbench.read_file(see.user, see.site, book, "libro.xlsx")
    services.workbench.save(see.user, see.site, asked.edit)
    bench = services.workbench.bench(see.user, see.site)
    assert [one.code for one in bench.programmes] == ["taps", "jobs", "clinics"]
    assert bench.history[0].origin == "libro.xlsx"
    assert not services.workbench.read_file(see.user, see.site, book, "libro.xlsx").edited  # it says what is stored
