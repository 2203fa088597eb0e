"""What services return about a site's survey: rounds, areas, estimates by sex, gaps. Plain frozen data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from budget_model.survey.classes import NO_VARIATION
from data.store.definitions import PendingDefinition, Redefinition

NORMAL_95 = 1.959964
ABOUT_EQUAL = 0.0005  # of a share (0.05 points) or a mean's unit: less does not show beside figures of one decimal


@dataclass(frozen=True)
class RoundInfo:
    """A survey round as far as a provenance line needs it."""

    id: int
    code: str
    starts_on: date | None
    ends_on: date | None
    coverage_area: str
    coverage_rate: float | None
    is_census: bool
    household_count: int | None  # None: known by published estimates only
    person_count: int | None
    source: str
    state: str  # draft, validated, published
    pending: tuple[PendingDefinition, ...] = ()  # shown to officials, not public yet
    redefined: tuple[Redefinition, ...] = ()  # published after the round was


@dataclass(frozen=True)
class AreaRef:
    """An area to choose from."""

    id: int
    code: str
    name: str
    level: int


@dataclass(frozen=True)
class SexFigure:
    """One indicator for one sex: a share (0-1) or a mean, its interval (None for a census), persons behind it."""

    estimate: float | None
    standard_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    cv: float | None = None
    persons: int = 0  # answers in the universe, unweighted
    universe: float | None = None  # persons, weighted
    lacking: float | None = None  # persons of the universe who lack it; None for a mean
    is_suppressed: bool = False
    least: int | None = None  # of a suppressed cell: about how many persons a figure needs to be shown

    @property
    def error(self) -> float | None:
        """What a difference is judged by: the standard error, None for a census.

        A sample may show no variation: all answers lie in one sampling unit, or are the same. Its standard error of 0
        is then not known rather than small: infinite here, or for a share of 0 or 1 the reach of its exact interval.
        """
        if self.standard_error is None or self.estimate is None:
            return None
        if self.standard_error > NO_VARIATION * max(abs(self.estimate), 1.0):
            return self.standard_error
        if self.ci_low is not None and self.ci_high is not None and self.ci_high - self.ci_low > NO_VARIATION:
            return (self.ci_high - self.ci_low) / NORMAL_95
        return math.inf

    @classmethod
    def suppressed(cls, least: int | None = None) -> SexFigure:
        """A cell too small to be shown: it holds no number at all."""
        return cls(estimate=None, is_suppressed=True, least=least)


@dataclass(frozen=True)
class Gap:
    """An indicator for women and men of one area. `gap` is women minus men, a share (0-1) or the mean's unit."""

    code: str
    label: Mapping[str, str]
    dimension: str
    direction: str  # down: lower is better
    is_mean: bool
    is_sensitive: bool
    source: str
    women: SexFigure | None
    men: SexFigure | None
    unit: Mapping[str, str] = field(default_factory=dict)  # of a mean; empty where the catalogue does not say
    lacking_label: Mapping[str, str] = field(default_factory=dict)  # of those who lack it; empty: nobody named them

    @property
    def gap(self) -> float | None:
        values = [side.estimate if side else None for side in (self.women, self.men)]
        if values[0] is None or values[1] is None:
            return None
        return values[0] - values[1]

    @property
    def standard_error(self) -> float | None:
        """Of the gap, taking women's and men's estimates as independent (rather too wide within households).

        Infinite where the answers of a side cannot tell (`SexFigure.error`).
        """
        errors = [side.error if side else None for side in (self.women, self.men)]
        if self.gap is None or errors[0] is None or errors[1] is None:
            return None
        return math.hypot(errors[0], errors[1])

    @property
    def is_more_than_noise(self) -> bool | None:
        """Whether the 95 % interval of the gap leaves out 0. None: no gap. A census has no sampling noise."""
        if self.gap is None:
            return None
        error = self.standard_error
        return self.gap != 0 if error is None else abs(self.gap) > NORMAL_95 * error

    @property
    def worse_off(self) -> str | None:
        """`women` or `men` where they differ by more than chance and visibly, else None: about equal, or not known.

        In a census every difference is real, yet one of a few persons in 100,000 is none that a plan could answer to.
        """
        if not self.is_more_than_noise or abs(self.gap or 0.0) < ABOUT_EQUAL:
            return None
        return self.disadvantaged

    @property
    def disadvantaged(self) -> str | None:
        """`women` or `men`: who lacks it more; None where nobody does or it is not known."""
        if not self.gap:
            return None
        women_are_higher = self.gap > 0
        return "women" if women_are_higher == (self.direction == "down") else "men"

    @property
    def lacking(self) -> float | None:
        """Women and men who lack it, together; None where a side is unknown that exists."""
        sides = [side for side in (self.women, self.men) if side is not None]
        values = [side.lacking for side in sides]
        return None if not values or None in values else float(sum(value for value in values if value is not None))

    @property
    def is_suppressed(self) -> bool:
        return any(side.is_suppressed for side in (self.women, self.men) if side)


@dataclass(frozen=True)
class Findings:
    """All gaps of one round and area, and what there is to choose from."""

    round: RoundInfo | None
    area: AreaRef | None
    areas: tuple[AreaRef, ...]
    gaps: tuple[Gap, ...]
    is_public: bool
    rounds: tuple[RoundInfo, ...] = ()  # what the reader may choose from, the newest first
