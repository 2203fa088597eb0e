"""A portable model read into a site: its programmes become an edit. Needs, limits and objective stay the site's own.

Only what differs from today's model is taken over, so that lines and sources stay with what did not change. The edit is
tried out: where the site cannot keep what the file says (amounts by sector in other proportions), it is refused.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from budget_model.coverage.portable import parse_model
from budget_model.coverage.types import BudgetModel
from budget_model.errors import CatalogueError, InputError, Problem
from data.readers.yaml_document import parse_yaml
from data.store.tables import Site
from data.workflows.models import build_model, latest_round_id
from data.workflows.programme_checks import read_entry
from data.workflows.programme_edits import Edit
from data.workflows.programme_parts import Document, document_of, parts_of_entry, stored_parts

MONEY = ("baseline", "floor", "ceiling")
BY_AREA = ("unit_cost", "capacity", *MONEY)
NEAR = 1e-6
CENTS = 0.011  # of an amount that was split over the sectors


@dataclass(frozen=True)
class PortableEdit:
    """The edit, and in how many cells the needs of the file differ from those of the site, which stay."""

    edit: Edit
    other_need_cells: int


def is_portable(text: str) -> bool:
    """Whether a YAML text is a portable model rather than a file of programmes."""
    return any(line.startswith("needs:") for line in text.splitlines())


def read_portable(session: Session, site: Site, text: str, name: str) -> PortableEdit:
    """The edit that a portable model asks for; CatalogueError with everything that the site cannot keep."""
    document, lines = parse_yaml(text, name)
    wanted = parse_model(document, name, lines)
    round_id = latest_round_id(session, site.id)
    today = parse_model(build_model(session, site.id, round_id))
    _check_axes(wanted, today, name)
    raw = {entry["id"]: entry for entry in document["programmes"]}
    stored = {parts.programme.code: document_of(parts) for parts in stored_parts(session, site.id)}
    entries = {code: _entry(code, raw[code], wanted, today, stored.get(code), name) for code in wanted.programmes}
    _check_kept(session, site, round_id, entries, wanted, name)
    return PortableEdit(Edit(entries, is_whole_list=True, origin=name), _other_cells(wanted, today))


def _check_axes(wanted: BudgetModel, today: BudgetModel, name: str) -> None:
    for what in ("currency", "areas", "groups"):
        if getattr(wanted, what) != getattr(today, what):
            message = (
                f"The {what} of the file ({getattr(wanted, what)}) are not those of the site ({getattr(today, what)})."
            )
            raise CatalogueError(Problem("portable_axes", message, file=name))


def _other_cells(wanted: BudgetModel, today: BudgetModel) -> int:
    """Cells of needs (universe or deficit) in which the file says something else than the site's survey."""
    count = 0
    for row, need in enumerate(wanted.needs):
        if need not in today.needs:
            count += wanted.universe[row].size
            continue
        own = today.needs.index(need)
        differs = ~np.isclose(wanted.universe[row], today.universe[own]) | ~np.isclose(
            wanted.deficit[row], today.deficit[own]
        )
        count += int(differs.sum())
    return count


def _entry(
    code: str, raw: Mapping[str, Any], wanted: BudgetModel, today: BudgetModel, stored: Document | None, name: str
) -> Document:
    """The stored entry with what differs; a new one where the site has none."""
    row = wanted.programmes.index(code)
    own = today.programmes.index(code) if code in today.programmes else None
    entry = copy.deepcopy(stored) if stored is not None else _blank(code, raw)
    source = f"assumption: taken from {name}"
    for field in (*BY_AREA, "durability"):
        if own is None or not np.allclose(getattr(wanted, field)[row], getattr(today, field)[own], equal_nan=True):
            _set(entry, field, wanted, row, source)
    if own is None or not np.allclose(wanted.unit_cost_range[row], today.unit_cost_range[own]):
        low, high = wanted.unit_cost_range[row, 0]
        entry["unit_cost"] |= {"low": _exact(low), "high": _exact(high)}
    if own is None or bool(wanted.locked[row]) != bool(today.locked[own]):
        _lock(entry, bool(wanted.locked[row]), name, source)
    if own is None or _links(wanted, row) != _links(today, own):
        entry["serves"] = [_serves(link, source) for link in raw.get("serves", [])]
    return entry


def _blank(code: str, raw: Mapping[str, Any]) -> Document:
    names = raw.get("name")
    names = dict(names) if isinstance(names, Mapping) and names else {"es": code}
    heading = {"es": "Sin rubro", "en": "Without heading"}
    return {"code": code, "name": names, "heading": heading, "area_split": "need", "serves": []}


