"""Whether the place of a proposal lies where it may: within the site, and within the zone that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.assembly.proposals import ProposalRecord
from budget_model.errors import Problem
from data.readers.rings import holds
from data.store.areas import list_areas
from data.store.tables import Area


def place_problems(session: Session, site_id: int, record: ProposalRecord) -> Iterator[Problem]:
    """What is wrong with the place of a proposal; nothing where it states none."""
    if record.longitude is None or record.latitude is None:
        return
    areas = list_areas(session, site_id)
    if not any(area.geometry for area in areas):
        message = "The site has no map, so that nobody can tell whether the place lies in it. Choose a zone instead."
        yield Problem("proposal-no-map", message, column="longitude")
        return
    found = areas_at(areas, record.longitude, record.latitude)
    zone = next((area for area in areas if area.level and area.code == record.zone), None)
    if not found:
        message = f"The place {record.latitude}, {record.longitude} (latitude, longitude) does not lie in the site."
        yield Problem("proposal-outside", f"{message} Look at it again, or leave it out.", column="longitude")
    elif zone is not None and zone.geometry and zone.id not in {area.id for area in found}:
        there = found[-1].name
        message = f"The place lies in {there} and not in {zone.name}. Choose the zone of the place, or move the place."
        yield Problem(
            "proposal-other-zone", message, column="zone", value=record.zone, facts={"there": there, "zone": zone.name}
        )


def areas_at(areas: Sequence[Area], longitude: Decimal, latitude: Decimal) -> list[Area]:
    """Areas whose shape holds a point, the largest level first."""
    point = np.array([float(longitude), float(latitude)])
    return [area for area in areas if area.geometry and shape_holds(area.geometry, point)]


def shape_holds(geometry: Mapping[str, Any], point: np.ndarray) -> bool:
    """Whether a GeoJSON polygon or one of several holds the point; holes are left out."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return any(sum(holds(np.asarray(ring)[:, :2], point) for ring in polygon) % 2 for polygon in polygons)
