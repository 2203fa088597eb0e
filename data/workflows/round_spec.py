"""What is known of a survey round besides its answers, and what came of storing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from budget_model.errors import Problem


@dataclass(frozen=True)
class AreaSpec:
    """An area that the round's codes name; `parent` is the code one level up, None at level 1."""

    code: str
    name: str
    level: int
    parent: str | None = None


@dataclass(frozen=True)
class RoundSpec:
    """What is known of a round besides its answers. Column names are those of the frames."""

    code: str
    coverage_area: str
    is_census: bool
    area_columns: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    coverage_rate: float | None = None
    weight_column: str | None = None
    strata_column: str | None = None
    psu_column: str | None = None
    fpc_column: str | None = None
    state: str = "draft"
    source: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredRound:
    """What came of an import."""

    round_id: int
    code: str
    households: int
    persons: int
    new_areas: tuple[str, ...]
    warnings: tuple[Problem, ...]
    bank_path: str
