"""GeoJSON (RFC 7946) -> shapes of areas, checked: rings closed and not crossed, WGS 84, known areas, no overlaps.

Every problem of a file is found at once and names its feature. Overlaps are looked for once all shapes are sound. Rings
are put into the right-hand order; nothing else about a shape is changed. The plane geometry is in `rings.py`.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from budget_model.errors import InputError, Problem
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
        message = f"The file has no feature for area '{area.code}' ({area.name}); it keeps the shape it has, if any."
        yield Problem("geometry.area_missing", message, "warning", file=file, value=area.code)


# --- the file ---------------------------------------------------------------------------------------------------------


def read_features(content: bytes, file: str) -> tuple[list[Feature], list[Problem]]:
    """Features with polygons, and what is wrong with the others; InputError where the file is no GeoJSON at all."""
    document = _document(content, file)
    raw = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(raw, list) or not raw:
        message = "The file is no GeoJSON FeatureCollection with features. Export the layer as GeoJSON."
        raise InputError(Problem("geometry.not_geojson", message, file=file))
    if len(raw) > MOST_FEATURES:
        message = f"{len(raw):,} features are more than the {MOST_FEATURES:,} that one map may have."
        raise InputError(Problem("geometry.too_many", message, file=file))
    _check_crs(document, file)
    features, problems = [], []
    for number, item in enumerate(raw, start=1):
        try:
            features.append(_feature(item, number))
        except ValueError as error:
            message = f"{_label(item, number)}: {error}"
            problems.append(Problem("geometry.feature", message, file=file, facts={"feature": number}))
    return features, problems


def _document(content: bytes, file: str) -> dict[str, Any]:
    if len(content) > LARGEST_FILE:
        message = f"The file is larger than {LARGEST_FILE // 2**20} MB. Simplify the shapes and export them again."
        raise InputError(Problem("geometry.large", message, file=file))
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        message = f"Byte {error.start + 1:,} is not UTF-8. GeoJSON is UTF-8; export the file again."
        raise InputError(Problem("geometry.encoding", message, file=file)) from None
    except (ValueError, RecursionError) as error:
        line, detail = (error.lineno, error.msg) if isinstance(error, json.JSONDecodeError) else (None, str(error))
        message = f"The file is not valid JSON: {detail}. It may have been cut off; export it again."
        raise InputError(Problem("geometry.json", message, file=file, line=line)) from None
    if not isinstance(document, dict):
        message = "The file is no GeoJSON FeatureCollection with features. Export the layer as GeoJSON."
        raise InputError(Problem("geometry.not_geojson", message, file=file))
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _check_crs(document: Mapping[str, Any], file: str) -> None:
    """Old files may name a coordinate system; only WGS 84 longitude and latitude is read."""
    crs = document.get("crs")
    if crs is not None and not any(name in json.dumps(crs) for name in WGS84_NAMES):
        message = (
            f"The file states another coordinate system ({json.dumps(crs)[:120]}). Export it in WGS 84 (EPSG:4326)."
        )
        raise InputError(Problem("geometry.crs", message, file=file))


def _label(item: Any, number: int) -> str:
    properties = item.get("properties") if isinstance(item, dict) else None
    texts = [value for value in (properties or {}).values() if isinstance(value, str)] if properties else []
    return f"feature {number}" + (f" ({texts[0][:60]})" if texts else "")


def _feature(item: Any, number: int) -> Feature:
    """ValueError says what is wrong with it."""
    if not isinstance(item, dict) or item.get("type") != "Feature":
        raise ValueError("it is no GeoJSON Feature.")
    properties = item.get("properties") or {}
    if not isinstance(properties, dict):
        raise ValueError("its properties are no JSON object.")
    geometry = item.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"its geometry is {kind or 'missing'}; an area needs a Polygon or MultiPolygon.")
    nested = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = [nested] if kind == "Polygon" else nested
    if not isinstance(polygons, list) or not polygons:
        raise ValueError("its geometry has no coordinates.")
    if "id" in item and "id" not in properties:
        properties = {**properties, "id": item["id"]}
    return Feature(number, _label(item, number), properties, [_polygon(polygon) for polygon in polygons])


def _polygon(nested: Any) -> Polygon:
    if not isinstance(nested, list) or not nested:
        raise ValueError("a polygon has no ring.")
    return [_ring(ring) for ring in nested]


def _ring(nested: Any) -> Ring:
    """Longitude and latitude of the points; a height is dropped."""
    try:
        pairs = [(point[0], point[1]) for point in nested]
        if any(isinstance(value, bool | str) for pair in pairs for value in pair):
            raise ValueError
        ring = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, IndexError, KeyError):
        raise ValueError("a ring holds something that is no pair of numbers.") from None
    if len(ring) < 4:
        raise ValueError(f"a ring has {len(ring)} points; it needs at least 4, the last equal to the first.")
    if not np.isfinite(ring).all():
        raise ValueError("a coordinate is not a finite number.")
    return ring


# --- each shape -------------------------------------------------------------------------------------------------------


def _shape_problems(feature: Feature, file: str) -> Iterator[Problem]:
    rings = [ring for polygon in feature.polygons for ring in polygon]

    def problem(rule: str, message: str) -> Problem:
        return Problem(rule, f"{feature.label}: {message}", file=file, facts={"feature": feature.number})

    outside = first_outside_world(rings)
    if outside is not None:
        yield problem("geometry.range", _range_message(outside))
        return
    for ring in rings:
        if (ring[0] != ring[-1]).any():
            message = f"a ring is not closed: it starts at {_place(ring[0])} and ends at {_place(ring[-1])}."
            yield problem("geometry.open", message + " Repeat the first point at its end.")
            return
    crossing = first_crossing(rings)
    if crossing is not None:
        message = f"its outline crosses itself near {_place(crossing)}. Mend the shape there."
        yield problem("geometry.crossed", message)
    elif any(signed_area(ring) == 0 for ring in rings):
        yield problem("geometry.flat", "a ring encloses nothing. Remove it.")
    for polygon in feature.polygons:
        if any(not is_inside(hole, polygon[0]) for hole in polygon[1:]):
            yield problem("geometry.hole", "a hole lies outside its polygon. Make it a polygon of its own.")


def _range_message(point: Points) -> str:
    what = f"the point {_place(point)} is no longitude and latitude."
    if abs(point[0]) <= 90 and abs(point[1]) <= 180:
        return what + " Longitude stands first; here the two seem to be exchanged."
    return what + " These look like metres; export the file in WGS 84 (EPSG:4326)."


def _place(point: Points) -> str:
    return f"({point[0]:.5f}, {point[1]:.5f})"


# --- which area -------------------------------------------------------------------------------------------------------


def _labelled(feature: Feature, key: str) -> Feature:
    value = feature.properties.get(key)
    return feature if value in (None, "") else replace(feature, label=f"feature {feature.number} ({str(value)[:60]})")


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
        Problem("geometry.alias", f"'{text}' stands for area '{code}', which the site does not have.", value=code)
        for text, code in aliases.items()
        if code not in finder.by_code
    ]
    seen: dict[str, int] = {}
    for feature in features:
        value = feature.properties.get(key)
        code, message = finder.find("" if value is None else _text(value), key)
        if code and code in seen:
            message, code = f"area '{code}' is already the one of feature {seen[code]}. Keep one of them.", None
        if message:
            rule = "geometry.area"
            place = {"file": file, "column": key, "value": None if value is None else str(value)[:80]}
            problems.append(Problem(rule, f"{feature.label}: {message}", facts={"feature": feature.number}, **place))
        elif code:
            seen[code] = feature.number
        codes.append(code)
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

    def find(self, text: str, key: str) -> tuple[str | None, str | None]:
        """The code, or the sentence that says why there is none."""
        if not text:
            return None, f"it has no property '{key}' to say which area it is. Name another with --id-property."
        if text in self.by_code:
            return text, None
        name = folded(text)
        codes = [self._aliases[name]] if name in self._aliases else self._by_name.get(name, [])
        if len(codes) == 1:
            return codes[0], None
        if codes:
            return None, f"'{text}' is the name of several areas: {', '.join(codes)}. Use their codes."
        return None, f"the site has no area '{text}'.{self._nearest(text)}"

    def _nearest(self, text: str) -> str:
        names = {name: codes[0] for name, codes in self._by_name.items()}
        known = {folded(code): code for code in self.by_code} | names
        near = difflib.get_close_matches(folded(text), list(known), n=1, cutoff=0.5)
        if not near:
            return f" The areas are {', '.join(sorted(self.by_code)[:12])}{' …' if len(self.by_code) > 12 else ''}."
        area = self.by_code[known[near[0]]]
        return f" The nearest is '{area.code}' ({area.name})."


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
                facts = {"feature": features[i].number, "other": features[j].number, "share": round(share, 4)}
                message = (
                    f"{features[i].label} and {features[j].label} overlap by {100 * share:.1f} % of the smaller one "
                    f"(up to {100 * tolerance:g} % is let pass). Mend their common border."
                )
                yield Problem("geometry.overlap", message, file=file, facts=facts)


def _size(polygon: Polygon) -> float:
    return abs(signed_area(polygon[0])) - sum(abs(signed_area(hole)) for hole in polygon[1:])


def _geometry(polygons: Sequence[Polygon]) -> dict[str, Any]:
    """GeoJSON with outer rings counter-clockwise and holes clockwise (RFC 7946)."""
    coordinates = [[wound(ring, is_outer=not i).tolist() for i, ring in enumerate(polygon)] for polygon in polygons]
    if len(coordinates) == 1:
        return {"type": "Polygon", "coordinates": coordinates[0]}
    return {"type": "MultiPolygon", "coordinates": coordinates}
