"""What the page of one indicator shows: rows of its tables, verdicts and marks in the reader's language."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.classes import DEFAULT_RULE
from budget_model.survey.questions import needed_columns
from budget_model.survey.reliability import DEFAULT_BORDERS
from dashboard.context import PageContext
from dashboard.figures.dumbbell import Dot, Row
from dashboard.i18n import mark
from dashboard.services.findings import NORMAL_95, SexFigure
from dashboard.services.indicator import Beside, IndicatorDetail, Line, is_mean
from dashboard.views.needs import with_interval
from dashboard.views.words import round_name

NONE = "–"
WITH_CARE, UNRELIABLE = mark("with care"), mark("unreliable")
HEADS = {"female": mark("Headed by a woman"), "male": mark("Headed by a man")}
KEYS = {
    "level": mark("whom it counts"),
    "universe": mark("whom it applies to"),
    "numerator": mark("what is counted"),
    "mean": mark("what is averaged"),
    "over": mark("what it is divided by"),
    "median": mark("what the median is of"),
    "below": mark("the poverty line"),
    "spread": mark("which spread is measured"),
    "direction": mark("which way is better"),
}


@dataclass(frozen=True)
class IndicatorView:
    """Rows of the tables; empty where there is nothing to show."""

    title: str
    lead: tuple[str, ...]
    header: tuple[str, ...]
    here: tuple[str, ...]
    rounds: tuple[tuple[str, ...], ...]
    bands: tuple[tuple[str, ...], ...]
    heads: tuple[tuple[str, ...], ...]
    areas: tuple[tuple[str, ...], ...]
    family: tuple[tuple[str, ...], ...]
    chart: tuple[Row, ...]  # age bands with both sexes; empty for means
    definition: tuple[tuple[str, str], ...]
    is_census: bool


def without_chance(row: Sequence[str], at: int) -> list[str]:
    """A row without its verdict on chance: a full count has none."""
    return [cell for place, cell in enumerate(row) if place != at]


def indicator_view(detail: IndicatorDetail, context: PageContext) -> IndicatorView:
    _ = context.gettext
    mean = is_mean(detail)
    label = context.in_language(detail.definition["label"])
    names = {one.name: _(HEADS[one.name]) for one in detail.heads if one.name in HEADS}
    return IndicatorView(
        title=label,
        lead=tuple(lead(detail, context)),
        header=(
            _("Women"),
            _("Men"),
            _("Women and men"),
            _("Gap (women − men)"),
            _("More than chance?"),
            _("Women over men"),
        ),
        here=cells(detail.here, mean, context),
        rounds=tuple(series_rows(detail, context)),
        bands=tuple((one.name, *cells(one, mean, context)) for one in detail.bands),
        heads=tuple((names.get(one.name, one.name), *cells(one, mean, context)) for one in detail.heads),
        areas=tuple((one.name, *cells(one, mean, context)) for one in detail.areas),
        family=tuple(
            (f"{context.in_language(one.gap.label)} ({code})", *cells(one, one.gap.is_mean, context))
            for code, one in detail.family
        ),
        chart=() if mean else tuple(chart_rows(detail.bands, context)),
        definition=tuple(definition_rows(detail, context)),
        is_census=detail.round.is_census,
    )


def lead(detail: IndicatorDetail, context: PageContext) -> list[str]:
    """The gap in words with its verdict, and the parity."""
    _, formats = context.gettext, context.formats
    beside = detail.here.beside
    if beside is None or beside.difference is None:
        return [_("There is no gap to show: one of the sexes has no figure here.")]
    verdict = is_more_than_chance(beside)
    size = difference_text(beside, is_mean(detail), context)
    if verdict is None:
        sentence = _("Women minus men: {gap}. A full count has no chance in it.", gap=size)
    elif verdict:
        sentence = _("Women minus men: {gap}, more than chance would explain.", gap=size)
    else:
        sentence = _("Women minus men: {gap}, no more than chance would explain.", gap=size)
    if beside.ratio is None:
        return [sentence]
    return [sentence, _("Women over men: {ratio}; 1 is parity.", ratio=formats.number(beside.ratio, 2))]


def cells(line: Line, mean: bool, context: PageContext) -> tuple[str, ...]:
    """Women, men, both, gap, verdict, ratio."""
    gap = line.gap
    sides = [figure_text(one, mean, context) for one in (gap.women, gap.men, line.everybody)]
    return (*sides, *beside_cells(line.beside, mean, context))


def beside_cells(beside: Beside | None, mean: bool, context: PageContext) -> tuple[str, str, str]:
    _ = context.gettext
    if beside is None or beside.difference is None:
        return (NONE, NONE, NONE)
    verdict = {True: _("yes"), False: _("no"), None: NONE}[is_more_than_chance(beside)]
    return difference_text(beside, mean, context), verdict, ratio_text(beside, context)


def is_more_than_chance(beside: Beside) -> bool | None:
    """None for a full count, which has no sampling error."""
    if beside.difference is None or beside.difference_se is None:
        return None
    return abs(beside.difference) > NORMAL_95 * beside.difference_se


def difference_text(beside: Beside, mean: bool, context: PageContext) -> str:
    """The gap, with its 95 % interval in a sample."""
    formats = context.formats
    if beside.difference is None:
        return NONE
    main = formats.signed(beside.difference, 3) if mean else formats.points(beside.difference)
    if beside.difference_se is None or beside.difference_se == math.inf:
        return main
    scale, decimals = (1, 3) if mean else (100, 2)
    width = NORMAL_95 * beside.difference_se
    low, high = (formats.signed((beside.difference + sign * width) * scale, decimals) for sign in (-1, 1))
    return f"{main} ({low} / {high})"


def ratio_text(beside: Beside, context: PageContext) -> str:
    formats = context.formats
    if beside.ratio is None:
        return NONE
    main = formats.number(beside.ratio, 2)
    if beside.ratio_low is None or beside.ratio_high is None:
        return main
    return f"{main} ({formats.number(beside.ratio_low, 2)}–{formats.number(beside.ratio_high, 2)})"


def figure_text(side: SexFigure | None, mean: bool, context: PageContext) -> str:
    """The figure with its interval, and a mark where it is to be used with care or not at all."""
    text, reliability = with_interval(side, mean, context), reliability_of_figure(side, mean)
    return f"{text} · {context.gettext(reliability)}" if reliability else text


def reliability_of_figure(side: SexFigure | None, mean: bool) -> str:
    """The mark of the coefficient of variation; nothing for a reliable figure and for a full count."""
    if side is None or side.estimate is None or side.standard_error is None:
        return ""
    smaller = abs(side.estimate) if mean else min(side.estimate, 1 - side.estimate)
    if smaller <= 0:
        return UNRELIABLE if side.persons == 1 or _reach(side) >= DEFAULT_RULE.wide else WITH_CARE
    variation = (side.error or 0.0) / smaller
    if variation <= DEFAULT_BORDERS.reliable:
        return ""
    return WITH_CARE if variation <= DEFAULT_BORDERS.with_care else UNRELIABLE


def _reach(side: SexFigure) -> float:
    """Width of the interval; 0 where there is none."""
    return 0.0 if side.ci_low is None or side.ci_high is None else side.ci_high - side.ci_low


def series_rows(detail: IndicatorDetail, context: PageContext) -> list[tuple[str, ...]]:
    """A row a round, and how far women and men moved since the round before."""
    mean, rows = is_mean(detail), []
    before: Line | None = None
    for found, line in detail.rounds:
        moved = [change_text(line, before, group, mean, context) for group in ("women", "men")]
        rows.append((round_name(found, context), *cells(line, mean, context)[:4], *moved))
        before = line
    return rows


def change_text(line: Line, before: Line | None, group: str, mean: bool, context: PageContext) -> str:
    """The change of one sex with its verdict; where the definition changed, what of it."""
    _, formats = context.gettext, context.formats
    if before is None:
        return NONE
    if line.changed:
        keys = ", ".join(_(KEYS[key]) if key in KEYS else key for key in line.changed)
        return _("not comparable, the definition changed: {keys}", keys=keys)
    now, then = getattr(line.gap, group), getattr(before.gap, group)
    if now is None or then is None or now.estimate is None or then.estimate is None:
        return NONE
    change = now.estimate - then.estimate
    errors = [one.error for one in (now, then) if one.error is not None]
    text = formats.signed(change, 3) if mean else formats.points(change)
    if not errors:
        return text
    is_real = abs(change) > NORMAL_95 * math.hypot(*errors)
    verdict = _("more than chance") if is_real else _("no more than chance")
    return f"{text} · {verdict}"


def chart_rows(bands: Sequence[Line], context: PageContext) -> list[Row]:
    """Age bands of which women and men have a figure."""
    rows = []
    for band in bands:
        sides = [one for one in (band.gap.women, band.gap.men) if one is not None and one.estimate is not None]
        if len(sides) == 2:
            dots = [
                Dot(one.estimate or 0.0, one.ci_low, one.ci_high, with_interval(one, False, context)) for one in sides
            ]
            rows.append(Row(band.name, dots[0], dots[1], context.formats.points(band.gap.gap)))
    return rows


def definition_rows(detail: IndicatorDetail, context: PageContext) -> list[tuple[str, str]]:
    """What it measures, of whom, from which questions, by which version and source."""
    _, document = context.gettext, detail.definition
    definition = IndicatorDefinition.model_validate_json(json.dumps(dict(document)))
    levels = {"person": _("of each person"), "household": _("of the household, given to each of its members")}
    better = {"down": _("lower is better"), "up": _("higher is better")}
    rows = [
        (_("Code and version"), f"{detail.code}, {definition.version}"),
        (_("Answer"), levels[definition.level]),
        (_("Applies to"), definition.universe),
        (_("Counts or averages"), definition.measured),
        (_("Direction"), better[definition.direction]),
        (_("Questions it needs"), ", ".join(needed_columns(definition))),
        (_("Source"), context.stored(definition.source or "")),
        (_("Sustainable Development Goal"), definition.sdg or ""),
    ]
    return [row for row in rows if row[1]]
