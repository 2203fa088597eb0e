"""People still uncovered by area under each of the scenarios compared, in classes of one scale. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.views.compare import Compared
from dashboard.views.map_colours import colours_of
from dashboard.views.simulate_names import group_name, need_name

ALL = "-"
CLASSES = 5


@dataclass(frozen=True)
class MapPanel:
    """One scenario: persons uncovered by area (NaN where the need applies to nobody), and their classes (-1: none)."""

    title: str
    persons: Array  # (A,)
    classes: tuple[int, ...]


@dataclass(frozen=True)
class CompareMap:
    """Panels of one scale with its legend."""

    subject: str
    areas: tuple[str, ...]  # names
    panels: tuple[MapPanel, ...]
    colours: tuple[str, ...]
    legend: tuple[str, ...]


def compare_map(
    compared: Sequence[Compared], areas: Mapping[str, str], need: str, group: str, context: PageContext
) -> CompareMap:
    """`need` and `group` are codes of the model; anything else stands for all of them together."""
    model = compared[0].loaded.model
    values = [_uncovered(one, need, group) for one in compared]
    bounds = class_bounds(values)
    panels = tuple(
        MapPanel(one.saved.name, persons, classes_of(persons, bounds))
        for one, persons in zip(compared, values, strict=True)
    )
    formats = context.formats
    legend = tuple(
        context.gettext("{low} to {high}", low=formats.number(low), high=formats.number(high))
        for low, high in pairwise(bounds.tolist())
    )
    names = tuple(areas.get(code, code) for code in model.areas)
    return CompareMap(_subject(compared[0], need, group, context), names, panels, colours_of(len(legend)), legend)


def _uncovered(one: Compared, need: str, group: str) -> Array:
    """(A,) persons in the last year; a person with three needs counts three times where all needs are asked for."""
    model, uncovered = one.loaded.model, one.result.years[-1].uncovered
    needs = [model.needs.index(need)] if need in model.needs else list(range(len(model.needs)))
    groups = [model.groups.index(group)] if group in model.groups else list(range(len(model.groups)))
    cells = uncovered[needs][:, :, groups]
    return np.where(np.isnan(cells).all(axis=(0, 2)), np.nan, np.nansum(cells, axis=(0, 2)))


def _subject(first: Compared, need: str, group: str, context: PageContext) -> str:
    _, loaded = context.gettext, first.loaded
    model = loaded.model
    what = need_name(loaded, need, context) if need in model.needs else _("All needs together")
    parts = [what, *([group_name(group, context)] if group in model.groups else [])]
    if first.n_years > 1:
        parts.append(_("in year {year}", year=first.n_years))
    return " · ".join(parts)


def class_bounds(values: Sequence[Array]) -> Array:
    """Borders of classes with about as many areas each, over all panels; one class where everybody has the same."""
    found = np.concatenate(values)
    found = found[~np.isnan(found)]
    if not len(found):
        return np.array([0.0, 0.0])
    low, high = float(found.min()), float(found.max())
    if high - low < CLASSES:
        return np.array([low, high])
    inner = np.unique(np.quantile(found, np.linspace(0, 1, CLASSES + 1))[1:-1])
    return np.array([low, *(border for border in inner if low < border < high), high])


def classes_of(persons: Array, bounds: Array) -> tuple[int, ...]:
    """Class of each area from 0; -1 where the need applies to nobody."""
    inner = bounds[1:-1]
    return tuple(-1 if np.isnan(value) else int(np.searchsorted(inner, value, side="right")) for value in persons)


def map_sentence(found: CompareMap, context: PageContext) -> str:
    """Where each scenario leaves most people uncovered, and how many it leaves in all."""
    _, formats, parts = context.gettext, context.formats, []
    for panel in found.panels:
        if np.isnan(panel.persons).all():
            continue
        most = int(np.nanargmax(panel.persons))
        parts.append(
            _(
                "“{name}” leaves {total} uncovered, most of them ({number}) in {area}.",
                name=panel.title,
                total=formats.number(float(np.nansum(panel.persons))),
                number=formats.number(float(panel.persons[most])),
                area=found.areas[most],
            )
        )
    return " ".join(parts) or _("This need applies to nobody here.")


def map_rows(found: CompareMap, context: PageContext) -> list[list[str]]:
    """A row an area, a column a scenario; the areas with most people uncovered come first."""
    formats = context.formats
    values = np.array([panel.persons for panel in found.panels])  # (S, A)
    order = np.argsort(-np.nan_to_num(values).max(axis=0), kind="stable")
    return [[found.areas[a], *(formats.number(float(value)) for value in values[:, a])] for a in order]
