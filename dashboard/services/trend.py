"""Indicators of an area from round to round: what each says, and where the definition came to mean another thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.services.findings import Gap, RoundInfo
from dashboard.services.map import changed_meaning

MOST_ROUNDS = 4  # the newest; more do not fit beside one another


@dataclass(frozen=True)
class TrendPoint:
    """An indicator in one round. `changed`: keys in which it means something else than in the point before."""

    round: RoundInfo
    gap: Gap
    changed: tuple[str, ...] = ()


class HasIndicator(Protocol):
    """A stored indicator and its figures in one round."""

    @property
    def indicator(self) -> Any: ...

    @property
    def gap(self) -> Gap: ...


def trend_of(rounds: Sequence[tuple[RoundInfo, Mapping[str, HasIndicator]]], code: str) -> tuple[TrendPoint, ...]:
    """The points of an indicator; a round that lacks it is passed over.

    rounds : the earliest first, each with what was found in it, by code
    """
    points: list[TrendPoint] = []
    before: HasIndicator | None = None
    for one, found in rounds:
        here = found.get(code)
        if here is None:
            continue
        changed = changed_meaning(before.indicator.definition, here.indicator.definition) if before else ()
        points.append(TrendPoint(one, here.gap, changed))
        before = here
    return tuple(points)