def _set(entry: Document, field: str, wanted: BudgetModel, row: int, source: str) -> None:
    values = np.atleast_1d(getattr(wanted, field)[row])
    if field == "durability":
        entry["durability_years"] = {"value": int(values[0]), "source": source}
    elif field == "unit_cost":
        entry["unit_cost"] = {"value": _exact(values[0]), "source": source}
    elif field == "capacity":
        entry.pop("capacity", None)
        if np.isfinite(values).all():
            entry["capacity"] = {"value": float(values.sum()), "source": source}
    else:
        _set_money(entry, field, values, source)


def _set_money(entry: Document, field: str, values: np.ndarray, source: str) -> None:
    entry.pop(field, None)
    total = float(values.sum())
    if field == "baseline":
        entry.pop("lines", None)
        if total > 0:
            entry["_split"] = dict(enumerate((values / total).tolist()))
    if field == "baseline" or (np.isfinite(total) and (field == "ceiling" or total > 0)):
        entry[field] = {"value": _exact(total), "source": source}


def _lock(entry: Document, is_locked: bool, name: str, source: str) -> None:
    entry.pop("locked", None)
    if is_locked:
        entry["locked"] = {"reason": {"es": f"según {name}", "en": f"by {name}"}, "source": source}


def _links(model: BudgetModel, row: int) -> list[Any]:
    links = model.links
    return sorted(
        (
            model.needs[links.need[n]],
            np.round(links.reach[n], 9).tolist(),
            float(links.effectiveness[n]),
            float(links.ceiling[n]),
            links.response[n],
        )
        for n in np.flatnonzero(links.programme == row)
    )


def _serves(link: Mapping[str, Any], source: str) -> Document:
    reach = link.get("reach", "need")
    by_area = isinstance(reach, Mapping) and any(isinstance(value, Mapping) for value in reach.values())
    serves: Document = {
        "need": link["need"],
        "reach": dict(next(iter(reach.values()))) if by_area else reach,
        "effectiveness": float(link.get("effectiveness", 1.0)),
        "ceiling": float(link.get("ceiling", 1.0)),
        "response": link.get("response", "exponential"),
        "source": str(link.get("source") or source),
    }
    if link.get("effectiveness_range") is not None:
        serves["effectiveness_range"] = list(link["effectiveness_range"])
    return serves


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(float(value), 4)))


def _check_kept(
    session: Session, site: Site, round_id: int, entries: dict[str, Document], wanted: BudgetModel, name: str
) -> None:
    """The model that the entries give, beside the one that the file says: nothing may be lost on the way."""
    for entry in entries.values():
        split = entry.pop("_split", None)
        if split is not None:
            entry["area_split"] = {wanted.areas[position]: share for position, share in split.items()}
    read = {code: read_entry(entry, code) for code, entry in entries.items()}
    problems = [found for _entry_, found_all in read.values() for found in found_all]
    if problems:
        raise CatalogueError(problems)
    parts = [parts_of_entry(entry) for entry, _found in read.values() if entry is not None]
    try:
        given = parse_model(build_model(session, site.id, round_id, programmes=parts))
    except InputError as refusal:
        raise CatalogueError(refusal.problems) from None
    problems = [found for code in wanted.programmes for found in _lost(code, wanted, given, name)]
    if problems:
        raise CatalogueError(problems)


def _lost(code: str, wanted: BudgetModel, given: BudgetModel, name: str) -> Iterator[Problem]:
    row, own = wanted.programmes.index(code), given.programmes.index(code)
    for field in (*BY_AREA, "durability", "unit_cost_range", "locked"):
        margin = CENTS if field in MONEY else NEAR
        one, other = np.asarray(getattr(wanted, field)[row], float), np.asarray(getattr(given, field)[own], float)
        if not np.allclose(one, other, rtol=NEAR, atol=margin):
            message = (
                f"Programme '{code}': the site cannot keep its {field} as the file says ({one.tolist()}; it would "
                f"become {other.tolist()}). The site keeps one value for all sectors, split like today's money."
            )
            facts = {"programme": code, "path": field}
            yield Problem("portable_lost", message, file=name, facts=facts)
    if _links(wanted, row) != _links(given, own):
        message = f"Programme '{code}': the site cannot keep whom it reaches or how well as the file says."
        yield Problem("portable_lost", message, file=name, facts={"programme": code, "path": "serves"})
