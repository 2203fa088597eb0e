"""Maps as SVG files: title, unit, panels on one scale, legend, notes, source. Drawn here, without any map library."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

WIDTH = 1200
MARGIN, GUTTER, LINE = 30, 30, 22
LARGEST_SIDE = 700
FONT = "Inter, 'Segoe UI', system-ui, sans-serif"
INK, MUTED, EDGE = "#1E1B2E", "#55525F", "#FFFFFF"
CARE, UNCERTAIN, PROTECTED, MISSING, NOBODY = 1, 2, 3, 4, 5
FILLS = {UNCERTAIN: "url(#uncertain)", PROTECTED: "url(#protected)", MISSING: "#FFFFFF", NOBODY: "#FFFFFF"}
PATTERNS = """<defs>
<pattern id="care" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<line x1="0" y1="0" x2="0" y2="8" stroke="#FFFFFF" stroke-width="3"/>
<line x1="1" y1="0" x2="1" y2="8" stroke="#1E1B2E" stroke-width="1.2"/></pattern>
<pattern id="uncertain" width="9" height="9" patternUnits="userSpaceOnUse"><rect width="9" height="9" fill="#FFFFFF"/>
<path d="M0 0L9 9M9 0L0 9" stroke="#8A8794" stroke-width="1"/></pattern>
<pattern id="protected" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" fill="#E9E8ED"/>
<circle cx="3.5" cy="3.5" r="1.4" fill="#55525F"/></pattern></defs>"""
Point = tuple[float, float]
Geometry = Mapping[str, Any] | None


@dataclass(frozen=True)
class Projection:
    """Equirectangular around the middle latitude, into a box that starts at 0, 0: true enough for a municipality."""

    west: float
    north: float
    squeeze: float
    scale: float
    width: float
    height: float

    def point(self, place: Sequence[float]) -> Point:
        return (place[0] - self.west) * self.squeeze * self.scale, (self.north - place[1]) * self.scale


def rings_of(geometry: Geometry) -> Iterator[Sequence[Sequence[float]]]:
    if not geometry:
        return
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon


def projection_of(geometries: Sequence[Geometry], width: float, height: float) -> Projection | None:
    """The projection that fits the shapes into a box; None where there are none."""
    points = [point for geometry in geometries for ring in rings_of(geometry) for point in ring]
    if not points:
        return None
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, tall = max((east - west) * squeeze, 1e-12), max(north - south, 1e-12)
    scale = min(width / wide, height / tall)
    return Projection(west, north, squeeze, scale, wide * scale, tall * scale)


def path_of(geometry: Geometry, projection: Projection, decimals: int = 1) -> str:
    """The `d` of a path; points that fall together are written once."""
    parts = []
    for ring in rings_of(geometry):
        written: list[str] = []
        for place in ring:
            x, y = projection.point(place)
            text = f"{x:.{decimals}f} {y:.{decimals}f}"
            if not written or text != written[-1]:
                written.append(text)
        parts.append("M" + "L".join(written[:-1] if len(written) > 1 else written) + "Z")
    return "".join(parts)


@dataclass(frozen=True)
class SvgText:
    """Everything around the maps."""

    title: str
    unit: str
    notes: Sequence[str]
    source: str
    language: str


def map_svg(text: SvgText, document: Mapping[str, Any], geometries: Sequence[Geometry]) -> str:
    """The picture of a map (`views.map.picture_document`) as an SVG file; `geometries` in the order of its areas."""
    panels = document["panels"]
    count = len(panels)
    width = (WIDTH - 2 * MARGIN - GUTTER * (count - 1)) / count
    projection = projection_of(geometries, width, LARGEST_SIDE)
    head = _lines(text.title, 70)
    top = MARGIN + 30 * len(head) + LINE + 16
    body = [_text(MARGIN, MARGIN + 24 + 30 * at, line, 24, 700) for at, line in enumerate(head)]
    body.append(_text(MARGIN, MARGIN + 30 * len(head) + 16, text.unit, 15, 400, MUTED))
    map_height = projection.height if projection else 0.0
    for at, panel in enumerate(panels):
        left = MARGIN + at * (width + GUTTER)
        body += _panel(panel, document, geometries, projection, (left, top, width), count > 1)
    bottom = top + map_height + (30 if count > 1 else 0) + 24
    legend, bottom = _legend(document, bottom)
    body += legend
    for line in [row for note in [*text.notes, text.source] for row in _lines(note, 150)]:
        body.append(_text(MARGIN, bottom + 14, line, 13, 400, MUTED))
        bottom += 19
    height = math.ceil(bottom + MARGIN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{FONT}" role="img" lang="{text.language}">'
        f"<title>{escape(text.title)}</title>{PATTERNS}"
        f'<rect width="{WIDTH}" height="{height}" fill="#FFFFFF"/>{"".join(body)}</svg>'
    )


def _panel(
    panel: Mapping[str, Any],
    document: Mapping[str, Any],
    geometries: Sequence[Geometry],
    projection: Projection | None,
    place: tuple[float, float, float],
    is_named: bool,
) -> Iterator[str]:
    """One map in its place: left, top, width."""
    left, top, width = place
    if is_named:
        yield _text(left, top + 16, panel["title"], 16, 650)
        top += 30
    if projection is None:
        return
    left += (width - projection.width) / 2
    yield f'<g transform="translate({left:.1f} {top:.1f})" stroke="{EDGE}" stroke-width="0.8" stroke-linejoin="round">'
    hatched = []
    for at, geometry in enumerate(geometries):
        path = path_of(geometry, projection)
        if not path:
            continue
        mark, number = panel["marks"][at], panel["classes"][at]
        fill = document["colours"][number] if number >= 0 else FILLS[mark]
        edge = ' stroke="#8A8794" stroke-dasharray="3 3"' if mark in (MISSING, NOBODY) else ""
        title = escape(f"{document['names'][at]}")
        yield f'<path d="{path}" fill="{fill}"{edge}><title>{title}</title></path>'
        if mark == CARE:
            hatched.append(path)
    if hatched:
        yield f'<path d="{"".join(hatched)}" fill="url(#care)" fill-opacity="0.55" stroke="none"/>'
    yield "</g>"


def _legend(document: Mapping[str, Any], top: float) -> tuple[list[str], float]:
    """Swatches in rows; gives the drawing and where it ends."""
    items = [
        (item["text"] + _counts(item["counts"]), f'fill="{item["colour"]}" stroke="#8A8794" stroke-width="0.6"', "")
        for item in document["legend"]
    ]
    for item in document["marks"]:
        if any(item["counts"]):
            fill = "#BAD0E5" if item["mark"] == CARE else FILLS[item["mark"]]
            over = "url(#care)" if item["mark"] == CARE else ""
            dash = ' stroke-dasharray="3 3"' if item["mark"] in (MISSING, NOBODY) else ""
            look = f'fill="{fill}" stroke="#8A8794" stroke-width="0.8"{dash}'
            items.append((item["text"] + _counts(item["counts"]), look, over))
    drawn, x, y = [], float(MARGIN), top
    for text, look, over in items:
        width = 34 + 7.6 * len(text) + 18
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 26
        drawn.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="24" height="16" {look}/>')
        if over:
            drawn.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="24" height="16" fill="{over}" fill-opacity="0.55"/>')
        drawn.append(_text(x + 32, y + 13, text, 14))
        x += width
    return drawn, y + 40


def _counts(counts: Sequence[int]) -> str:
    return f" ({' / '.join(str(count) for count in counts)})"


def _text(x: float, y: float, text: str, size: int, weight: int = 400, colour: str = INK) -> str:
    look = f'font-size="{size}" font-weight="{weight}" fill="{colour}"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {look}>{escape(text)}</text>'


def _lines(text: str, length: int) -> list[str]:
    return textwrap.wrap(text, length) or [""]


def locator_svg(
    geometries: Sequence[Geometry],
    chosen: Sequence[bool],
    label: str,
    size: Point = (320, 240),
    place: Point | None = None,
    decimals: int = 1,
) -> str:
    """A small map with some areas standing out; nothing but shapes, and its text alternative.

    place : longitude and latitude of a point that is marked
    """
    projection = projection_of(geometries, *size)
    if projection is None:
        return ""
    shapes = []
    for is_chosen, geometry in sorted(zip(chosen, geometries, strict=True), key=lambda pair: pair[0]):
        look = 'fill="#1F4E79" stroke="#0E2A45" stroke-width="1.6"' if is_chosen else 'fill="#E3E2E9" stroke="#FFFFFF"'
        shapes.append(f'<path d="{path_of(geometry, projection, decimals)}" {look}/>')
    if place is not None:
        shapes.append(_marked(*projection.point(place)))
    wide, tall = math.ceil(projection.width) + 4, math.ceil(projection.height) + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {wide} {tall}" width="{wide}" height="{tall}" '
        f'role="img" aria-label={quoteattr(label)}>'
        f"<title>{escape(label)}</title>{''.join(shapes)}</svg>"
    )


def _marked(x: float, y: float) -> str:
    """A point that is seen on light and on dark ground."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#FFC20E" stroke="#1E1B2E" stroke-width="2.5"/>'


def classed_svg(
    geometries: Sequence[Geometry], fills: Sequence[str], titles: Sequence[str], label: str, size: Point = (520, 420)
) -> str:
    """Areas in their colours, each with its title; no text but these, so that it reads at any size."""
    projection = projection_of(geometries, *size)
    if projection is None:
        return ""
    shapes = [
        f'<path d="{path_of(geometry, projection)}" fill="{fill}"><title>{escape(title)}</title></path>'
        for geometry, fill, title in zip(geometries, fills, titles, strict=True)
        if geometry
    ]
    wide, tall = math.ceil(projection.width) + 4, math.ceil(projection.height) + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {wide} {tall}" width="{wide}" height="{tall}" '
        f'role="img" aria-label={quoteattr(label)} stroke="#8A8794" stroke-width="0.8" stroke-linejoin="round">'
        f"<title>{escape(label)}</title>{''.join(shapes)}</svg>"
    )
