"""What the poverty map shows: values, classes, marks and legend of one or two panels, in the reader's language.

A panel is a sum of figures with signs: women; women minus men; now minus earlier. The picture travels as plain data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from budget_model.errors import InputError, Problem
from budget_model.survey.classes import (
    CARE,
    DEFAULT_RULE,
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
from dashboard.services.map import AreaFigure, Figures, MapChoices, MapFigures, MapIndicator
from dashboard.views.map_colours import colours_of
from dashboard.views.words import dimension_name, round_name, round_sources, unit_name
from data.writers.tables import Cell

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


# --- as data for the script -------------------------------------------------------------------------------------------


def picture_document(picture: Picture, context: PageContext) -> dict[str, Any]:
    """Everything that changes with a choice; the script draws it."""
    figures = picture.figures
    return {
        "title": indicator_title(figures.indicator, context),
        "finding": finding(picture, context),
        "unit": unit(picture, context),
        "kind": picture.kind,
        "names": [area.name for area in figures.areas],
        "codes": [area.code for area in figures.areas],
        "panels": [_panel_document(*pair) for pair in zip(picture.panels, picture.classes, strict=True)],
        "legend": legend(picture, context),
        "marks": mark_legend(picture, context),
        "symbols": symbols(picture),
        "notes": notes(picture, context),
        "source": source_line(picture, context),
        "colours": list(picture.colours),
    }


def _panel_document(panel: Panel, classes: Sequence[int]) -> dict[str, Any]:
    return {
        "key": panel.key,
        "title": panel.title,
        "values": [_short(value) for value in panel.values],
        "low": [_short(value) for value in panel.low],
        "high": [_short(value) for value in panel.high],
        "classes": list(classes),
        "marks": list(panel.marks),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def written(value: float | None, kind: str, context: PageContext) -> str:
    """A value as the map writes it."""
    formats = context.formats
    if kind == "share":
        return formats.share(value)
    if kind == "points":
        return formats.points(value, 1)
    return formats.signed(value, 2) if kind == "difference" else formats.number(value, 2)


def legend(picture: Picture, context: PageContext) -> list[dict[str, Any]]:
    """Classes from low to high: colour, from-to, how many areas of each panel."""
    texts = _class_texts(picture, context)
    items = []
    for at, (colour, text) in enumerate(zip(picture.colours, texts, strict=True)):
        counts = [classes.count(at) for classes in picture.classes]
        items.append({"colour": colour, "text": text, "counts": counts, "side": side_of(picture, at)})
    return items


def _class_texts(picture: Picture, context: PageContext) -> list[str]:
    _ = context.gettext
    kind = picture.kind
    texts = []
    for at in range(len(picture.bounds) - 1):
        low, high = picture.bounds[at], picture.bounds[at + 1]
        span = _("{low} to {high}", low=written(low, kind, context), high=written(high, kind, context))
        texts.append(written(low, kind, context) if low == high else span)
    return texts


def side_of(picture: Picture, at: int) -> int:
    """For a diverging map -1 or 1: on which side of 0 the class lies; 0 for the middle and for other maps."""
    if not picture.is_diverging:
        return 0
    middle = picture.bounds[at] + picture.bounds[at + 1]
    return 0 if abs(middle) < 1e-12 else int(math.copysign(1, middle))


def symbols(picture: Picture) -> list[str]:
    """Signs for the negative and the positive side, so that a grey print tells them apart."""
    if not picture.is_diverging:
        return []
    if picture.choice.show == GAP:
        women_high = picture.figures.indicator.direction == "down"
        return ["diamond", "circle"] if women_high else ["circle", "diamond"]
    return ["down", "up"]


def side_texts(picture: Picture, context: PageContext) -> list[str]:
    """What the two sides of a diverging map mean."""
    _ = context.gettext
    if not picture.is_diverging:
        return []
    is_down = picture.figures.indicator.direction == "down"
    if picture.choice.show == GAP:
        sides = [_("men worse off"), _("women worse off")]
        if picture.choice.over == CHANGE:
            sides = [_("moved against men"), _("moved against women")]
    else:
        sides = [_("better than before"), _("worse than before")]
    return sides if is_down else sides[::-1]


def mark_legend(picture: Picture, context: PageContext) -> list[dict[str, Any]]:
    """What stands in place of a colour, or across it; only what the map has."""
    _ = context.gettext
    rule = DEFAULT_RULE
    least = max((f.least or 0 for column in picture.figures.now.values() for f in column), default=0)
    care = _("Hatched: to be read with care, the 95 % interval is wide")
    if picture.is_diverging:
        care = _("Hatched: no more than chance could explain")
    texts = {
        CARE_MARK: care,
        UNCERTAIN_MARK: _(
            "Too uncertain to show: interval of {wide} points or more, coefficient of variation above {cv}, "
            "or no error known",
            wide=context.formats.number(rule.wide * 100),
            cv=context.formats.share(rule.largest_cv, 0),
        ),
        PROTECTED_MARK: _("Protected: fewer than about {least} persons", least=context.formats.number(least)),
        MISSING_MARK: _("No figure"),
        NOBODY_MARK: _("Applies to nobody here"),
    }
    short = {
        CARE_MARK: _("with care"),
        UNCERTAIN_MARK: _("too uncertain to show"),
        PROTECTED_MARK: _("protected"),
        MISSING_MARK: _("no figure"),
        NOBODY_MARK: _("applies to nobody"),
    }
    found = []
    for code, text in texts.items():
        counts = [panel.marks.count(code) for panel in picture.panels]
        found.append({"mark": code, "text": text, "short": short[code], "counts": counts})
    return found


def notes(picture: Picture, context: PageContext) -> list[str]:
    """What a reader has to know besides the legend."""
    _ = context.gettext
    found, figures = [], picture.figures
    sides = side_texts(picture, context)
    if sides:
        found.append(_("Below 0: {negative}. Above 0: {positive}.", negative=sides[0], positive=sides[1]))
    if picture.choice.over == CHANGE and figures.earlier is None:
        reason = _("No earlier round has this indicator, so there is no change to show.")
        if figures.changed_keys:
            reason = _(
                "The definition of this indicator changed between the rounds ({keys}), so they are not compared.",
                keys=", ".join(figures.changed_keys),
            )
        found.append(reason)
    fewer = fewer_classes(picture, context)
    if fewer:
        found.append(fewer)
    if figures.is_public and any(PROTECTED_MARK in panel.marks for panel in picture.panels):
        found.append(
            _("Public figures of areas are rounded so that nobody can be recognised; officials see exact ones.")
        )
    return found


def fewer_classes(picture: Picture, context: PageContext) -> str:
    """Why the map has fewer classes than were asked for; nothing where it has them all or no value."""
    _, choice = context.gettext, picture.choice
    made = len(picture.bounds) - 1
    asked = choice.number
    if choice.method == OWN:
        asked = 2 * len(choice.own) + 1 if picture.is_diverging else len(choice.own) + 1
    if made < 1 or made >= asked:
        return ""
    digits = digits_of(picture.figures.indicator)
    values = {round(value, digits) for panel in picture.panels for value in panel.values if value is not None}
    numbers = {"made": made, "asked": asked, "values": len(values)}
    if choice.method == OWN:
        return _("{made} of {asked} classes: bounds beyond the lowest and the highest value make none.", **numbers)
    if len(values) < asked:
        return _("{made} of {asked} classes: the areas have only {values} different values.", **numbers)
    return _(
        "{made} of {asked} classes: many areas have the same value when rounded, and the same value is one class.",
        **numbers,
    )


def indicator_title(indicator: MapIndicator, context: PageContext) -> str:
    name = context.in_language(indicator.label)
    return name if indicator.direction == "down" else context.gettext("{indicator} (higher is better)", indicator=name)


def unit(picture: Picture, context: PageContext) -> str:
    """What a value is, and of when."""
    _ = context.gettext
    unit_of_mean = unit_name(picture.figures.indicator.definition.get("unit"), context)
    kinds = {
        "share": _("% of the persons to whom the indicator applies"),
        "mean": _("mean, {unit}", unit=unit_of_mean),
        "points": _("difference in percentage points"),
        "difference": _("difference of means, {unit}", unit=unit_of_mean),
    }
    what = kinds[picture.kind]
    if picture.figures.indicator.definition.get("level") == "household" and picture.kind == "share":
        what = _("% of the households or of their members, as the source counts")
    when = round_name(picture.figures.round, context)
    if picture.choice.over == CHANGE and picture.figures.before:
        when = _("{later} against {earlier}", later=when, earlier=round_name(picture.figures.before, context))
    show = context.gettext(SHOWS[picture.choice.show])
    return _("{what} · {show} · round {round}", what=what, show=show, round=when)


def finding(picture: Picture, context: PageContext) -> str:
    """The widest span in a sentence: the areas with the lowest and the highest value."""
    _ = context.gettext
    found = [
        (value, area.name, panel.title)
        for panel in picture.panels
        for value, area in zip(panel.values, picture.figures.areas, strict=True)
        if value is not None
    ]
    title = indicator_title(picture.figures.indicator, context)
    if not found:
        return _("{title}: no area can be shown", title=title)
    low, high = min(found), max(found)
    both = len(picture.panels) > 1
    return _(
        "{title}: from {low} in {lowest} to {high} in {highest}",
        title=title,
        low=written(low[0], picture.kind, context),
        lowest=f"{low[1]} ({low[2].lower()})" if both else low[1],
        high=written(high[0], picture.kind, context),
        highest=f"{high[1]} ({high[2].lower()})" if both else high[1],
    )


def source_line(picture: Picture, context: PageContext) -> str:
    parts = [*round_sources(picture.figures.round, context), context.stored(picture.figures.indicator.source)]
    return " · ".join(part for part in parts if part)


# --- choices of the page ----------------------------------------------------------------------------------------------


def indicator_options(choices: MapChoices, context: PageContext) -> list[dict[str, str]]:
    """By dimension, then by name."""
    named = sorted(
        (dimension_name(one.dimension, context), indicator_title(one, context), one.code) for one in choices.indicators
    )
    return [{"label": f"{dimension}: {name}", "value": code} for dimension, name, code in named]


# --- files ------------------------------------------------------------------------------------------------------------


def table_header(picture: Picture, context: PageContext) -> list[str]:
    _ = context.gettext
    header = [_("Code"), _("Area")]
    for panel in picture.panels:
        header += [panel.title, *(f"{panel.title}: {name}" for name in (_("95 % from"), _("95 % to"), _("Remark")))]
    return header


def table_rows(picture: Picture, context: PageContext) -> list[list[Cell]]:
    """A row an area; what is not shown is empty, with the reason beside it."""
    words = {item["mark"]: item["short"] for item in mark_legend(picture, context)}
    rows: list[list[Cell]] = []
    for at, area in enumerate(picture.figures.areas):
        row: list[Cell] = [area.code, area.name]
        for panel in picture.panels:
            row += [panel.values[at], panel.low[at], panel.high[at], words.get(panel.marks[at])]
        rows.append(row)
    return rows


def geojson_properties(picture: Picture, at: int, context: PageContext) -> dict[str, Any]:
    """Of one area: values, intervals, classes and remarks of every panel."""
    words = {item["mark"]: item["short"] for item in mark_legend(picture, context)}
    area = picture.figures.areas[at]
    found: dict[str, Any] = {"code": area.code, "name": area.name}
    for panel, classes in zip(picture.panels, picture.classes, strict=True):
        number = classes[at]
        found |= {
            panel.key: panel.values[at],
            f"{panel.key}_low": panel.low[at],
            f"{panel.key}_high": panel.high[at],
            f"{panel.key}_class": number + 1 if number >= 0 else None,
            f"{panel.key}_remark": words.get(panel.marks[at]),
        }
    return found
