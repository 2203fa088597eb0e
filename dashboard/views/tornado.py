"""Which assumption an answer hangs on most: bars in order, in words. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.years import Planned
from dashboard.views.simulate_names import covered_name, group_name, programme_name

KINDS = {
    "unit_cost": mark("Unit cost: {programme}"),
    "effectiveness": mark("Effectiveness: {programme} for “{need}”"),
    "reach": mark("Share of those reached who are {group}: {programme} for “{need}”"),
    "deficit": mark("Survey error: “{need}”"),
}
SHOWN = 12
NOTHING = 5e-3  # of the widest bar


@dataclass(frozen=True)
class Bar:
    """An assumption with the outcome at its low and at its high end, as numbers and written."""

    name: str
    low: float
    high: float
    low_text: str
    high_text: str

    @property
    def width(self) -> float:
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Tornado:
    """Bars that move the outcome, the widest first. `unit` says what the outcome is."""

    stated: float
    stated_text: str
    bars: tuple[Bar, ...]
    unit: str
    is_share: bool
    still: int = 0  # assumptions that change nothing


def tornado_view(result: Mapping[str, Any], planned: Planned, context: PageContext) -> Tornado:
    """Of a scenario: needs met beyond today's budget. Of today's budget, whose difference is none: coverage."""
    _, found = context.gettext, result["tornado"]
    is_share = planned.scenario is None
    needs = _needs_of(result)

    def outcome(part: Mapping[str, Any]) -> float:
        if not is_share:
            return float(sum(value or 0.0 for value in part["change"].values()))
        covered = sum((part["coverage"][group] or 0.0) * number for group, number in needs.items())
        return float(covered / (sum(needs.values()) or 1.0))

    def written(value: float) -> str:
        return context.formats.share(value, 2) if is_share else context.formats.signed(value)

    bars = [_bar(bar, outcome, written, planned, context) for bar in found["bars"]]
    persons = _("person-years") if planned.n_years > 1 else _("persons")
    stated = outcome(found["as_stated"])
    unit = _("Coverage of all needs") if is_share else _("Needs met beyond today's budget ({unit})", unit=persons)
    ordered = sorted(bars, key=lambda bar: -bar.width)
    widest = ordered[0].width if ordered else 0.0
    moving = tuple(bar for bar in ordered if bar.width > NOTHING * widest)
    return Tornado(stated, written(stated), moving, unit, is_share, len(ordered) - len(moving))


def _needs_of(result: Mapping[str, Any]) -> dict[str, float]:
    whole = result["horizon"] or result["years_drawn"][0]
    return {group: float(figures["needs"] or 0.0) for group, figures in whole["groups"].items()}


def _bar(bar: Mapping[str, Any], outcome: Any, written: Any, planned: Planned, context: PageContext) -> Bar:
    low, high = outcome(bar["at_p5"]), outcome(bar["at_p95"])
    return Bar(assumption_name(bar, planned, context), low, high, written(low), written(high))


def assumption_name(bar: Mapping[str, Any], planned: Planned, context: PageContext) -> str:
    sentence = KINDS[bar["kind"]]
    return context.gettext(
        sentence,
        programme=programme_name(planned.loaded, bar["programme"], context) if bar["programme"] else "",
        need=covered_name(planned.loaded, bar["need"], context) if bar["need"] else "",
        group=group_name(bar["group"] or "", context).lower(),
    )


def tornado_sentence(tornado: Tornado, context: PageContext) -> str:
    _ = context.gettext
    if not tornado.bars:
        return _("No assumption moves this outcome: it is {stated} in every case.", stated=tornado.stated_text)
    widest = tornado.bars[0]
    return _(
        "It hangs most on this: {name}. From its low to its high end the outcome goes from {low} to {high}; as stated "
        "it is {stated}.",
        name=widest.name,
        low=widest.low_text,
        high=widest.high_text,
        stated=tornado.stated_text,
    )


def tornado_rows(tornado: Tornado, context: PageContext) -> list[list[str]]:
    """Assumption, the outcome at its low and high end, and how far these are apart."""
    formats = context.formats
    return [
        [
            bar.name,
            bar.low_text,
            bar.high_text,
            formats.points(bar.width, 2).lstrip("+") if tornado.is_share else formats.number(bar.width),
        ]
        for bar in tornado.bars
    ]
