"""GeoJSON (RFC 7946) -> shapes of areas, checked: rings closed and not crossed, WGS 84, known areas, no overlaps.

Every problem of a file is found at once and names its feature. Overlaps are looked for once all shapes are sound. Rings
are put into the right-hand order; nothing else about a shape is changed. The plane geometry is in `rings.py`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from data.readers.rings import (
    Points,
    Ring,
    common_area,
    edges_of,
    first_crossing,
    first_outside_world,
    is_inside,
    signed_area,
    wound,
)

LARGEST_FILE = 30 * 2**20  # bytes
MOST_FEATURES = 10_000
OVERLAP_TOLERANCE = 0.005  # of the smaller area
WGS84_NAMES = ("CRS84", "4326")
Polygon = list[Ring]


@dataclass(frozen=True)
class KnownArea:
    """An area of the site that a feature may belong to."""

    code: str
    name: str


@dataclass(frozen=True)
class Shapes:
    """Geometries by area code, in the order of the file, and what was noticed on the way."""

    geometries: dict[str, dict[str, Any]]
    warnings: tuple[Problem, ...]
    id_property: str
    points: int


@dataclass(frozen=True)
class Feature:
    """A feature as it stands in the file; `number` counts from 1."""

    number: int
    label: str
    properties: Mapping[str, Any]
    polygons: list[Polygon]


class _UnsoundError(Exception):
    """A feature that cannot be read: the rule and the facts of its sentence."""

    def __init__(self, rule: str, **facts: Any):
        self.rule, self.facts = rule, facts


# The sentence of each rule; `{label}` is its number and what names it. Pages translate by rule, with the same facts.
SENTENCES = {
    "geometry.not_geojson": "The file is no GeoJSON FeatureCollection with features. Export the layer as GeoJSON.",
    "geometry.too_many": "{count} features are more than the {most} that one map may have.",
    "geometry.large": "The file is larger than {most} MB. Simplify the shapes and export them again.",
    "geometry.encoding": "Byte {byte} is not UTF-8. GeoJSON is UTF-8; export the file again.",
    "geometry.json": "The file is not valid JSON: {detail}. It may have been cut off; export it again.",
    "geometry.crs": "The file states another coordinate system ({stated}). Export it in WGS 84 (EPSG:4326).",
    "geometry.no_feature": "Feature {label}: it is no GeoJSON Feature with properties.",
    "geometry.kind": "Feature {label}: its geometry is {kind}; an area needs a Polygon or MultiPolygon.",
    "geometry.empty": "Feature {label}: its geometry has no coordinates.",
    "geometry.pairs": "Feature {label}: a ring holds something that is no pair of numbers.",
    "geometry.short": "Feature {label}: a ring has {count} points; it needs at least 4, the last equal to the first.",
    "geometry.metres": (
        "Feature {label}: the point {place} is no longitude and latitude. These look like metres; export"
        " the file in WGS 84 "
        "(EPSG:4326)."
    ),
    "geometry.exchanged": (
        "Feature {label}: the point {place} is no longitude and latitude. Longitude stands first; here "
        "the two seem to be "
        "exchanged."
    ),
    "geometry.open": (
        "Feature {label}: a ring is not closed: it starts at {start} and ends at {end}. Repeat the first"
        " point at its end."
    ),
    "geometry.crossed": "Feature {label}: its outline crosses itself near {place}. Mend the shape there.",
    "geometry.flat": "Feature {label}: a ring encloses nothing. Remove it.",
    "geometry.hole": "Feature {label}: a hole lies outside its polygon. Make it a polygon of its own.",
    "geometry.alias": "'{text}' stands for area '{code}', which the site does not have.",
    "geometry.area_unnamed": (
        "Feature {label}: it has no property '{key}' to say which area it is. Name another property."
    ),
    "geometry.area_twice": "Feature {label}: area '{code}' is already the one of feature {first}. Keep one of them.",
    "geometry.area_several": "Feature {label}: '{text}' is the name of several areas: {codes}. Use their codes.",
    "geometry.area_unknown": "Feature {label}: the site has no area '{text}'. The areas are {codes}.",
    "geometry.area_near": "Feature {label}: the site has no area '{text}'. The nearest is '{code}' ({name}).",
    "geometry.overlap": (
        "Features {label} and {other} overlap by {share} % of the smaller one (up to {most} % is let "
        "pass). Mend their common "
        "border."
    ),
    "geometry.area_missing": "The file has no feature for area '{code}' ({name}); it keeps the shape it has, if any.",
}


def _problem(rule: str, file: str, level: str = "error", **facts: Any) -> Problem:
    place = {name: facts.pop(name) for name in ("line", "column", "value") if name in facts}
    return Problem(rule, SENTENCES[rule].format(**facts), level, file=file, facts=facts, **place)


def read_shapes(
    content: bytes,
    file: str,
    areas: Sequence[KnownArea],
    id_property: str | None = None,
    aliases: Mapping[str, str] | None = None,
    tolerance: float = OVERLAP_TOLERANCE,
) -> Shapes:
    """The shapes of a file for these areas.

    Parameters
    ----------
    id_property : the property with the area's code, or its name (accents and capitals do not count). None: `code`,
        else the feature's own id, else `name`, whichever every feature has.
    aliases : text of the id property -> area code, where the file writes a name otherwise.
    tolerance : overlap of two areas that is let pass, as a share of the smaller one.

    Raises InputError with every problem. A site's area that the file lacks is a warning.
    """
    features, problems = read_features(content, file)
    key = id_property or _usual_property(features)
    features = [_labelled(feature, key) for feature in features]
    problems += [problem for feature in features for problem in _shape_problems(feature, file)]
    codes, unmatched = match_areas(features, areas, key, aliases or {}, file)
    problems += unmatched
    if not problems:
        problems += _overlaps(features, file, tolerance)
    if problems:
        raise InputError(problems)
    geometries = {code: _geometry(feature.polygons) for code, feature in zip(codes, features, strict=True) if code}
    missing = [area for area in areas if area.code not in geometries]
    points = sum(len(ring) for feature in features for polygon in feature.polygons for ring in polygon)
    return Shapes(geometries, tuple(_missing(missing, file)), key, points)


def _missing(missing: Sequence[KnownArea], file: str) -> Iterator[Problem]:
    for area in missing:
        yield _problem("geometry.area_missing", file, "warning", code=area.code, name=area.name, value=area.code)


# --- the file ---------------------------------------------------------------------------------------------------------


def read_features(content: bytes, file: str) -> tuple[list[Feature], list[Problem]]:
    """Features with polygons, and what is wrong with the others; InputError where the file is no GeoJSON at all."""
    document = _document(content, file)
    raw = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(raw, list) or not raw:
        raise InputError(_problem("geometry.not_geojson", file))
    if len(raw) > MOST_FEATURES:
        raise InputError(_problem("geometry.too_many", file, count=f"{len(raw):,}", most=f"{MOST_FEATURES:,}"))
    _check_crs(document, file)
    features, problems = [], []
    for number, item in enumerate(raw, start=1):
        try:
            features.append(_feature(item, number))
        except _UnsoundError as error:
            problems.append(_problem(error.rule, file, label=_label(item, number), **error.facts))
    return features, problems


def _document(content: bytes, file: str) -> dict[str, Any]:
    if len(content) > LARGEST_FILE:
        raise InputError(_problem("geometry.large", file, most=LARGEST_FILE // 2**20))
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InputError(_problem("geometry.encoding", file, byte=f"{error.start + 1:,}")) from None
    except (ValueError, RecursionError) as error:
        line, detail = (error.lineno, error.msg) if isinstance(error, json.JSONDecodeError) else (None, str(error))
        raise InputError(_problem("geometry.json", file, detail=detail, line=line)) from None
    if not isinstance(document, dict):
        raise InputError(_problem("geometry.not_geojson", file))
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _check_crs(document: Mapping[str, Any], file: str) -> None:
    """Old files may name a coordinate system; only WGS 84 longitude and latitude is read."""
    crs = document.get("crs")
    if crs is not None and not any(name in json.dumps(crs) for name in WGS84_NAMES):
        raise InputError(_problem("geometry.crs", file, stated=json.dumps(crs)[:120]))


def _label(item: Any, number: int) -> str:
    properties = item.get("properties") if isinstance(item, dict) else None
    texts = [value for value in (properties or {}).values() if isinstance(value, str)] if properties else []
    return str(number) + (f" ({texts[0][:60]})" if texts else "")


def _feature(item: Any, number: int) -> Feature:
    """_UnsoundError says what is wrong with it."""
    properties = (item.get("properties") or {}) if isinstance(item, dict) else None
    if not isinstance(properties, dict) or item.get("type") != "Feature":
        raise _UnsoundError("geometry.no_feature")
    geometry = item.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise _UnsoundError("geometry.kind", kind=str(kind or "missing")[:40])
    nested = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = [nested] if kind == "Polygon" else nested
    if not isinstance(polygons, list) or not polygons or not all(isinstance(part, list) and part for part in polygons):
        raise _UnsoundError("geometry.empty")
    if "id" in item and "id" not in properties:
        properties = {**properties, "id": item["id"]}
    rings = [[_ring(ring) for ring in polygon] for polygon in polygons]
    return Feature(number, _label(item, number), properties, rings)


def _ring(nested: Any) -> Ring:
    """Longitude and latitude of the points; a height is dropped."""
    try:
        pairs = [(point[0], point[1]) for point in nested]
        if any(isinstance(value, bool | str) for pair in pairs for value in pair):
            raise TypeError
        ring = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise _UnsoundError("geometry.pairs") from None
    if not np.isfinite(ring).all():
        raise _UnsoundError("geometry.pairs")
    if len(ring) < 4:
        raise _UnsoundError("geometry.short", count=len(ring))
    return ring


# --- each shape -------------------------------------------------------------------------------------------------------


def _shape_problems(feature: Feature, file: str) -> Iterator[Problem]:
    rings = [ring for polygon in feature.polygons for ring in polygon]

    def problem(rule: str, **facts: Any) -> Problem:
        return _problem(rule, file, label=feature.label, **facts)

    outside = first_outside_world(rings)
    if outside is not None:
        is_exchanged = abs(outside[0]) <= 90 and abs(outside[1]) <= 180
        yield problem("geometry.exchanged" if is_exchanged else "geometry.metres", place=_place(outside))
        return
    is_open = [ring for ring in rings if (ring[0] != ring[-1]).any()]
    if is_open:
        yield problem("geometry.open", start=_place(is_open[0][0]), end=_place(is_open[0][-1]))
        return
    crossing = first_crossing(rings)
    if crossing is not None:
        yield problem("geometry.crossed", place=_place(crossing))
    elif any(signed_area(ring) == 0 for ring in rings):
        yield problem("geometry.flat")
    if any(not is_inside(hole, polygon[0]) for polygon in feature.polygons for hole in polygon[1:]):
        yield problem("geometry.hole")


def _place(point: Points) -> str:
    return f"({point[0]:.5f}, {point[1]:.5f})"


# --- which area -------------------------------------------------------------------------------------------------------


def _labelled(feature: Feature, key: str) -> Feature:
    value = feature.properties.get(key)
    return feature if value in (None, "") else replace(feature, label=f"{feature.number} ({str(value)[:60]})")


def _usual_property(features: Sequence[Feature]) -> str:
    for key in ("code", "id", "name"):
        if features and all(feature.properties.get(key) not in (None, "") for feature in features):
            return key
    return "code"


def folded(text: str) -> str:
    """Without accents, capitals, marks and double spaces: how names are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def match_areas(
    features: Sequence[Feature], areas: Sequence[KnownArea], key: str, aliases: Mapping[str, str], file: str
) -> tuple[list[str | None], list[Problem]]:
    """The area code of each feature (None where there is none), and every feature that fits none or not alone."""
    finder = _AreaFinder(areas, aliases)
    codes: list[str | None] = []
    problems = [
        _problem("geometry.alias", file, text=text, code=code)
        for text, code in aliases.items()
        if code not in finder.by_code
    ]
    seen: dict[str, int] = {}
    for feature in features:
        value = feature.properties.get(key)
        try:
            code = finder.find("" if value is None else _text(value), key)
            if code in seen:
                raise _UnsoundError("geometry.area_twice", code=code, first=seen[code])
            seen[code] = feature.number
            codes.append(code)
        except _UnsoundError as error:
            shown = None if value is None else str(value)[:80]
            problems.append(_problem(error.rule, file, label=feature.label, column=key, value=shown, **error.facts))
            codes.append(None)
    return codes, problems


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class _AreaFinder:
    """Areas by code, then by name."""

    def __init__(self, areas: Sequence[KnownArea], aliases: Mapping[str, str]):
        self.by_code = {area.code: area for area in areas}
        self._by_name: dict[str, list[str]] = {}
        for area in areas:
            self._by_name.setdefault(folded(area.name), []).append(area.code)
        self._aliases = {folded(text): code for text, code in aliases.items() if code in self.by_code}

    def find(self, text: str, key: str) -> str:
        """The code; _UnsoundError says why there is none."""
        if not text:
            raise _UnsoundError("geometry.area_unnamed", key=key)
        if text in self.by_code:
            return text
        name = folded(text)
        codes = [self._aliases[name]] if name in self._aliases else self._by_name.get(name, [])
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise _UnsoundError("geometry.area_several", text=text[:60], codes=", ".join(codes))
        raise self._unknown(text)

    def _unknown(self, text: str) -> _UnsoundError:
        """Names the nearest area, or where none is near those that there are."""
        names = {name: codes[0] for name, codes in self._by_name.items()}
        known = {folded(code): code for code in self.by_code} | names
        near = nearest(folded(text), known)
        if near:
            area = self.by_code[known[near]]
            return _UnsoundError("geometry.area_near", text=text[:60], code=area.code, name=area.name)
        some = ", ".join(sorted(self.by_code)[:12]) + (" …" if len(self.by_code) > 12 else "")
        return _UnsoundError("geometry.area_unknown", text=text[:60], codes=some)


