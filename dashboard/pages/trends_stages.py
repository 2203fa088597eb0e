"""Trends page: counted money through the stages of the budget, and from the first to the last year."""

from __future__ import annotations

from dash import html

from budget_model.spending.schemes import Scheme
from dashboard.components import Column, captioned_figure, card, data_table
from dashboard.context import PageContext
from dashboard.figures.bars import years_figure
from dashboard.figures.slope import slope_figure
from dashboard.services.trends import TrendView
from dashboard.views.budget import stage_names
from dashboard.views.statement import stage_in_sentence
from dashboard.views.trends_slope import slope_marks, slope_rows, slope_sentence, slopes
from dashboard.views.trends_stages import STAGES, stage_bars, stages_header, stages_rows, stages_sentence
from dashboard.views.words import short_unit
from data.workflows.trends import Trend

STAGES_CHART, SLOPE_CHART = "trends-stages-chart", "trends-slope-chart"


def stages_card(trend: Trend, context: PageContext) -> html.Section:
    """All stages side by side, a group of columns a year."""
    _ = context.gettext
    columns = [Column(title, place > 1) for place, title in enumerate(stages_header(context))]
    caption = _("Stages of counted money and of the rest, the newest year first; a dash is unknown, not 0")
    figure = captioned_figure(
        STAGES_CHART,
        years_figure(
            [one.year for one in trend.years],
            STAGES,
            stage_names(context),
            stage_bars(trend, context),
            short_unit(context),
        ),
        context,
        sentence=stages_sentence(trend, context),
        unit=_("Counted money, millions of {currency}, nominal", currency=context.formats.symbol(trend.currency)),
        table=data_table(caption, columns, stages_rows(trend, context)),
        sources=[_("approved tags of the site")],
    )
    return card(_("From the opening budget to what was paid"), figure)


def slope_card(found: TrendView, scheme: Scheme, context: PageContext) -> html.Section | None:
    """None where there are not two years to hold against each other."""
    _ = context.gettext
    shown = slopes(found, scheme, context)
    if shown is None:
        return None
    start, end = (str(year) for year in shown.years)
    stage = stage_in_sentence(found.own.stage, context)
    unit = _("Share of the budget ({stage}), as tagged in each of the two years", stage=stage)
    columns = [
        Column(_("Municipality") if shown.by_site else _("Class")),
        Column(start, True),
        Column(end, True),
        Column(_("Change"), True),
    ]
    figure = captioned_figure(
        SLOPE_CHART,
        slope_figure((start, end), slope_marks(shown, context)),
        context,
        sentence=slope_sentence(shown, context),
        unit=unit,
        table=data_table(_("Share in {start} and in {end}", start=start, end=end), columns, slope_rows(shown, context)),
        sources=[_("approved tags of each site")],
    )
    drawn, every = len(shown.shown), len(shown.lines)
    told = _("The chart shows {shown} of {all} lines, those that changed most.", shown=drawn, all=every)
    note = [html.P(told, className="hint")] if drawn < every else []
    return card(_("From {start} to {end}", start=start, end=end), [figure, *note])
