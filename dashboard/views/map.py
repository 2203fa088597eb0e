"""What the poverty map shows: values, classes, marks and legend of one or two panels, in the reader's language.

A panel is a sum of figures with signs: women; women minus men; now minus earlier. The picture travels as plain data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from budget_model.errors import InputError, Problem
from budget_model.survey.classes import (
    CARE,
    METHODS,
    OWN,
    QUANTILE,
    SURE,
    UNCERTAIN,
    certainty,
    class_bounds,
    class_of,
    difference_certainty,
    diverging_bounds,
)
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.map import AreaFigure, Figures, MapFigures, MapIndicator
from dashboard.views.map_colours import colours_of

PAIR, WOMEN, MEN, EVERYBODY, GAP = "pair", "women", "men", "all", "gap"
NOW, CHANGE = "now", "change"
SHOWS = {
    PAIR: mark("Women and men, side by side"),
    WOMEN: mark("Women"),
    MEN: mark("Men"),
    EVERYBODY: mark("Women and men together"),
    GAP: mark("Gap, women minus men"),
}
METHOD_NAMES = {
    QUANTILE: mark("Equal numbers of areas"),
    "equal": mark("Equal widths"),
    "jenks": mark("Natural breaks"),
    OWN: mark("Own bounds"),
}
SEX = {WOMEN: "female", MEN: "male", EVERYBODY: "all"}
SURE_MARK, CARE_MARK, UNCERTAIN_MARK, PROTECTED_MARK, MISSING_MARK, NOBODY_MARK = range(6)
STATUS_MARKS = {"protected": PROTECTED_MARK, "missing": MISSING_MARK, "nobody": NOBODY_MARK}
DEFAULT_NUMBER = 5
NORMAL_95 = 1.959964
SHARE_DIGITS, MEAN_DIGITS = 3, 2


@dataclass(frozen=True)
class MapChoice:
    """What a map is asked to show; from the address, so every part is checked."""

    indicator: str | None
    show: str = PAIR
    over: str = NOW
    level: int = 1
    round: str | None = None
    method: str = QUANTILE
    number: int = DEFAULT_NUMBER
    own: tuple[float, ...] = ()  # shares as 0-1


@dataclass(frozen=True)
class Panel:
    """One map. Values are None where `marks` says why."""

    key: str
    title: str
    values: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    marks: tuple[int, ...]


@dataclass(frozen=True)
class Picture:
    """The panels on one scale."""

    figures: MapFigures
    choice: MapChoice
    panels: tuple[Panel, ...]
    bounds: tuple[float, ...]
    colours: tuple[str, ...]

    @property
    def is_diverging(self) -> bool:
        return self.choice.show == GAP or self.choice.over == CHANGE

    @property
    def kind(self) -> str:
        """How a value is written: share, mean, points (difference of shares), difference (of means)."""
        if self.figures.indicator.is_mean:
            return "difference" if self.is_diverging else "mean"
        return "points" if self.is_diverging else "share"

    @cached_property
    def classes(self) -> tuple[tuple[int, ...], ...]:
        """Of each panel the class of every area; -1 where nothing is coloured."""
        return tuple(
            tuple(-1 if value is None else class_of(self._as_written(value), self.bounds) for value in panel.values)
            for panel in self.panels
        )

    def _as_written(self, value: float) -> float:
        """Bounds are written with these digits: by its own it could seem to lie in the next class."""
        return round(value, digits_of(self.figures.indicator))


def choice_of(query: Mapping[str, str], indicators: Sequence[MapIndicator] = ()) -> MapChoice:
    """The choice in an address. InputError where a part of it cannot be read."""
    code = query.get("indicator") or None
    is_mean = next((one.is_mean for one in indicators if one.code == code), False)
    show, over = query.get("show") or PAIR, query.get("over") or NOW
    method = query.get("method") or QUANTILE
    problems = [
        _unknown(name, found)
        for name, found, known in (("show", show, SHOWS), ("over", over, (NOW, CHANGE)), ("method", method, METHODS))
        if found not in known
    ]
    if problems:
        raise InputError(problems)
    return MapChoice(
        code,
        show,
        over,
        _whole(query.get("level") or "1", "level"),
        query.get("round") or None,
        method,
        _whole(query.get("number") or str(DEFAULT_NUMBER), "number"),
        _own_bounds(query.get("own", ""), 1.0 if is_mean else 0.01) if method == OWN else (),
    )


def _unknown(name: str, found: str) -> Problem:
    facts = {"found": found[:40], "name": name}
    return Problem("map.choice", f"'{found[:40]}' is no choice of '{name}'.", value=found[:40], facts=facts)


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise InputError(_unknown(name, text))
    return int(text)


def _own_bounds(text: str, scale: float) -> tuple[float, ...]:
    """`10; 25; 50` as shares (percentages) or in the unit of the mean; a comma may be the decimal mark."""
    parts = [part.strip().rstrip("%").strip() for part in text.replace("\n", ";").split(";")]
    try:
        return tuple(round(float(part.replace(",", ".").replace("\u2212", "-")) * scale, 9) for part in parts if part)
    except ValueError:
        message = "Write the bounds as numbers with semicolons between them, for example 10; 25; 50."
        raise InputError(Problem("classes.own_text", message, value=text[:60])) from None


# --- panels -----------------------------------------------------------------------------------------------------------


def make_picture(figures: MapFigures, choice: MapChoice, context: PageContext) -> Picture:
    """Panels, classes and colours. InputError where the classes cannot be made."""
    panels = tuple(_panel(key, figures, choice, context) for key in _keys(choice))
    values = [value for panel in panels for value in panel.values if value is not None]
    digits = digits_of(figures.indicator)
    is_diverging = choice.show == GAP or choice.over == CHANGE
    make_bounds = diverging_bounds if is_diverging else class_bounds
    bounds = make_bounds(values, choice.method, choice.number, choice.own, digits)
    return Picture(figures, choice, panels, bounds, colours_of(max(len(bounds) - 1, 0), _scale(choice, figures)))


def digits_of(indicator: MapIndicator) -> int:
    """Decimals of a bound, as values are written: a tenth of a point, a hundredth of a mean's unit."""
    return MEAN_DIGITS if indicator.is_mean else SHARE_DIGITS


