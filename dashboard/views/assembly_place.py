"""Where a proposal lies, as a small map and in words; and its photo. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budget_model.assembly.proposals import ProposalRecord
from dashboard.context import PageContext
from dashboard.figures.area_svg import locator_svg
from dashboard.services.proposals import AreaShape

SMALL_SIDE = 480


@dataclass(frozen=True)
class ShownPhoto:
    """A photo on a page. Addresses of both sizes; width and height of the small one in pixels."""

    small: str
    large: str
    text: str
    width: int
    height: int


def place_words(record: ProposalRecord, zone: str, context: PageContext) -> str:
    """`Lomas Altas; latitude −12.213456, longitude −76.934510`; the zone alone where no place is stated."""
    _ = context.gettext
    where = zone or _("the whole site")
    if record.longitude is None or record.latitude is None:
        return where
    told = _(
        "latitude {latitude}, longitude {longitude}",
        latitude=degrees(record.latitude),
        longitude=degrees(record.longitude),
    )
    return f"{where}; {told}"


def degrees(value: Decimal) -> str:
    """As a map service takes it: a point and a hyphen, in every language."""
    return f"{value:f}"


def place_map(record: ProposalRecord, zone: str, shapes: Sequence[AreaShape], context: PageContext) -> str:
    """The map as SVG; empty where there is no shape, or nothing of the place is stated."""
    is_known = record.longitude is not None and record.latitude is not None
    chosen = [shape.code == record.zone for shape in shapes]
    if not shapes or not (is_known or any(chosen)):
        return ""
    place = (float(record.longitude or 0), float(record.latitude or 0)) if is_known else None
    label = context.gettext("Map of the place: {place}", place=place_words(record, zone, context))
    return locator_svg([shape.geometry for shape in shapes], chosen, label, place=place, decimals=0)


def shown_photo(
    record: ProposalRecord, year: int, sizes: Mapping[str, tuple[int, int]], context: PageContext
) -> ShownPhoto | None:
    """The photo of a proposal; None where it has none."""
    size = sizes.get(record.photo)
    if not record.photo or size is None:
        return None
    scale = min(1.0, SMALL_SIDE / max(size))
    small, large = (
        context.address(f"phone/photo/{record.photo}/{name}.jpg", year=str(year)) for name in ("small", "large")
    )
    text = context.in_language(record.photo_text)
    return ShownPhoto(small, large, text, round(size[0] * scale), round(size[1] * scale))
