"""Profiles: people, needs, the rest of the site and the round before, for officials and for the public."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
import pytest

from budget_model.errors import NotFoundError
from dashboard.context import PageContext
from dashboard.pages import profile as page
from dashboard.services import Services, Store, make_services
from dashboard.services.findings import SexFigure
from dashboard.services.profile import _rest_of_sex
from dashboard.views.profile import profile_view
from data.workflows.bank import PERSONS
from tests.dashboard.conftest import person
from tests.dashboard_seed import make_store
from tests.map_site import add_map


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = make_store(tmp_path_factory.mktemp("profile"))
    add_map(made)
    folder = made.bank_folder / "valle" / "2026-1"
    folder.mkdir(parents=True)
    frame = pl.DataFrame(
        {
            "person_id": [1, 2, 3, 4, 5],
            "household_id": [1, 1, 1, 2, 2],
            "sex": ["female", "female", "male", "female", "male"],
            "age_band": ["0-5", "18-29", "18-29", "60+", None],
            "sector": ["S1", "S1", "S1", "S2", "S2"],
        }
    )
    frame.write_parquet(folder / PERSONS)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def services(store: Store) -> Services:
    return make_services(store)


@pytest.fixture
def look(services: Services) -> Callable[..., PageContext]:
    def context(login: str | None = "ana", language: str = "en", slug: str = "valle", **query: str) -> PageContext:
        user = person(services, login)
        return PageContext(language, services.sites.find(user, slug), user, query, "profile")

    return context


def found(services, context, area=None):
    return services.profile.profile(context.user, context.site, area)


def test_people_of_an_area_are_counted_by_sex_and_age_for_officials(services, look):
    people = found(services, look(), "S1").population
    assert (people.women, people.men) == (2, 1)
    assert [(band.band, band.women, band.men) for band in people.bands] == [("0-5", 1, None), ("18-29", 1, 1)]
    whole = found(services, look()).population
    assert (whole.women, whole.men) == (3, 2)  # who has no age band is counted in the total only
    assert [band.band for band in whole.bands] == ["0-5", "18-29", "60+"]


def test_the_public_gets_people_from_published_figures_without_ages_of_an_area(services, look):
    people = found(services, look(None), "S1").population
    assert (people.women, people.men) == (500, 500)
    assert people.bands == ()
    assert "not published, so that nobody can be recognised" in str(page.layout(services, look(None, area="S1")))


def test_needs_are_ordered_by_how_many_lack_them_and_compared_with_the_rest(services, look):
    """Women without water: S2 250 of 500, site 300 of 1,000, so the rest has 50 of 500. Men: 100, 200: 100 of 500."""
    profile = found(services, look(), "S2")
    water = next(need for need in profile.needs if need.gap.code == "WATER")
    assert water.rest == (pytest.approx(0.1), pytest.approx(0.2))
    assert [need.gap.code for need in profile.needs][:2] == ["WATER", "HINS"]  # 35 %, then 30 %
    assert "UNPAID" not in [need.gap.code for need in profile.needs]  # a mean has no share of persons


def test_means_stand_apart_with_their_unit(services, look):
    context = look()
    view = profile_view(found(services, context), context)
    assert view.means == (("Hours of unpaid work", "hours a week", "38.50", "15.25", "+23.250"),)
    assert "hours a week" in str(page.layout(services, context))


def test_sensitive_needs_stay_out_of_areas_and_away_from_the_public(services, look):
    def codes(login, area):
        return [need.gap.code for need in found(services, look(login), area).needs]

    assert "IPV12" in codes("ana", None)
    assert "IPV12" not in codes("ana", "S1")
    assert "IPV12" not in codes(None, None)


def test_a_figure_that_is_protected_says_so_and_has_no_place_on_the_line(services, look):
    context = look(None)
    rare = next(
        (row for row in profile_view(found(services, context, "S1"), context).needs if "rare" in row.name), None
    )
    assert rare is None  # neither women's nor men's figure of the sector is shown: it is not among the needs
    site = next(row for row in profile_view(found(services, context), context).needs if "rare" in row.name)
    assert "protected" in site.women
    assert site.women_at is None
    assert site.gap == "–"


def test_the_round_before_gives_the_change_of_women_and_men(services, look):
    """WATER in S2: women 50 − 40, men 20 − 35."""
    context = look()
    view = profile_view(found(services, context, "S2"), context)
    assert view.change_title == "Change since 2024-1"
    assert next(row for row in view.needs if "water" in row.name).change == "+10.00\u00a0pp / \u221215.00\u00a0pp"
    public = look(None)
    assert profile_view(found(services, public, "S2"), public).change_title is None


def test_the_rest_is_unknown_where_a_part_is_protected():
    whole = SexFigure(0.3, universe=1000.0, lacking=300.0)
    assert _rest_of_sex(SexFigure.suppressed(20), whole, "down") is None
    assert _rest_of_sex(SexFigure(0.5, universe=400.0, lacking=200.0), whole, "down") == pytest.approx(1 / 6)
    assert _rest_of_sex(whole, whole, "down") is None  # there is no rest


def test_an_area_that_is_not_there_is_not_found(services, look):
    with pytest.raises(NotFoundError):
        found(services, look(), "nowhere")


def test_the_small_map_lets_the_area_stand_out(services, look):
    picture = page.locator_file(services, look(area="S1")).content.decode()
    assert picture.count("<path") == 2
    assert picture.count("#1F4E79") == 1
    assert page.locator_file(services, look()).content.decode().count("#1F4E79") == 2


def test_a_page_without_rounds_says_what_is_missing(services, look, monkeypatch):
    empty = found(services, look())
    nothing = type(empty)(None, None, empty.area, empty.areas, (), None, False, False)
    monkeypatch.setattr(type(services.profile), "profile", lambda *_: nothing)
    assert "no figures for this profile yet" in str(page.layout(services, look()))
