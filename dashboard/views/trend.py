"""The needs of a profile from round to round, as rows: each round's shares, and how far women and men moved since."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from budget_model.survey.classes import UNCERTAIN, certainty
from dashboard.context import PageContext
from dashboard.services.findings import NORMAL_95, RoundInfo, SexFigure
from dashboard.services.trend import TrendPoint
from dashboard.views.indicator import KEYS
from dashboard.views.needs import protected_mark

NONE, NO_BREAK_SPACE = "–", "\u00a0"


@dataclass(frozen=True)
class TrendRow:
    """A need: shares of women and men in each round (0-1, for the picture), the same as texts, and the changes."""

    name: str
    women: tuple[float | None, ...]
    men: tuple[float | None, ...]
    cells: tuple[str, ...]
    changes: tuple[str, str]  # women, men


def trend_rounds(trends: Sequence[Sequence[TrendPoint]]) -> tuple[RoundInfo, ...]:
    """The rounds of which some need has a figure, the earliest first; fewer than two make no trend."""
    rounds = {point.round.id: point.round for points in trends for point in points}
    found = sorted(rounds.values(), key=lambda one: (str(one.ends_on or one.starts_on or ""), one.id))
    return tuple(found) if len(found) > 1 else ()


def trend_row(name: str, points: Sequence[TrendPoint], rounds: Sequence[RoundInfo], context: PageContext) -> TrendRow:
    """A row with a cell a round, and the changes between the last two rounds that have it."""
    by_round = {point.round.id: point for point in points}
    found = [by_round.get(one.id) for one in rounds]
    comparable = _since_last_break(found)
    return TrendRow(
        name,
        tuple(_value(point, "women") for point in comparable),
        tuple(_value(point, "men") for point in comparable),
        tuple(_cell(point, context) for point in found),
        (_change(points, "women", context), _change(points, "men", context)),
    )


def _since_last_break(points: Sequence[TrendPoint | None]) -> list[TrendPoint | None]:
    """What may be joined by a line: nothing from before the definition changed."""
    last = max((at for at, point in enumerate(points) if point is not None and point.changed), default=0)
    return [point if at >= last else None for at, point in enumerate(points)]


def _value(point: TrendPoint | None, group: str) -> float | None:
    side: SexFigure | None = getattr(point.gap, group) if point else None
    return None if point is None or is_uncertain(side, point.round) or side is None else side.estimate


def _cell(point: TrendPoint | None, context: PageContext) -> str:
    """`14.2 % / 12.7 %`; what is protected says so, and a round that did not ask it too."""
    if point is None:
        return context.gettext("not asked")
    return " / ".join(_side(side, point.round, context) for side in (point.gap.women, point.gap.men))


def _side(side: SexFigure | None, survey_round: RoundInfo, context: PageContext) -> str:
    if side is not None and side.is_suppressed:
        return protected_mark(side, context)
    if is_uncertain(side, survey_round):
        return context.gettext("too uncertain to show")
    return context.formats.share(side.estimate if side else None)


def is_uncertain(side: SexFigure | None, survey_round: RoundInfo) -> bool:
    """Whether a share of a sample is not shown, by the same rule as on the map."""
    if side is None or side.estimate is None or survey_round.is_census:
        return False
    interval = (side.ci_low, side.ci_high)
    return certainty(side.estimate, side.standard_error, interval, is_share=True) == UNCERTAIN


def _change(points: Sequence[TrendPoint], group: str, context: PageContext) -> str:
    """In points with its 95 % interval, ≈ where chance could explain it; or why there is none."""
    _, formats = context.gettext, context.formats
    if len(points) < 2:
        return NONE
    if points[-1].changed:
        keys = ", ".join(_(KEYS[key]) if key in KEYS else key for key in points[-1].changed)
        return _("not comparable, the definition changed: {keys}", keys=keys)
    then, now = (_value(point, group) for point in points[-2:])
    if now is None or then is None:
        return NONE
    change = now - then
    sides = [getattr(point.gap, group) for point in points[-2:]]
    errors = [side.error for side in sides if side.error is not None]
    if not errors:
        return formats.points(change)
    width = NORMAL_95 * math.hypot(*errors)
    if width == math.inf:  # an error is not known
        return f"{formats.points(change)} ≈"
    low, high = (formats.points(change + sign * width).partition(NO_BREAK_SPACE)[0] for sign in (-1, 1))
    return f"{formats.points(change)} ({low} / {high})" + ("" if abs(change) > width else " ≈")
