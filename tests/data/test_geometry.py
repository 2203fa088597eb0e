"""Shapes of areas from GeoJSON: every problem is found, placed and named, and a refusal stores nothing."""

from __future__ import annotations

import csv
import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from budget_model.errors import InputError, NotFoundError
from data.readers.geojson import read_shapes
from data.readers.geojson_areas import KnownArea, folded
from data.readers.rings import common_area, edges_of, first_crossing, signed_area
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.tables import AuditEntry
from data.workflows.geometry import export_shapes, import_shapes
from tests.store_builders import make_place
from tests.support import store_fingerprint

AREAS = [KnownArea("north", "Sector Norte"), KnownArea("south", "Peñón del Sur")]


def square(x: float, y: float, size: float = 1.0) -> list[list[float]]:
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def feature(code: str, *rings: list[list[float]], **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": list(rings)}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def collection(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


SOUND = (feature("north", square(0, 1)), feature("south", square(0, 0)))


def refusal(content: bytes, **options: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_shapes(content, "areas.geojson", AREAS, **options)
    return [problem.message for problem in caught.value.problems]


def test_sound_shapes_come_in_with_outer_rings_counter_clockwise():
    clockwise = feature("north", square(0, 1)[::-1])
    shapes = read_shapes(collection(clockwise, SOUND[1]), "areas.geojson", AREAS)
    ring = np.array(shapes.geometries["north"]["coordinates"][0])
    assert signed_area(ring) == pytest.approx(1.0)
    assert shapes.id_property == "code"
    assert shapes.warnings == ()


def test_a_crossed_ring_is_refused_with_the_feature_and_the_place():
    """The bow-tie's diagonals meet at (0.5, 0.5)."""
    bow = feature("north", [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])
    assert refusal(collection(bow)) == [
        "Feature 1 (north): its outline crosses itself near (0.50000, 0.50000). Mend the shape there."
    ]


def test_all_problems_come_at_once():
    open_ring = feature("north", [[0, 0], [1, 0], [1, 1], [0, 1]])
    metres = feature("south", square(280000, 8650000))
    unknown = feature("Sector nort", square(4, 4))
    messages = refusal(collection(open_ring, metres, unknown))
    assert [message.split(":")[0] for message in messages] == [
        "Feature 1 (north)",
        "Feature 2 (south)",
        "Feature 3 (Sector nort)",
    ]
    assert "is not closed" in messages[0]
    assert "look like metres" in messages[1]
    assert "The nearest is 'north' (Sector Norte)" in messages[2]


def test_exchanged_longitude_and_latitude_are_recognised():
    swapped = feature("north", [[y, x] for x, y in square(-120, 10)])
    assert "exchanged" in refusal(collection(swapped))[0]


def test_an_overlap_beyond_the_tolerance_is_refused_with_its_size():
    """The second square covers 0.25 of the first."""
    messages = refusal(collection(SOUND[0], feature("south", square(0, 0.25))))
    assert messages == [
        "Features 1 (north) and 2 (south) overlap by 25.0 % of the smaller one (up to 0.5 % is let pass). "
        "Mend their common border."
    ]
    assert read_shapes(collection(SOUND[0], feature("south", square(0, 0.25))), "f", AREAS, tolerance=0.3)


def test_a_hole_that_another_area_fills_is_no_overlap():
    ring = feature("north", square(0, 0, 4), square(1, 1)[::-1])
    island = feature("south", square(1, 1))
    assert len(read_shapes(collection(ring, island), "f", AREAS).geometries) == 2


def test_a_hole_outside_its_polygon_is_refused():
    assert "hole lies outside" in refusal(collection(feature("north", square(0, 0), square(5, 5))))[0]


def test_names_match_without_accents_and_capitals_and_by_alias():
    features = (feature("", square(0, 1), nombre="SECTOR  NORTE"), feature("", square(0, 0), nombre="Penon raro"))
    options: dict[str, Any] = {"id_property": "nombre", "aliases": {"Peñon Raro": "south"}}
    assert set(read_shapes(collection(*features), "f", AREAS, **options).geometries) == {"north", "south"}
    assert folded("Peñón  del-SUR") == "penon del sur"


def test_two_features_of_one_area_and_an_area_without_one_are_named():
    twice = collection(SOUND[0], feature("north", square(3, 3)))
    assert "area 'north' is already the one of feature 1" in refusal(twice)[0]
    warning = read_shapes(collection(SOUND[0]), "f", AREAS).warnings[0]
    assert warning.value == "south"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"type": "FeatureCollection", "features": [', "not valid JSON"),
        (b'{"type": "FeatureCollection", "features": []}', "no GeoJSON FeatureCollection with features"),
        (b"[1, 2]", "no GeoJSON FeatureCollection"),
        ("ñ".encode("latin-1"), "not UTF-8"),
        (collection(*SOUND, crs={"properties": {"name": "urn:ogc:def:crs:EPSG::32718"}}), "another coordinate system"),
        (collection({"type": "Feature", "properties": {}, "geometry": None}), "its geometry is missing"),
        (collection(feature("north", [[0, 0], [1, "1"], [1, 1], [0, 0]])), "no pair of numbers"),
        (collection(feature("north", [[0, 0], [1, 1], [0, 0]])), "has 3 points"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN is no number"),
    ],
)
def test_a_file_that_is_no_map_is_refused_in_words(content, words):
    assert any(words in message for message in refusal(content))


def brute_crossing(ring: list[tuple[int, int]]) -> bool:
    """Every pair of segments, in whole numbers."""

    def turn(a, b, c):
        value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        return (value > 0) - (value < 0)

    sides = list(pairwise(ring))
    return any(
        turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
        for i, (a, b) in enumerate(sides)
        for c, d in sides[i + 1 :]
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=4, max_size=40))
def test_crossings_on_the_grid_are_those_of_every_pair(points):
    ring = [*points, points[0]]
    assert (first_crossing([np.array(ring, dtype=float)]) is not None) == brute_crossing(ring)


@given(st.floats(0.1, 1.9), st.floats(0.1, 1.9))
def test_the_common_area_of_two_squares_is_that_of_their_rectangle(x, y):
    one, two = (edges_of([np.array(square(*corner), dtype=float)]) for corner in ((0.0, 0.0), (x, y)))
    low, high = np.array([x, y]), np.array([1.0, 1.0])
    expected = max(0.0, 1 - x) * max(0.0, 1 - y)
    found = common_area(one, two, low, high) if x < 1 and y < 1 else 0.0
    assert found == pytest.approx(expected, rel=0.01, abs=1e-9)


def circle(count: int) -> list[list[float]]:
    turns = [2 * math.pi * i / count for i in range(count)]
    ring = [[math.cos(turn), math.sin(turn)] for turn in turns]
    return [*ring, ring[0]]


def test_a_ring_of_twenty_thousand_points_is_checked():
    assert first_crossing([np.array(circle(20_000))]) is None


# --- stored -----------------------------------------------------------------------------------------------------------


def test_stored_shapes_replace_earlier_ones_and_leave_a_trace(factory):
    with transaction(factory) as session:
        make_place(session)
    first = import_shapes(factory, "lomas", collection(*SOUND), "a.geojson", "ana")
    second = import_shapes(factory, "lomas", collection(SOUND[0]), "b.geojson", "ana")
    assert (first.added, first.replaced) == (("north", "south"), ())
    assert (second.added, second.replaced) == ((), ("north",))
    with factory() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.actor, entry.detail["file"]) == ("areas.shapes", "ana", "b.geojson")
        exported = export_shapes(session, "lomas", 1)
    assert [one["properties"]["code"] for one in exported["features"]] == ["north", "south"]
    assert exported["features"][1]["geometry"]["coordinates"] == [square(0, 0)]


