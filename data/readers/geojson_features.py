"""Features of a GeoJSON file, and the sentences of everything that can be wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget_model.errors import InputError, Problem
from data.readers.rings import (
    Ring,
)

LARGEST_FILE = 30 * 2**20  # bytes
MOST_FEATURES = 10_000
WGS84_NAMES = ("CRS84", "4326")
Polygon = list[Ring]


@dataclass(frozen=True)
class Feature:
    """A feature as it stands in the file; `number` counts from 1."""

    number: int
    label: str
    properties: Mapping[str, Any]
    polygons: list[Polygon]


class UnsoundError(Exception):
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


def geometry_problem(rule: str, file: str, level: str = "error", **facts: Any) -> Problem:
    place = {name: facts.pop(name) for name in ("line", "column", "value") if name in facts}
    return Problem(rule, SENTENCES[rule].format(**facts), level, file=file, facts=facts, **place)


def read_features(content: bytes, file: str) -> tuple[list[Feature], list[Problem]]:
    """Features with polygons, and what is wrong with the others; InputError where the file is no GeoJSON at all."""
    document = _document(content, file)
    raw = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(raw, list) or not raw:
        raise InputError(geometry_problem("geometry.not_geojson", file))
    if len(raw) > MOST_FEATURES:
        raise InputError(geometry_problem("geometry.too_many", file, count=f"{len(raw):,}", most=f"{MOST_FEATURES:,}"))
    _check_crs(document, file)
    features, problems = [], []
    for number, item in enumerate(raw, start=1):
        try:
            features.append(_feature(item, number))
        except UnsoundError as error:
            problems.append(geometry_problem(error.rule, file, label=_label(item, number), **error.facts))
    return features, problems


def _document(content: bytes, file: str) -> dict[str, Any]:
    if len(content) > LARGEST_FILE:
        raise InputError(geometry_problem("geometry.large", file, most=LARGEST_FILE // 2**20))
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise InputError(geometry_problem("geometry.encoding", file, byte=f"{error.start + 1:,}")) from None
    except (ValueError, RecursionError) as error:
        line, detail = (error.lineno, error.msg) if isinstance(error, json.JSONDecodeError) else (None, str(error))
        raise InputError(geometry_problem("geometry.json", file, detail=detail, line=line)) from None
    if not isinstance(document, dict):
        raise InputError(geometry_problem("geometry.not_geojson", file))
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _check_crs(document: Mapping[str, Any], file: str) -> None:
    """Old files may name a coordinate system; only WGS 84 longitude and latitude is read."""
    crs = document.get("crs")
    if crs is not None and not any(name in json.dumps(crs) for name in WGS84_NAMES):
        raise InputError(geometry_problem("geometry.crs", file, stated=json.dumps(crs)[:120]))


def _label(item: Any, number: int) -> str:
    properties = item.get("properties") if isinstance(item, dict) else None
    texts = [value for value in (properties or {}).values() if isinstance(value, str)] if properties else []
    return str(number) + (f" ({texts[0][:60]})" if texts else "")


def _feature(item: Any, number: int) -> Feature:
    """UnsoundError says what is wrong with it."""
    properties = (item.get("properties") or {}) if isinstance(item, dict) else None
    if not isinstance(properties, dict) or item.get("type") != "Feature":
        raise UnsoundError("geometry.no_feature")
    geometry = item.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise UnsoundError("geometry.kind", kind=str(kind or "missing")[:40])
    nested = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = [nested] if kind == "Polygon" else nested
    if not isinstance(polygons, list) or not polygons or not all(isinstance(part, list) and part for part in polygons):
        raise UnsoundError("geometry.empty")
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
        raise UnsoundError("geometry.pairs") from None
    if not np.isfinite(ring).all():
        raise UnsoundError("geometry.pairs")
    if len(ring) < 4:
        raise UnsoundError("geometry.short", count=len(ring))
    return ring
