"""Trends page: a small chart a municipality, all on one scale, for those who watch over several of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from dashboard.components import Column, card, data_table, source_note
from dashboard.context import PageContext
from dashboard.figures.small_multiple_svg import small_multiple_svg
from dashboard.figures.trend_svg import as_address
from dashboard.services.budget_notes import ShownNote
from dashboard.services.statement import StatementChoices
from dashboard.services.trends import TrendView
from dashboard.views.statement import stage_in_sentence
from dashboard.views.trends_multiples import (
    SmallChart,
    SmallCharts,
    small_charts,
    small_charts_rows,
    small_charts_sentence,
)
from dashboard.views.trends_notes import NumberedNote, note_sentence, numbered_notes, time_marks

Notes = Mapping[str, Sequence[ShownNote]]  # of each municipality, in the order of time


def multiples_card(
    found: TrendView, notes: Notes, chosen: StatementChoices, context: PageContext
) -> html.Section | None:
    """None where there is nothing to hold beside each other: one municipality, or one year."""
    _ = context.gettext
    shown = small_charts(found)
    if len(shown.charts) < 2 or len(shown.years) < 2:
        return None
    unit = _(
        "Share of the budget that counts ({stage}), {first} to {last}; every chart goes from 0 to {top}. "
        "A year without a dot is unknown, not 0.",
        stage=stage_in_sentence(chosen.stage, context),
        first=shown.years[0],
        last=shown.years[-1],
        top=context.formats.share(shown.top),
    )
    columns = [Column(_("Municipality")), *[Column(str(year), True) for year in shown.years]]
    table = data_table(_("Share that counts, by municipality and year"), columns, small_charts_rows(shown, context))
    sentence = small_charts_sentence(shown, context)
    charts = [small_chart(one, shown, notes, chosen, context) for one in shown.charts]
    figure = html.Figure(
        [
            html.Figcaption([html.Strong(sentence, className="finding"), html.Span(unit, className="unit")]),
            html.Ul(charts, className="small-charts"),
            html.Details([html.Summary(_("Show the figures as a table")), table]),
            source_note(context, [_("approved tags of each site")]),
        ],
        className="captioned-figure",
    )
    return card(_("Municipalities over the years"), [figure])


def small_chart(
    one: SmallChart, shown: SmallCharts, notes: Notes, chosen: StatementChoices, context: PageContext
) -> html.Li:
    """Name, newest share and picture with the marks of its notes, whose words stand below; figures are in the table."""
    values = [None if share is None else float(share) for share in one.shares]
    numbered = numbered_notes(notes.get(one.slug, ()), shown.years, chosen.stage)
    marks = time_marks(numbered, shown.years, context)
    query = f"?scheme={chosen.scheme}&stage={chosen.stage}"
    newest = context.gettext("unknown") if one.newest is None else context.formats.share(one.newest)
    return html.Li(
        [
            html.A(one.name, href=f"/{context.language}/{one.slug}/trends{query}"),
            html.Span(f"{shown.years[-1]}: {newest}", className="hint"),
            html.Img(
                src=as_address(small_multiple_svg(values, float(shown.top), marks=marks)),
                alt="",
                className="has-marks" if marks else None,
            ),
            *notes_below(numbered, context),
        ]
    )


def notes_below(numbered: Sequence[NumberedNote], context: PageContext) -> list[html.Details]:
    """What the marks of a small chart stand for, folded."""
    marked = [one for one in numbered if one.number is not None]
    if not marked:
        return []
    title = context.ngettext("{number} note", "{number} notes", len(marked), number=str(len(marked)))
    items = [html.Li(f"{one.number}. {note_sentence(one.shown, context)}") for one in marked]
    return [html.Details([html.Summary(title), html.Ul(items)], className="small-notes")]
