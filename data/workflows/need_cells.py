"""Needs of a round by area and group, as the model takes them: persons, errors, weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import side_labels
from data.store.areas import list_areas
from data.store.tables import (
    Area,
    Indicator,
    Need,
)
from data.workflows.borrowed_errors import named_cells, with_borrowed_errors
from data.workflows.priorities import mix_weights
from data.workflows.shared_errors import load_error_correlations

GROUPS = ("women", "men")
AREA_LEVEL = 1
ERRORS = ("borrowed", "unknown")


@dataclass(frozen=True)
class NeedNames:
    """What a need is called, by language: by those who lack it, and by those who are covered (may be empty)."""

    lacking: Mapping[str, str]
    covered: Mapping[str, str]

    @classmethod
    def of(cls, definition: Mapping[str, Any]) -> NeedNames:
        """From a stored definition; where higher is better and nothing else is said, both sides have the label."""
        lacking, covered = side_labels(definition)
        return cls(lacking or definition.get("label") or {}, covered)


@dataclass(frozen=True)
class NeedCells:
    """The needs of a round by area and group; arrays (N, A, G) in persons."""

    codes: tuple[str, ...]
    names: Mapping[str, NeedNames]
    areas: tuple[str, ...]
    universe: np.ndarray
    deficit: np.ndarray
    deficit_se: np.ndarray  # NaN where there is none
    weight: np.ndarray  # (N, G)
    correlation: np.ndarray  # (N,) of women's and men's survey errors in one area, 0-1; NaN where nothing tells it
    survey_errors: Mapping[str, Any] = field(default_factory=dict)  # cells whose error is `borrowed`, or `unknown`

    def area_weights(self, split: Any, needs: Sequence[str]) -> list[float]:
        """Weights by which something is split over the areas: `need`, `population` or stated shares."""
        if isinstance(split, Mapping):
            return [float(split.get(area, 0.0)) for area in self.areas]
        if split == "need":
            rows = [self.codes.index(code) for code in needs if code in self.codes]
            lacking = self.deficit[rows].sum(axis=(0, 2))
            if lacking.sum() > 0:
                return [float(value) for value in lacking]
        return [float(value) for value in self.universe.sum(axis=2).max(axis=0)]


def load_need_cells(session: Session, site_id: int, round_id: int) -> NeedCells:
    """The stored needs of a round; a cell that is not stored has nobody in its universe."""
    areas = area_codes(session, site_id)
    figures = (Need.target_group, Need.universe, Need.deficit, Need.deficit_standard_error, Need.weight)
    found = session.execute(
        select(Need.indicator_id, Area.code.label("area"), *figures)
        .join(Area, Area.id == Need.area_id)
        .where(Need.round_id == round_id, Area.code.in_(areas), Need.target_group.in_(GROUPS))
        .order_by(Need.id)
    ).all()  # columns only, and each definition once: a large site has tens of thousands of cells
    indicators = _newest(session, {row.indicator_id for row in found})
    rows = [row for row in found if row.indicator_id in indicators]
    if not rows:
        message = "The round has no needs of women and men yet. Run the indicators first (indicators run)."
        raise InputError(Problem("needs_missing", message))
    names: dict[str, NeedNames] = {}
    for row in rows:
        indicator = indicators[row.indicator_id]
        names.setdefault(indicator.code, NeedNames.of(indicator.definition))
    codes = tuple(names)
    universe, deficit, error, weight = _cells(rows, indicators, codes, areas)
    together = {} if np.isnan(error).all() else load_error_correlations(session, round_id, indicators, areas)
    told = {indicators[key].code: value for key, value in together.items()}
    correlation = np.array([told.get(code, np.nan) for code in codes])
    newest = {indicator.code: identifier for identifier, indicator in indicators.items()}
    persons = {"universe": universe, "deficit": deficit, "error": error}
    filled = with_borrowed_errors(session, round_id, [newest[code] for code in codes], areas, persons)
    error, *masks = filled
    said = {name: named_cells(mask, codes, areas, GROUPS) for name, mask in zip(ERRORS, masks, strict=True)}
    said = {name: told_of for name, told_of in said.items() if told_of}
    return NeedCells(codes, names, tuple(areas), universe, deficit, error, weight, correlation, said)


def _cells(
    rows: Sequence[Row[Any]], indicators: Mapping[int, Indicator], codes: Sequence[str], areas: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Universe, deficit and its standard error [persons], (N, A, G), and weights (N, G); an unknown error is NaN."""
    shape = (len(codes), len(areas), len(GROUPS))
    universe, deficit, error = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    weight = np.ones((shape[0], shape[2]))
    places = {code: place for place, code in enumerate(codes)}
    area_places = {code: place for place, code in enumerate(areas)}
    for need in rows:
        row, group = places[indicators[need.indicator_id].code], GROUPS.index(need.target_group)
        cell = (row, area_places[need.area], group)
        universe[cell], deficit[cell] = need.universe, need.deficit
        error[cell] = np.nan if need.deficit_standard_error is None else need.deficit_standard_error
        weight[row, group] = need.weight
    return universe, deficit, error, weight


def _newest(session: Session, ids: Collection[int]) -> dict[int, Indicator]:
    """Of these indicators the newest version of each code, by id."""
    found = session.scalars(select(Indicator).where(Indicator.id.in_(ids)).order_by(Indicator.version))
    return {indicator.id: indicator for indicator in {one.code: one for one in found}.values()}


def with_mixed_weights(session: Session, site_id: int, cells: NeedCells) -> tuple[NeedCells, Mapping[str, Any] | None]:
    """The needs with the weights that the site's mix of survey and focus groups gives them, and that mix."""
    weight, mix = mix_weights(session, site_id, cells.codes, cells.weight)
    return replace(cells, weight=weight), mix


def area_codes(session: Session, site_id: int) -> list[str]:
    """Codes of the areas of level 1, or of the site's own area where there are none."""
    areas = list_areas(session, site_id, AREA_LEVEL) or list_areas(session, site_id, 0)
    return [area.code for area in areas]
