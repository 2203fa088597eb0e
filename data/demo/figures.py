"""The figures that the synthetic census is calibrated to, read from `figures.yaml` into frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

FILE = Path(__file__).with_name("figures.yaml")


@dataclass(frozen=True)
class PublishedFigure:
    """One margin of the census that somebody published. Units and tolerance: see the head of `figures.yaml`."""

    id: str
    indicator: str | None
    level: Literal["person", "household"]
    universe: str
    unit: Literal["percent", "hours", "ratio", "persons"]
    value: float
    tolerance: float
    place: str
    year: int
    source: str
    numerator: str | None = None
    mean: str | None = None
    universe_of_reference: str | None = None


@dataclass(frozen=True)
class Figures:
    """Published figures by id, and assumptions by name."""

    published: dict[str, PublishedFigure]
    assumed: dict[str, float]

    def share(self, figure: str) -> float:
        """A published percentage as a share, 0-1."""
        return self.published[figure].value / 100

    def value(self, figure: str) -> float:
        """A published figure in its own unit."""
        return self.published[figure].value

    def with_values(self, published: Mapping[str, float], assumed: Mapping[str, float]) -> Figures:
        """The same figures with other values, each in its own unit; a name that is not there raises KeyError."""
        unknown = [*(set(published) - set(self.published)), *(set(assumed) - set(self.assumed))]
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        changed = {name: replace(self.published[name], value=value) for name, value in published.items()}
        return Figures({**self.published, **changed}, {**self.assumed, **assumed})


@cache
def read_figures(file: Path = FILE) -> Figures:
    """The figures of `file`; a key that the records do not know raises TypeError."""
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    published = [PublishedFigure(**entry) for entry in document["published"]]
    assumed = {name: float(entry["value"]) for name, entry in document["assumed"].items()}
    return Figures({figure.id: figure for figure in published}, assumed)
