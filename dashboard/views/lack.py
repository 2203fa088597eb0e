"""A need by its own name: of an indicator that counts who has something, those who lack it.

Only where the catalogue names them (`lacking_label`); without a name the indicator stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from dashboard.services.findings import Gap, SexFigure
from dashboard.services.profile import Extreme, ProfileNeed
from dashboard.services.trend import TrendPoint


def as_lack(need: ProfileNeed) -> ProfileNeed:
    """The need with every share turned into that of those who lack it."""
    if not is_turned(need.gap):
        return need
    rest, before = need.rest, need.before
    return replace(
        need,
        gap=gap_of_lack(need.gap),
        everybody=turned(need.everybody),
        site=turned(need.site),
        rest=(_rest(rest[0]), _rest(rest[1])),
        before=(turned(before[0]), turned(before[1])),
        worst=_extreme(need.worst),
        best=_extreme(need.best),
        trend=tuple(TrendPoint(one.round, gap_of_lack(one.gap), one.changed) for one in need.trend),
    )


def is_turned(gap: Gap) -> bool:
    """Whether the indicator counts those who have it and those who lack it have a name."""
    return gap.direction == "up" and not gap.is_mean and bool(gap.lacking_label)


def gap_of_lack(gap: Gap) -> Gap:
    """Women and men who lack it, lower being better; the gap as it is where it is turned already or has no name."""
    if not is_turned(gap):
        return gap
    return replace(gap, label=gap.lacking_label, direction="down", women=turned(gap.women), men=turned(gap.men))


def turned(figure: SexFigure | None) -> SexFigure | None:
    """The share of the others, with the interval turned along."""
    if figure is None or figure.estimate is None:
        return figure
    share, error = 1 - figure.estimate, figure.standard_error
    return replace(
        figure,
        estimate=share,
        ci_low=_rest(figure.ci_high),
        ci_high=_rest(figure.ci_low),
        cv=error / share if error is not None and share > 0 else None,
    )


def _rest(share: float | None) -> float | None:
    return None if share is None else 1 - share


def _extreme(extreme: Extreme | None) -> Extreme | None:
    return None if extreme is None else Extreme(extreme.area, 1 - extreme.estimate)
