"""The map: values by area for each reader, classes, marks, files, and shapes put in by officials."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.auth.person import Person
from dashboard.context import PageContext
from dashboard.pages import map as page
from dashboard.pages import map_files, map_shapes
from dashboard.services import Services, Store, make_services
from dashboard.services.map import AreaFigure
from dashboard.views.map import (
    CARE_MARK,
    MISSING_MARK,
    PROTECTED_MARK,
    SURE_MARK,
    UNCERTAIN_MARK,
    MapChoice,
    Picture,
    choice_of,
    make_picture,
)
from dashboard.views.map_colours import DIVERGING, SIDES, colours_of, luminance
from dashboard.views.map_documents import geojson_properties, picture_document, table_rows
from dashboard.views.map_words import PROBLEMS
from data.readers.geojson_features import SENTENCES
from data.store.engine import transaction
from data.store.tables import Area, AuditEntry, Estimate, Indicator, SurveyRound
from tests.dashboard.conftest import person
from tests.dashboard_seed import make_store
from tests.map_site import add_map, square
from tests.support import store_fingerprint


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = make_store(tmp_path_factory.mktemp("map"))
    add_map(made)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="module")
def services(store: Store) -> Services:
    return make_services(store)


@pytest.fixture
def look(services: Services) -> Callable[..., PageContext]:
    def context(login: str | None = "ana", language: str = "en", slug: str = "valle", **query: str) -> PageContext:
        user: Person = person(services, login)
        return PageContext(language, services.sites.find(user, slug), user, query, "map")

    return context


def document(services: Services, context: PageContext) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(map_files.picture_file(services, context).content)
    return found


def panel(found: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in found["panels"] if one["key"] == key)


def test_women_and_men_stand_side_by_side_on_one_scale(services, look):
    """Women 30 % and 50 %, men 20 %: two equal classes over both panels, 20-35 and 35-50."""
    found = document(services, look(indicator="WATER", method="own", own="35"))
    assert found["codes"] == ["S1", "S2"]
    assert panel(found, "women")["values"] == [0.3, 0.5]
    assert panel(found, "men")["values"] == [0.2, 0.2]
    assert (panel(found, "women")["classes"], panel(found, "men")["classes"]) == ([0, 1], [0, 0])
    assert [item["text"] for item in found["legend"]] == ["20.0% to 35.0%", "35.0% to 50.0%"]
    assert [item["counts"] for item in found["legend"]] == [[1, 2], [1, 0]]
    assert found["finding"] == (
        "People without safe water: from 20.0% in Sector S1 (men) to 50.0% in Sector S2 (women)"
    )


def test_a_map_of_a_mean_says_its_unit(services, look):
    found = document(services, look(indicator="UNPAID"))
    assert found["unit"].startswith("mean, hours a week · ")
    gap = document(services, look(indicator="UNPAID", show="gap"))
    assert gap["unit"].startswith("difference of means, hours a week · ")


def test_files_hold_every_decimal_of_a_share(services, look):
    """The picture of a third is drawn with six decimals; its file has all of them."""
    context = look(indicator="WATER", show="women", language="en")
    picture = make_picture(
        services.map.figures(context.user, context.site, "WATER", 1), MapChoice("WATER", show="women"), context
    )
    thirds = tuple(replace(panel, values=(1 / 3, 2 / 3)) for panel in picture.panels)
    exact = replace(picture, panels=thirds)
    assert [row[2] for row in table_rows(exact, context)] == [1 / 3, 2 / 3]
    assert geojson_properties(exact, 0, context)["women"] == 1 / 3
    assert picture_document(exact, context)["panels"][0]["values"] == [0.333333, 0.666667]


def test_a_gap_is_drawn_around_zero_with_women_worse_off_in_purple(services, look):
    """S1 30 − 20 = 10 points, S2 50 − 20 = 30 points; the scale runs from −30 to 30."""
    found = document(services, look(indicator="WATER", show="gap", method="equal", number="4"))
    assert panel(found, "gap")["values"] == [0.1, 0.3]
    assert found["legend"][0]["text"].startswith("\u221230.0")
    assert found["colours"] == list(colours_of(4, "women_high"))
    assert found["symbols"] == ["diamond", "circle"]
    assert "Above 0: women worse off" in found["notes"][0]


def test_change_is_this_round_minus_the_one_before(services, look):
    """Women in S1: 30 − 40 = −10 points, in S2 50 − 40 = +10; men 20 − 35 = −15."""
    found = document(services, look(indicator="WATER", over="change"))
    assert panel(found, "women")["values"] == [-0.1, 0.1]
    assert panel(found, "men")["values"] == [-0.15, -0.15]
    assert "2026-1 against 2024-1" in found["unit"]


def with_values(services, context: PageContext, women: tuple[float, ...], **choice: Any) -> Picture:
    """The map of women with these values in its first areas."""
    asked = MapChoice("WATER", show="women", **choice)
    figures = services.map.figures(context.user, context.site, "WATER", 1)
    shown = tuple(AreaFigure("shown", value) for value in women)
    area = figures.areas[0]
    areas = tuple(replace(area, code=f"A{at}", name=f"A{at}") for at in range(len(women)))
    return make_picture(replace(figures, areas=areas, now={**figures.now, "female": shown}), asked, context)


def test_the_legend_begins_and_ends_with_the_least_and_the_largest_value_as_written(services, look):
    """0.57 % is written 0.6 %, so the legend begins there, and 12.34 % ends it at 12.3 %."""
    context = look()
    picture = with_values(services, context, (0.0057, 0.05, 0.1234), method="equal", number=3)
    legend = picture_document(picture, context)["legend"]
    assert legend[0]["text"].startswith("0.6% to")
    assert legend[-1]["text"].endswith("to 12.3%")
    assert picture.classes == ((0, 1, 2),)


def test_an_area_lies_in_the_class_that_its_written_value_names(services, look):
    """4.04 % is written 4.0 %, which the first class ends with."""
    picture = with_values(services, look(), (0.02, 0.0404, 0.06), method="own", own=(0.04,))
    assert picture.classes == ((0, 0, 1),)


def test_fewer_classes_than_asked_for_are_explained(services, look):
    context = look()

    def notes(values: tuple[float, ...], **choice: Any) -> str:
        return " ".join(picture_document(with_values(services, context, values, **choice), context)["notes"])

    ties = (0.006,) * 8 + (0.05, 0.07, 0.1, 0.2)  # of 12 the 3rd, 5th and 8th are alike, the 10th is 0.07
    assert "2 of 5 classes: many areas have the same value when rounded" in notes(ties)
    assert "2 of 5 classes: the areas have only 3 different values" in notes((0.1, 0.1, 0.2, 0.3), number=5)
    assert "2 of 3 classes: bounds beyond the lowest and the highest" in notes((0.1, 0.3), method="own", own=(0.2, 0.5))
    assert "classes:" not in notes(tuple(at / 100 for at in range(1, 21)))


def test_a_change_is_as_sure_as_the_less_sure_of_its_rounds(services, look):
    """Of an earlier sample: 0 % without an error is no figure, a change within its error is hatched."""
    context = look()
    figures = services.map.figures(context.user, context.site, "WATER", 1)
    sides = (AreaFigure("shown", 0.0, None), AreaFigure("shown", 0.49, 0.02, 0.45, 0.53))
    sample = replace(
        figures,
        before=replace(figures.before, is_census=False),
        earlier=dict.fromkeys(("female", "male", "all"), sides),
    )
    picture = make_picture(sample, MapChoice("WATER", show="women", over="change"), context)
    assert picture.panels[0].marks == (UNCERTAIN_MARK, CARE_MARK)
    assert picture.panels[0].values[0] is None
    assert picture.panels[0].values[1] == pytest.approx(0.01)


def test_no_change_is_drawn_where_the_definition_changed_or_no_round_is_earlier(services, look, store):
    assert any(
        "No earlier round" in note for note in document(services, look(indicator="ILLIT", over="change"))["notes"]
    )
    context = look(indicator="WATER", over="change")
    figures = services.map.figures(context.user, context.site, "WATER", 1)
    changed = type(figures)(**{**figures.__dict__, "earlier": None, "changed_keys": ("universe",)})
    picture = make_picture(changed, MapChoice("WATER", over="change"), context)
    told = picture_document(picture, context)
    assert panel(told, "women")["marks"] == [MISSING_MARK, MISSING_MARK]
    assert any("definition of this indicator changed" in note and "universe" in note for note in told["notes"])


def test_the_public_sees_published_figures_only_and_never_a_sensitive_indicator(services, look):
    codes = [one.code for one in services.map.choices(look(None).user, look(None).site).indicators]
    assert "IPV12" not in codes
    found = document(services, look(None, indicator="RARE"))
    assert panel(found, "women")["values"] == [None, None]
    assert panel(found, "women")["marks"] == [PROTECTED_MARK, PROTECTED_MARK]
    assert "Protected: fewer than about 20 persons" in [item["text"] for item in found["marks"]]
    official = document(services, look(indicator="RARE"))
    assert panel(official, "women")["values"] == [0.004, 0.004]
    refused = document(services, look(None, indicator="IPV12"))
    assert "problems" in refused
    assert document(services, look(indicator="IPV12")).get("problems")  # never below the municipality, for nobody


def test_an_address_that_asks_for_a_hidden_indicator_is_told_that_another_one_is_shown(services, look):
    told = "has no figures of areas that may be shown here"
    assert told in str(page.layout(services, look(None, indicator="IPV12")))
    assert told not in str(page.layout(services, look(None, indicator="RARE")))


def test_the_public_does_not_see_a_round_that_is_not_published(services, look):
    assert [one.code for one in services.map.choices(look(None).user, look(None).site).rounds] == ["2026-1"]
    assert [one.code for one in services.map.choices(look().user, look().site).rounds] == ["2026-1", "2024-1"]
    assert document(services, look(None, round="2024-1")).get("problems")
    assert document(services, look(None, indicator="WATER", over="change"))["panels"][0]["values"] == [None, None]


def test_what_the_table_lacks_is_missing_and_not_zero(services, look):
    found = document(services, look(indicator="WATER", show="all"))
    assert panel(found, "all")["values"] == [None, None]
    assert panel(found, "all")["marks"] == [MISSING_MARK, MISSING_MARK]
    assert found["finding"].endswith("no area can be shown")


def test_a_sample_is_hatched_or_left_uncoloured_by_its_uncertainty(services, look):
    """±3.9 points: care (cv 20 %); cv 40 %: not shown; without an error: not shown."""
    context = look(indicator="WATER", show="women")
    figures = services.map.figures(context.user, context.site, "WATER", 1)
    survey_round = type(figures.round)(**{**figures.round.__dict__, "is_census": False})

    def marks(*pairs: tuple[float, float | None]) -> list[int]:
        cells = tuple(AreaFigure("shown", value, error) for value, error in pairs)
        now = {"female": cells, "male": cells, "all": cells}
        sample = type(figures)(**{**figures.__dict__, "round": survey_round, "now": now})
        return list(make_picture(sample, MapChoice("WATER", "women"), context).panels[0].marks)

    assert marks((0.2, 0.04), (0.3, 0.002)) == [CARE_MARK, SURE_MARK]
    assert marks((0.1, 0.04), (0.0, None)) == [UNCERTAIN_MARK, UNCERTAIN_MARK]


def test_own_bounds_are_read_with_either_decimal_mark_and_refused_in_words(services, look):
    assert choice_of({"method": "own", "own": "10; 12,5; 50 %"}).own == (0.1, 0.125, 0.5)
    for own, words in (("50; 20", "must rise"), ("a lot", "with semicolons"), ("", "1 to 6 bounds")):
        problems = document(services, look(indicator="WATER", method="own", own=own))["problems"]
        assert words in problems[0]
    spanish = document(services, look(language="es", indicator="WATER", method="own", own="50; 20"))["problems"]
    assert spanish == ["Los límites de las clases deben ir en aumento; a 0.5 le sigue 0.2."]


def test_an_address_that_asks_for_nonsense_is_refused_and_the_page_still_opens(services, look):
    for query in ({"show": "everything"}, {"number": "-3"}, {"level": "x"}, {"method": "magic"}):
        with pytest.raises(InputError):
            choice_of(query)
        page.layout(services, look(**query))
    with pytest.raises(NotFoundError):
        services.map.figures(look().user, look().site, "WATER", 7)


def test_every_scale_is_ordered_by_lightness_so_that_it_reads_in_grey():
    for number in range(2, 8):
        steps = [luminance(colour) for colour in colours_of(number)]
        assert all(one - two > 0.015 for one, two in pairwise(steps))
    for scale, sides in DIVERGING.items():
        assert set(sides) <= set(SIDES)
        for number in range(2, 8):
            colours = colours_of(number, scale)
            assert len(colours) == number
            steps = [luminance(colour) for colour in colours[(number + 1) // 2 :]]
            assert all(one > two for one, two in pairwise(steps))


# --- files ------------------------------------------------------------------------------------------------------------


def test_the_table_file_says_what_it_is_and_why_a_figure_is_missing(services, look):
    text = page.RESOURCES["map.csv"](services, look(None, indicator="RARE")).content.decode("utf-8-sig")
    for part in ("# Site: Valle Sintético", "SYNTHETIC DATA", "2026-1", "Protected: fewer than about 20 persons"):
        assert part in text
    rows = {row[0]: row for row in csv.reader(io.StringIO(text)) if row}
    assert rows["S1"][:6] == ["S1", "Sector S1", "", "", "", "protected"]


def test_the_geojson_file_has_shapes_values_and_classes(services, look):
    resource = page.RESOURCES["map.geojson"](services, look(indicator="WATER"))
    found = json.loads(resource.content)
    first = found["features"][0]
    assert first["geometry"] == square(-76.95, -12.2)
    assert first["properties"]["women"] == 0.3
    assert first["properties"]["women_class"] >= 1
    assert {"name": "Site", "text": "Valle Sintético"} in found["about"]
    assert resource.download_name == "valle-map-water.geojson"


def test_the_svg_file_has_title_legend_period_source_and_every_area(services, look):
    content = page.RESOURCES["map.svg"](services, look(indicator="WATER", show="women")).content.decode()
    root = ET.fromstring(content)
    texts = " ".join(node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text"))
    for part in ("People without safe water", "Source:", "March 1, 2026", "test rows", "SYNTHETIC", "30.0%"):
        assert part in texts
    titles = [node.text for node in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[1:] == ["Sector S1", "Sector S2"]


def test_the_shapes_are_a_small_file_that_changes_its_version_with_them(services, look, store):
    first = map_files.areas_file(services, look(level="1"))
    assert [f["properties"]["code"] for f in json.loads(first.content)["features"]] == ["S1", "S2"]
    assert first.version == map_files.areas_file(services, look(level="1")).version


# --- shapes put in ----------------------------------------------------------------------------------------------------


def upload(*features: tuple[str, dict[str, Any]]) -> str:
    items = [{"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in features]
    text = json.dumps({"type": "FeatureCollection", "features": items})
    return "data:application/json;base64," + base64.b64encode(text.encode()).decode()


SOUND = (("S1", square(-76.95, -12.2)), ("S2", square(-76.94, -12.2)))


def test_an_official_checks_a_file_and_then_stores_it(services, look, store):
    context = look(language="es")
    found, is_hidden = map_shapes.check_file(services, context, upload(*SOUND), "a.geojson", "1", "")
    assert not is_hidden
    assert "2 formas con 10 puntos" in str(found)
    assert "2 formas guardadas" in str(map_shapes.store_file(services, context, upload(*SOUND), "a.geojson", "1", ""))
    with store.factory() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.actor) == ("areas.shapes", "ana")


def test_a_refused_file_is_told_in_the_readers_language_and_changes_nothing(services, look, store):
    context = look(language="es")  # logging in leaves a trace of its own
    before = store_fingerprint(store.factory.kw["bind"])
    crossed = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 2], [0, 0]]]}
    wrong = upload(("S1", crossed), ("S9", square(-76, -12)))
    found, is_hidden = map_shapes.check_file(services, context, wrong, "a.geojson", "1", "")
    assert is_hidden
    assert "Elemento 1 (S1): su contorno se cruza a sí mismo" in str(found)
    assert "el lugar no tiene el área «S9». La más parecida es «S" in str(found)
    assert "rechaza" in str(map_shapes.store_file(services, context, wrong, "a.geojson", "1", ""))
    assert store_fingerprint(store.factory.kw["bind"]) == before


@pytest.mark.parametrize("login", [None, "carla", "beto"])
def test_only_officials_of_the_site_put_in_shapes(services, look, login):
    context = look(login)
    with pytest.raises(AccessError):
        services.map.check_shapes(context.user, context.site, b"", "a", 1, "")
    with pytest.raises(AccessError):
        services.map.store_shapes(context.user, context.site, b"", "a", 1, "")
    assert "map-shapes" not in str(page.layout(services, context))


def test_every_sentence_about_shapes_can_be_translated():
    assert {rule: PROBLEMS[rule] for rule in SENTENCES} == SENTENCES


def test_two_thousand_areas_are_one_picture(services, look, store):
    context = look("ana", slug="pampa")
    with transaction(store.factory) as session:
        site_id = context.site.id
        root = session.scalars(select(Area).where(Area.site_id == site_id, Area.level == 0)).one()
        areas = [
            Area(site_id=site_id, parent_id=root.id, level=1, code=f"A{i:04}", name=f"Area {i}") for i in range(2000)
        ]
        session.add_all(areas)
        survey_round = session.scalars(select(SurveyRound).where(SurveyRound.site_id == site_id)).one()
        some = session.scalars(select(Estimate).where(Estimate.round_id == survey_round.id)).first()
        session.flush()
        for i, area in enumerate(areas):
            share = 0.2 + 0.6 * (math.sin(i) + 1) / 2
            session.add(
                Estimate(
                    round_id=survey_round.id,
                    indicator_id=some.indicator_id,
                    area_id=area.id,
                    sex="female",
                    estimate=share,
                    standard_error=0.01,
                    ci_low=share - 0.02,
                    ci_high=share + 0.02,
                    n=500,
                    population=500.0,
                )
            )
    found = document(services, look("beto", slug="pampa", indicator="WATER", show="women", method="jenks", number="7"))
    assert len(found["codes"]) == 2000
    assert sum(item["counts"][0] for item in found["legend"]) == 2000


def test_figures_that_their_source_gives_for_both_together_are_shown_without_a_choice(services, look, store):
    """Published estimates often have no sex: the page then opens on what there is, and so do its files."""
    context = look("beto", slug="pampa")
    with transaction(store.factory) as session:
        site_id = context.site.id
        now = session.scalars(select(SurveyRound).where(SurveyRound.site_id == site_id)).one()
        root = session.scalars(select(Area).where(Area.site_id == site_id, Area.level == 0)).one()
        area = Area(site_id=site_id, parent_id=root.id, level=1, code="ALONE", name="Alone")
        kept = session.scalars(select(Estimate).where(Estimate.round_id == now.id)).all()
        unused = {one.indicator_id for one in kept if one.area_id == root.id} - {
            one.indicator_id for one in kept if one.area_id != root.id
        }
        indicator = session.get_one(Indicator, max(unused))
        session.add(area)
        session.flush()
        figures = {
            "estimate": 0.4,
            "standard_error": 0.01,
            "ci_low": 0.38,
            "ci_high": 0.42,
            "n": 500,
            "population": 500.0,
        }
        session.add(Estimate(round_id=now.id, indicator_id=indicator.id, area_id=area.id, sex="all", **figures))
        code = indicator.code
    choices = services.map.choices(context.user, context.site)
    assert code not in choices.by_sex
    assert page.with_default_show({"indicator": code}, choices)["show"] == "all"
    assert page.with_default_show({"indicator": code, "show": "gap"}, choices)["show"] == "gap"
    shown = json.loads(map_files.picture_file(services, look("beto", slug="pampa", indicator=code)).content)
    assert "problems" not in shown, shown
    assert shown["panels"][0]["key"] == "all"


def test_a_dropped_file_that_is_no_map_gets_an_answer(services, look):
    """The browser lets every file through: one that it held back would vanish without a word."""
    assert "accept=" not in str(page.layout(services, look()))
    content = "data:text/plain;base64," + base64.b64encode(b"sector,name\nS1,North\n").decode()
    told, is_hidden = map_shapes.check_file(services, look(), content, "sectors.csv", "1", "")
    assert "not valid JSON" in str(told)
    assert is_hidden
