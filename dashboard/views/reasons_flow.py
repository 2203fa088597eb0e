"""The flow programme -> need -> women and men: which nodes and streams its picture shows. No Dash here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from budget_model.coverage.types import Array

SMALLEST = 1e-6  # persons: less is the last bits of a sum


@dataclass(frozen=True)
class FlowNode:
    """A box of the picture."""

    column: int  # 0 programmes, 1 needs, 2 groups
    name: str
    persons: float
    group: int | None = None  # of a box of the last column


@dataclass(frozen=True)
class FlowStream:
    """Persons of one group on their way between two boxes."""

    source: int
    target: int
    group: int
    persons: float


@dataclass(frozen=True)
class Flow:
    """Boxes and streams; what comes into a need goes out of it."""

    nodes: tuple[FlowNode, ...]
    streams: tuple[FlowStream, ...]


@dataclass(frozen=True)
class FlowNames:
    """What the boxes are called; `others_…` name the box of all that are too small for one of their own."""

    programmes: Sequence[str]
    needs: Sequence[str]
    groups: Sequence[str]
    other_programmes: str
    other_needs: str


def build_flow(persons: Array, names: FlowNames, most: int) -> Flow:
    """persons : (P, N, G) needs met; most : boxes of a column, the one for all the others included."""
    persons = np.where(persons > SMALLEST, persons, 0.0)
    sources, source_names = _largest(persons.sum(axis=(1, 2)), names.programmes, names.other_programmes, most)
    targets, target_names = _largest(persons.sum(axis=(0, 2)), names.needs, names.other_needs, most)
    shown = np.zeros((len(source_names), len(target_names), persons.shape[2]))
    for p, n in np.argwhere(persons.sum(axis=2) > 0):
        shown[sources[p], targets[n]] += persons[p, n]
    groups = [g for g in range(len(names.groups)) if shown[:, :, g].sum() > 0]
    nodes = [FlowNode(0, name, float(shown[p].sum())) for p, name in enumerate(source_names)]
    nodes += [FlowNode(1, name, float(shown[:, n].sum())) for n, name in enumerate(target_names)]
    nodes += [FlowNode(2, names.groups[g], float(shown[:, :, g].sum()), g) for g in groups]
    first_need, first_group = len(source_names), len(source_names) + len(target_names)
    streams = [
        FlowStream(int(p), first_need + int(n), int(g), float(shown[p, n, g])) for p, n, g in np.argwhere(shown > 0)
    ]
    by_need = shown.sum(axis=0)
    streams += [
        FlowStream(first_need + int(n), first_group + groups.index(int(g)), int(g), float(by_need[n, g]))
        for n, g in np.argwhere(by_need > 0)
    ]
    return Flow(tuple(nodes), tuple(streams))


def _largest(totals: Array, names: Sequence[str], others: str, most: int) -> tuple[dict[int, int], list[str]]:
    """Index -> box, and the boxes' names: the largest first, those that meet nothing left out."""
    order = [int(i) for i in np.argsort(-totals, kind="stable") if totals[i] > 0]
    own = order if len(order) <= most else order[: most - 1]
    shown = [names[i] for i in own]
    rest = order[len(own) :]
    boxes = {index: box for box, index in enumerate(own)} | dict.fromkeys(rest, len(own))
    return boxes, [*shown, f"{others} ({len(rest)})"] if rest else shown
