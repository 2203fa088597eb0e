"""What the poverty map says in words: legend, marks, notes, unit, finding and source of a picture."""

from __future__ import annotations

import math
from typing import Any

from budget_model.survey.classes import DEFAULT_RULE, OWN
from dashboard.context import PageContext
from dashboard.services.map import MapChoices, MapIndicator
from dashboard.views.map import (
    CARE_MARK,
    CHANGE,
    GAP,
    MISSING_MARK,
    NOBODY_MARK,
    PROTECTED_MARK,
    SHOWS,
    UNCERTAIN_MARK,
    Picture,
    digits_of,
)
from dashboard.views.words import dimension_name, round_name, round_sources, unit_name


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
    rounds = [one for one in (picture.figures.now, picture.figures.earlier) if one is not None]
    least = max((f.least or 0 for figures in rounds for column in figures.values() for f in column), default=0)
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
        PROTECTED_MARK: protected_text(least, context),
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


def protected_text(least: int, context: PageContext) -> str:
    """Why a figure is hidden; a figure made of several hidden ones has no number of its own."""
    _ = context.gettext
    if not least:
        return _("Protected: too few persons")
    return _("Protected: fewer than about {least} persons", least=context.formats.number(least))


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


def indicator_options(choices: MapChoices, context: PageContext) -> list[dict[str, str]]:
    """By dimension, then by name."""
    named = sorted(
        (dimension_name(one.dimension, context), indicator_title(one, context), one.code) for one in choices.indicators
    )
    return [{"label": f"{dimension}: {name}", "value": code} for dimension, name, code in named]