def _keys(choice: MapChoice) -> tuple[str, ...]:
    return (WOMEN, MEN) if choice.show == PAIR else (choice.show,)


def _scale(choice: MapChoice, figures: MapFigures) -> str:
    """The palette: one hue, or two with a meaning that does not depend on the direction of the indicator."""
    is_down = figures.indicator.direction == "down"
    if choice.show == GAP:
        return "women_high" if is_down else "women_low"
    if choice.over == CHANGE:
        return "worse_high" if is_down else "worse_low"
    return "sequential"


Term = tuple[int, Sequence[AreaFigure], bool]  # sign, figures, and whether everybody was asked


def _panel(key: str, figures: MapFigures, choice: MapChoice, context: PageContext) -> Panel:
    terms = _terms(key, figures.now, 1, figures.round.is_census)
    if choice.over == CHANGE:
        earlier = figures.earlier or {sex: (AreaFigure("missing"),) * len(figures.areas) for sex in SEX.values()}
        terms += _terms(key, earlier, -1, bool(figures.before and figures.before.is_census))
    is_share = not figures.indicator.is_mean
    cells = [
        _cell([(sign, column[at], is_census) for sign, column, is_census in terms], is_share)
        for at in range(len(figures.areas))
    ]
    columns = list(zip(*cells, strict=True))
    return Panel(key, context.gettext(SHOWS[key]), *columns)


def _terms(key: str, figures: Figures, sign: int, is_census: bool) -> list[Term]:
    if key == GAP:
        return [(sign, figures["female"], is_census), (-sign, figures["male"], is_census)]
    return [(sign, figures[SEX[key]], is_census)]


def _cell(
    terms: Sequence[tuple[int, AreaFigure, bool]], is_share: bool
) -> tuple[float | None, float | None, float | None, int]:
    """Value, interval and mark of one area."""
    hidden = [STATUS_MARKS[figure.status] for _, figure, _ in terms if figure.status != "shown"]
    if hidden:
        return None, None, None, min(hidden)  # protected before missing before nobody
    marks = [_certainty(figure, is_census, is_share) for _, figure, is_census in terms]
    if UNCERTAIN in marks:
        return None, None, None, UNCERTAIN_MARK
    value = math.fsum(sign * (figure.estimate or 0.0) for sign, figure, _ in terms)
    if len(terms) == 1:
        figure = terms[0][1]
        return value, figure.low, figure.high, CARE_MARK if marks[0] == CARE else SURE_MARK
    errors = [figure.standard_error for _, figure, _ in terms]
    is_noise = difference_certainty(value, errors) == CARE
    margin = NORMAL_95 * math.hypot(*(error or 0.0 for error in errors)) if any(errors) else None
    low, high = (None, None) if margin is None else (value - margin, value + margin)
    return value, low, high, CARE_MARK if is_noise else SURE_MARK


def _certainty(figure: AreaFigure, is_census: bool, is_share: bool) -> str:
    """Of the round that the figure comes from: a full count is sure, and a sample beside it is not."""
    if is_census or figure.estimate is None:
        return SURE
    return certainty(figure.estimate, figure.standard_error, (figure.low, figure.high), is_share)
