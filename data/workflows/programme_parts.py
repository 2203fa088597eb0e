"""A programme as a document (an entry of a programmes file) and as rows of the tables: both ways, nothing lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from data.readers.programmes import ProgrammeEntry, Serves
from data.store.programmes import lines_by_programme, links_by_programme, list_programmes
from data.store.tables import Programme, ProgrammeNeedLink

NO_SOURCE = "assumption"  # what a parameter without a source is
Document = dict[str, Any]


@dataclass(frozen=True)
class ProgrammeParts:
    """A programme with what belongs to it; stored, or only tried out."""

    programme: Programme
    links: Sequence[ProgrammeNeedLink]
    lines: Mapping[str, Decimal]  # code of a budget line -> share (0-1)


def stored_parts(session: Session, site_id: int) -> list[ProgrammeParts]:
    """The programmes of a site in their order."""
    links, lines = links_by_programme(session, site_id), lines_by_programme(session, site_id)
    return [
        ProgrammeParts(
            programme,
            links.get(programme.id, []),
            {line.code: share for line, share in lines.get(programme.id, [])},
        )
        for programme in list_programmes(session, site_id)
    ]


def parts_of_entry(entry: ProgrammeEntry, position: int = 0) -> ProgrammeParts:
    """The rows that an entry would become; they are in no session."""
    programme = Programme(code=entry.code, **columns_of_entry(entry), position=position)
    links = [ProgrammeNeedLink(**link_columns(link, entry)) for link in entry.serves]
    return ProgrammeParts(programme, links, {line.code: line.share for line in entry.lines})


# --- entry -> columns ------------------------------------------------------------------------------------------------


def columns_of_entry(entry: ProgrammeEntry) -> dict[str, Any]:
    """Columns of the table `programme` but for its position, version and price year."""
    return {
        "name": dict(entry.name),
        "heading": dict(entry.heading),
        "unit_cost": entry.unit_cost.value,
        "unit_cost_low": entry.unit_cost.low,
        "unit_cost_high": entry.unit_cost.high,
        "capacity": entry.capacity.value if entry.capacity else None,
        "durability_years": entry.durability_years.value,
        "running_cost": entry.running_cost.value if entry.running_cost else None,
        "stated_baseline": entry.baseline.value if entry.baseline else None,
        "floor": entry.floor.value if entry.floor else None,
        "ceiling": entry.ceiling.value if entry.ceiling else None,
        "is_locked": entry.locked is not None,
        "lock_reason": dict(entry.locked.reason) if entry.locked else None,
        "area_split": entry.area_split if isinstance(entry.area_split, str) else dict(entry.area_split),
        "beneficiaries": _beneficiaries(entry),
        "sources": _sources(entry),
    }


def _beneficiaries(entry: ProgrammeEntry) -> dict[str, float] | None:
    people = entry.beneficiaries
    return {"women": people.women, "men": people.men} if people else None


SOURCED = ("unit_cost", "capacity", "durability_years", "running_cost", "beneficiaries")
SOURCED += ("baseline", "floor", "ceiling", "locked")


def _sources(entry: ProgrammeEntry) -> dict[str, str]:
    """Parameter -> its source."""
    parts = {name: getattr(entry, name) for name in SOURCED}
    return {name: part.source for name, part in parts.items() if part is not None}


def link_columns(link: Serves, entry: ProgrammeEntry) -> dict[str, Any]:
    """Columns of the table `programme_need_link` but for its programme."""
    low, high = link.effectiveness_range or (None, None)
    reach = link.reach
    if reach is None:
        reach = "need" if entry.beneficiaries is None else "register"
    return {
        "indicator_code": link.need,
        "reach": reach,
        "effectiveness": link.effectiveness,
        "effectiveness_low": low,
        "effectiveness_high": high,
        "ceiling": link.ceiling,
        "response": link.response,
        "source": link.source,
    }


# --- rows -> document ------------------------------------------------------------------------------------------------


def document_of(parts: ProgrammeParts) -> Document:
    """The entry of a programmes file that says the same; what is not stated is left out."""
    programme = parts.programme
    stated: Document = {
        "code": programme.code,
        "name": dict(programme.name),
        "heading": dict(programme.heading),
        "unit_cost": _stated(
            programme,
            "unit_cost",
            value=programme.unit_cost,
            low=programme.unit_cost_low,
            high=programme.unit_cost_high,
        ),
        "capacity": _stated(programme, "capacity", value=programme.capacity),
        "durability_years": _stated(programme, "durability_years", value=programme.durability_years),
        "running_cost": _stated(programme, "running_cost", value=programme.running_cost),
        "beneficiaries": _stated(programme, "beneficiaries", **(programme.beneficiaries or {"women": None})),
        "lines": [{"code": code, "share": share} for code, share in sorted(parts.lines.items())],
        "baseline": None if parts.lines else _stated(programme, "baseline", value=programme.stated_baseline),
        "floor": _stated(programme, "floor", value=programme.floor),
        "ceiling": _stated(programme, "ceiling", value=programme.ceiling),
        "locked": _stated(programme, "locked", reason=programme.lock_reason if programme.is_locked else None),
        "area_split": programme.area_split,
        "serves": [_serves(link) for link in sorted(parts.links, key=lambda link: link.indicator_code)],
    }
    return {key: value for key, value in stated.items() if value not in (None, [])}


def _stated(programme: Programme, name: str, **values: Any) -> Document | None:
    """A parameter with its source; None where it is not stated."""
    if next(iter(values.values())) is None:
        return None
    stated = {key: value for key, value in values.items() if value is not None}
    return {**stated, "source": programme.sources.get(name) or NO_SOURCE}


def _serves(link: ProgrammeNeedLink) -> Document:
    serves: Document = {
        "need": link.indicator_code,
        "reach": link.reach,
        "effectiveness": link.effectiveness,
        "ceiling": link.ceiling,
        "response": link.response,
        "source": link.source,
    }
    if link.effectiveness_low is not None and link.effectiveness_high is not None:
        serves["effectiveness_range"] = [link.effectiveness_low, link.effectiveness_high]
    return serves