# --- overlaps ---------------------------------------------------------------------------------------------------------


def _overlaps(features: Sequence[Feature], file: str, tolerance: float) -> Iterator[Problem]:
    """Pairs of features that lie on each other by more than the tolerance."""
    rings = [[ring for polygon in feature.polygons for ring in polygon] for feature in features]
    low = np.array([np.min([ring.min(axis=0) for ring in one], axis=0) for one in rings])
    high = np.array([np.max([ring.max(axis=0) for ring in one], axis=0) for one in rings])
    edges = [edges_of(one) for one in rings]
    sizes = [sum(_size(polygon) for polygon in feature.polygons) for feature in features]
    for i in range(len(features)):
        near = np.flatnonzero(((low[i + 1 :] < high[i]) & (high[i + 1 :] > low[i])).all(axis=1)) + i + 1
        for j in near:
            box = (np.maximum(low[i], low[j]), np.minimum(high[i], high[j]))
            share = common_area(edges[i], edges[j], *box) / max(min(sizes[i], sizes[j]), 1e-300)
            if share > tolerance:
                facts = {"share": f"{100 * share:.1f}", "most": f"{100 * tolerance:g}"}
                yield _problem("geometry.overlap", file, label=features[i].label, other=features[j].label, **facts)


def _size(polygon: Polygon) -> float:
    return abs(signed_area(polygon[0])) - sum(abs(signed_area(hole)) for hole in polygon[1:])


def _geometry(polygons: Sequence[Polygon]) -> dict[str, Any]:
    """GeoJSON with outer rings counter-clockwise and holes clockwise (RFC 7946)."""
    coordinates = [[wound(ring, is_outer=not i).tolist() for i, ring in enumerate(polygon)] for polygon in polygons]
    if len(coordinates) == 1:
        return {"type": "Polygon", "coordinates": coordinates[0]}
    return {"type": "MultiPolygon", "coordinates": coordinates}