def test_a_refused_file_changes_nothing(factory, engine):
    with transaction(factory) as session:
        make_place(session)
    before = store_fingerprint(engine)
    with pytest.raises(InputError):
        import_shapes(factory, "lomas", collection(SOUND[0], feature("west", square(0, 0))), "a.geojson", "ana")
    with pytest.raises(NotFoundError):
        import_shapes(factory, "lomas", collection(*SOUND), "a.geojson", "ana", level=7)
    assert store_fingerprint(engine) == before


def test_shapes_that_fall_on_the_stored_ones_only_when_exchanged_are_refused(factory, engine):
    """Near Lima, longitude −77 and latitude −12: both orders are places of the world."""
    with transaction(factory) as session:
        make_place(session)
    right = [feature("north", square(-77, -12)), feature("south", square(-76, -12))]
    wrong = [feature("north", square(-12, -77)), feature("south", square(-12, -76))]
    import_shapes(factory, "lomas", collection(*right), "a.geojson", "ana")
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match="with latitude and longitude exchanged they fall on them") as refused:
        import_shapes(factory, "lomas", collection(*wrong), "b.geojson", "ana")
    facts = refused.value.problems[0].facts
    assert (facts["south"], facts["north"], facts["own_west"], facts["own_east"]) == ("-77", "-75", "-77", "-75")
    assert store_fingerprint(engine) == before
    moved = import_shapes(factory, "lomas", collection(*wrong), "b.geojson", "ana", is_moved=True)
    assert (moved.extent.south, moved.extent.north, moved.extent.west, moved.extent.east) == (-77, -75, -12, -11)


def test_what_is_exported_comes_in_again(factory):
    with transaction(factory) as session:
        make_place(session)
    import_shapes(factory, "lomas", collection(*SOUND), "a.geojson", "ana")
    with factory() as session:
        site_id = list_areas(session, 1)[0].site_id
        content = json.dumps(export_shapes(session, "lomas", 1)).encode()
    assert len(import_shapes(factory, "lomas", content, "again.geojson", "ana").replaced) == 2
    assert site_id == 1


@pytest.mark.shared
def test_the_districts_of_lima_and_callao_are_matched_by_name(shared_data):
    """The file writes Mi Perú with broken letters: it is named with the nearest area, and comes in by alias."""
    with (shared_data / "geo" / "peru_ubigeo_distrito.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["provincia"] in ("LIMA", "CALLAO")]
    areas = [KnownArea(row["inei"], row["distrito"]) for row in rows]
    content = (shared_data / "geo" / "lima_callao_distritos.geojson").read_bytes()
    with pytest.raises(InputError) as caught:
        read_shapes(content, "lima.geojson", areas, "distrito")
    assert [problem.value for problem in caught.value.problems] == ["MI PERÃz"]
    assert "'070107' (MI PERU)" in str(caught.value)
    shapes = read_shapes(content, "lima.geojson", areas, "distrito", {"MI PERÃz": "070107"})
    assert len(shapes.geometries) == 50
    assert [warning.value for warning in shapes.warnings] == ["150144"]
