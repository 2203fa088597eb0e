"""Profiles: people, needs, the rest of the site and the round before, for officials and for the public."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl
import pytest
from sqlalchemy import delete, select

from budget_model.errors import NotFoundError
from dashboard.context import PageContext
from dashboard.figures.trend_svg import trend_svg
from dashboard.pages import indicator as indicator_page
from dashboard.pages import map as map_page
from dashboard.pages import needs as needs_page
from dashboard.pages import overview as overview_page
from dashboard.pages import profile as page
from dashboard.services import Services, Store, make_services
from dashboard.services.findings import AreaRef, Gap, RoundInfo, SexFigure
from dashboard.services.profile import Extreme, ProfileNeed, _rest_of_sex
from dashboard.services.trend import TrendPoint
from dashboard.views.lack import as_lack
from dashboard.views.profile import gap_sentences, lead, profile_view
from dashboard.views.trend import trend_row
from data.store.engine import transaction
from data.store.tables import Area, Estimate, Indicator, PublishedFigure, SurveyRound
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
    assert view.change_title == "Change since 2024-1 (validated — not published)"
    assert next(row for row in view.needs if "water" in row.name).change == "+10.00\u00a0pp / \u221215.00\u00a0pp"
    public = look(None)
    assert profile_view(found(services, public, "S2"), public).change_title is None


def test_the_trend_has_each_round_and_the_change_with_its_verdict(services, look):
    """WATER in S2, both rounds full counts: women 40 then 50 %, men 35 then 20 %."""
    context = look()
    view = profile_view(found(services, context, "S2"), context)
    assert view.trend_rounds == ("2024-1 (validated — not published)", "2026-1")
    water = next(row for row in view.trends if "water" in row.name)
    assert (water.women, water.men) == ((0.40, 0.50), (0.35, 0.20))
    assert water.cells == ("40.0% / 35.0%", "50.0% / 20.0%")
    assert water.changes == tuple(context.formats.points(change) for change in (0.10, -0.15))
    others = [row for row in view.trends if "water" not in row.name]
    assert {row.cells[0] for row in others} == {"not asked"}
    assert {row.changes for row in others} == {("–", "–")}
    assert profile_view(found(services, look(None), "S2"), look(None)).trends == ()  # one round is public
    assert "data:image/svg" in str(page.layout(services, look(area="S2")))


def point(code: str, women: float, error: float | None, changed: tuple[str, ...] = (), number: int = 1) -> TrendPoint:
    told = RoundInfo(number, code, None, None, "all", None, error is None, 10, 30, "", "published")
    sides = [SexFigure(women, standard_error=error), None]
    return TrendPoint(told, Gap("X", {"en": "X"}, "other", "down", False, False, "", *sides), changed)


def test_a_change_of_samples_has_its_interval_and_one_of_definitions_is_none(look):
    """Errors of 2 and 1.5 points make 2.5, so the interval reaches 4.9 to each side."""
    context, points = look(), [point("2023", 0.30, 0.02), point("2026", 0.36, 0.015, number=2)]
    rounds = [one.round for one in points]
    text, other = trend_row("X", points, rounds, context).changes
    assert (text[:2], other) == ("+6", "–")
    assert re.search(r"\(\+1\.10? / \+10\.90?\)$", text)
    near = [points[0], point("2026", 0.34, 0.015, number=2)]
    text = trend_row("X", near, rounds, context).changes[0]
    assert re.search(r"\(\u22120\.90? / \+8\.90?\) ≈$", text)
    broken = [points[0], point("2026", 0.36, 0.015, ("universe",), number=2)]
    row = trend_row("X", broken, rounds, context)
    assert row.changes[0] == "not comparable, the definition changed: whom it applies to"
    assert row.women == (None, 0.36)  # no line across the break
    assert trend_svg(row.women, row.men) == ""


def test_a_share_of_a_sample_that_is_too_uncertain_is_not_shown_and_has_no_change(look):
    """A sample that found nobody knows no error; and 10 % with an error of 5 points is no figure to compare."""
    now = point("2026", 0.02, None, number=2)
    for then in (point("2023", 0.0, 0.0), point("2023", 0.10, 0.05)):
        row = trend_row("X", [then, now], [then.round, now.round], look())
        assert (row.cells[0], row.changes[0]) == ("too uncertain to show / –", "–")
        assert row.women == (None, 0.02)


def need_of_those_who_have_it() -> ProfileNeed:
    """13.5 % of women and 12 % of men take part; of all 13."""
    women = SexFigure(0.135, 0.01, 0.12, 0.16, persons=1000, universe=1000.0, lacking=865.0)
    men = SexFigure(0.12, universe=1000.0, lacking=880.0)
    labels = {"en": "People who vote"}, {"en": "People who do not vote"}
    gap = Gap("PARTIC", labels[0], "participation", "up", False, False, "", women, men, lacking_label=labels[1])
    extremes = Extreme(AreaRef(1, "S1", "S1", 1), 0.1), Extreme(AreaRef(2, "S2", "S2", 1), 0.2)
    return ProfileNeed(gap, SexFigure(0.13), (0.2, 0.1), SexFigure(0.13), (None, None), *extremes)


def test_a_need_is_named_by_what_is_lacking():
    turned = as_lack(need_of_those_who_have_it())
    assert turned.gap.label == {"en": "People who do not vote"}
    assert turned.gap.direction == "down"
    assert (turned.gap.women.estimate, turned.gap.women.ci_low, turned.gap.women.ci_high) == (
        pytest.approx(0.865),
        pytest.approx(0.84),
        pytest.approx(0.88),
    )
    assert turned.gap.gap == pytest.approx(-0.015)
    assert turned.gap.disadvantaged == need_of_those_who_have_it().gap.disadvantaged == "men"
    assert turned.rest == (pytest.approx(0.8), pytest.approx(0.9))
    assert (turned.worst.estimate, turned.best.estimate) == (pytest.approx(0.9), pytest.approx(0.8))


def share_gap(code: str, women: float, men: float, error: float) -> Gap:
    sides = [SexFigure(share, error, share - 2 * error, share + 2 * error) for share in (women, men)]
    return Gap(code, {"en": code}, "other", "down", False, False, "", *sides)


def test_the_widest_gaps_are_of_every_indicator_and_not_of_the_largest_needs_only(services, look):
    """17.5 and 14 points against women are wider than 8.5 against men; 20 with an error of 14 is chance."""
    gaps = (
        share_gap("COMMON", 0.815, 0.900, 0.01),
        share_gap("TIME", 0.275, 0.100, 0.01),
        share_gap("NEET", 0.200, 0.060, 0.01),
        share_gap("CHANCE", 0.300, 0.100, 0.10),
        share_gap("SMALL", 0.250, 0.200, 0.01),
    )
    profile = replace(found(services, look()), gaps=gaps)
    assert [sentence.split(":")[0] for sentence in gap_sentences(profile, look())] == ["TIME", "NEET", "COMMON"]
    nothing = gap_sentences(replace(profile, gaps=gaps[3:4]), look())
    assert nothing == ("No gap between women and men here is larger than what chance in the sample would explain.",)


def test_the_lead_says_the_need_and_not_its_opposite(services, look):
    context = look()
    profile = replace(found(services, context), needs=(need_of_those_who_have_it(),))
    assert lead(replace(profile, needs=(as_lack(profile.needs[0]),)), context)[0] == (
        "Most widespread need: People who do not vote (87.0% of those concerned)."
    )
    nameless = replace(profile.needs[0], gap=replace(profile.needs[0].gap, lacking_label={}))
    assert as_lack(nameless) == nameless
    assert "only 13.0% have it" in lead(replace(profile, needs=(nameless,)), context)[0]


def test_the_number_of_people_is_one_everywhere_for_the_public(services, look, store):
    """Officials are told the exact 2,003; the public the 2,000 that published figures add up to, on every page."""
    with transaction(store.factory) as session:
        row = session.scalars(select(SurveyRound).where(SurveyRound.code == "2026-1")).first()
        row.person_count = 2003
        site = session.scalars(select(Area).where(Area.site_id == row.site_id, Area.level == 0)).one()
        water = session.scalars(select(Indicator).where(Indicator.site_id == row.site_id, Indicator.code == "WATER"))
        together = {"estimate": 0.25, "n": 2000, "population": 2000.0, "count": 500.0, "status": "shown", "least": 20}
        place = {"round_id": row.id, "indicator_id": water.one().id, "area_id": site.id, "sex": "all"}
        session.add(PublishedFigure(**place, **together, age_band="all"))
    public, official = look(None), look()
    assert found(services, official).round.person_count == 2003
    told = found(services, public)
    assert told.round.person_count == told.population.everybody == 2000
    for service in (services.needs.findings, services.map.choices):
        assert service(public.user, public.site).round.person_count == 2000
    assert services.indicator.detail(public.user, public.site, "WATER", None).round.person_count == 2000


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


@pytest.fixture
def draft(store: Store) -> Iterator[str]:
    """A later round with figures that nobody has validated: half of the women without water everywhere."""
    with transaction(store.factory) as session:
        now = session.scalars(select(SurveyRound).where(SurveyRound.code == "2026-1")).first()
        columns = {c.name: getattr(now, c.name) for c in SurveyRound.__table__.columns if c.name != "id"}
        later = SurveyRound(**{**columns, "code": "2028-1", "state": "draft", "starts_on": None, "ends_on": None})
        later.ends_on = now.ends_on.replace(year=2028)
        session.add(later)
        session.flush()
        number = later.id
        water = session.scalars(select(Indicator).where(Indicator.site_id == now.site_id, Indicator.code == "WATER"))
        indicator = water.one().id
        for area in session.scalars(select(Area).where(Area.site_id == now.site_id)):
            figures = {"estimate": 0.5, "n": 400, "population": 400.0, "count": 200.0}
            session.add(Estimate(round_id=number, indicator_id=indicator, area_id=area.id, sex="female", **figures))
    yield "2028-1"
    with transaction(store.factory) as session:
        session.execute(delete(Estimate).where(Estimate.round_id == number))
        session.delete(session.get_one(SurveyRound, number))


@pytest.mark.parametrize("slug", ["profile", "needs", "map", "indicator", "overview"])
def test_a_later_draft_is_shown_only_where_it_is_asked_for_and_then_marked(services, look, draft, slug):
    pages = {"profile": page, "needs": needs_page, "map": map_page, "indicator": indicator_page}
    layout = {**pages, "overview": overview_page}[slug].layout
    usual = str(layout(services, look()))
    assert f"survey round {draft} (" not in usual  # the source line of what is shown names the published round
    asked = str(layout(services, look(round=draft)))
    assert "draft — not validated" in asked
    with pytest.raises(NotFoundError):
        layout(services, look(None, round=draft))
    assert draft not in str(layout(services, look(None)))


def test_files_of_a_draft_say_that_it_is_one(services, look, draft):
    make = needs_page.RESOURCES["needs.csv"]
    assert "draft — not validated" in make(services, look(round=draft)).content.decode("utf-8-sig")
    assert "draft" not in make(services, look()).content.decode("utf-8-sig")
