"""One indicator in full: gap and parity with their errors, rounds, ages, sex of the head, areas, definition."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from dash import Dash, Input, Output, State, html

from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    difference_note,
    keep_in_address,
    no_data,
    notice,
    page_header,
    select,
    source_note,
    unprotected_notice,
)
from dashboard.context import PageContext
from dashboard.figures.dumbbell import dumbbell_figure
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.indicator import IndicatorDetail
from dashboard.views.indicator import IndicatorView, indicator_view, without_chance
from dashboard.views.needs import protection_note
from dashboard.views.words import group_names, round_name, round_options, round_sources

NAME = "indicator"
TITLE = mark("Indicator")
GROUP = None  # Needs leads here
ROLES = EVERYBODY


CHANCE = 4  # place of the verdict on chance in the view's header


class Ids(StrEnum):
    """Components that callbacks talk to."""

    CODE = "indicator-code"
    ROUND = "indicator-round"
    CONTENT = "indicator-content"
    CHART = "indicator-chart"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    detail = services.indicator.detail(
        context.user, context.site, context.query.get("code"), context.query.get("round")
    )
    if detail is None:
        waiting = unprotected_notice(services.needs.unprotected(context.user, context.site), context)
        nothing = no_data(
            _("There are no indicators of this site to show yet."),
            _("They appear when a survey round is imported, its indicators are run, and it is published."),
        )
        return html.Div([page_header(_(TITLE)), *(waiting or [nothing])])
    return html.Div(
        [
            html.Div(filters(detail, context), className="filters"),
            html.Div(content(detail, context), id=Ids.CONTENT),
        ]
    )


def filters(detail: IndicatorDetail, context: PageContext) -> list[Any]:
    _ = context.gettext
    named = sorted((context.in_language(label), code) for code, label in detail.choices)
    options = [{"label": f"{label} ({code})", "value": code} for label, code in named]
    rounds = round_options([one for one, _line in reversed(detail.rounds)], context)
    return [
        select(Ids.CODE, _("Indicator"), options, detail.code),
        select(Ids.ROUND, _("Round"), rounds, detail.round.code),
    ]


def content(detail: IndicatorDetail, context: PageContext) -> list[Any]:
    _ = context.gettext
    view, shown = indicator_view(detail, context), round_name(detail.round, context)
    sources = round_sources(detail.round, context)
    notes = [protection_note(context)] if detail.is_public else []
    marks = _(
        "Intervals at 95 %. “With care” is a coefficient of variation above 15 %, “unreliable” above 25 %, of the "
        "smaller of a share and its complement."
    )
    parts = [
        page_header(view.title, subtitle(detail, context)),
        other_round(detail, context),
        never_published(detail, context),
        html.P(" ".join(view.lead), className="lead-sentence"),
        card(_("Women and men"), [table(_("The whole site"), _("Round"), view, [(shown, *view.here)])]),
        rounds_card(view, context),
        ages_card(view, detail, context),
        optional(
            _("By the sex of the household's head"),
            _("People by who heads their household"),
            _("Household"),
            view,
            view.heads,
        ),
        optional(_("By area"), _("Areas of level 1"), _("Area"), view, view.areas),
        optional(_("Its family"), _("Other measures of the same entry"), _("Measure"), view, view.family),
        card(_("What it measures"), html.Dl(definition(view), className="facts")),
        difference_note(context),
        source_note(context, [*sources, *notes, *([] if detail.round.is_census else [marks])]),
    ]
    return [part for part in parts if part is not None]


def subtitle(detail: IndicatorDetail, context: PageContext) -> str:
    """The indicator's code, and the round that the page is about."""
    shown = context.gettext("survey round {code}", code=round_name(detail.round, context))
    return f"{detail.code} · {shown}"


def other_round(detail: IndicatorDetail, context: PageContext) -> html.Div | None:
    """Said where another round is shown than the one that was chosen."""
    if not detail.lacking_round:
        return None
    sentence = context.gettext(
        "Round {lacking} does not have this indicator. Figures of round {shown} are shown.",
        lacking=detail.lacking_round,
        shown=round_name(detail.round, context),
    )
    return notice([sentence], "info", role="status")


def never_published(detail: IndicatorDetail, context: PageContext) -> html.Div | None:
    """Said beside a figure that the public is never told."""
    if detail.definition.get("median") is None and detail.definition.get("spread") is None:
        return None
    sentence = context.gettext(
        "Only people of the site see this figure. A median, a Gini coefficient or a ratio of fifths is no sum, so it "
        "cannot be protected by rounding as sums are, and it is never published."
    )
    return notice([sentence], "info", role="status")


def table(caption: str, first: str, view: IndicatorView, rows: Sequence[Sequence[str]]) -> html.Div:
    """Figures under the view's header; of a full count without the verdict on chance."""
    header, shown = list(view.header), [list(row) for row in rows]
    if view.is_census:
        header = without_chance(header, CHANCE)
        shown = [without_chance(row, CHANCE + 1) for row in shown]
    return data_table(caption, [Column(first), *(Column(title, True) for title in header)], shown)


def optional(
    title: str, caption: str, first: str, view: IndicatorView, rows: Sequence[Sequence[str]]
) -> html.Section | None:
    """A card where there is something to show."""
    return card(title, table(caption, first, view, rows)) if rows else None


def rounds_card(view: IndicatorView, context: PageContext) -> html.Section:
    _ = context.gettext
    title = _("Rounds")
    header = [*view.header[:4], _("Change of women"), _("Change of men")]
    columns = [Column(_("Round")), *(Column(one, True) for one in header)]
    return card(title, data_table(_("The site in each round, and how far it moved"), columns, view.rounds))


def ages_card(view: IndicatorView, detail: IndicatorDetail, context: PageContext) -> html.Section | None:
    """By age: a picture where both sexes have shares, and the table."""
    _ = context.gettext
    title = _("By age")
    if not view.bands:
        return None
    rows = table(_("The whole site by age"), _("Age"), view, view.bands)
    if not view.chart:
        return card(title, rows)
    figure = dumbbell_figure(view.chart, group_names(context), context.formats.percent_suffix)
    sentence = _("Women and men of each age")
    unit = _("% of the persons to whom the indicator applies")
    sources = round_sources(detail.round, context)
    chart = captioned_figure(Ids.CHART, figure, context, sentence=sentence, unit=unit, table=rows, sources=sources)
    return card(title, chart)


def definition(view: IndicatorView) -> list[Any]:
    return [part for name, text in view.definition for part in (html.Dt(name), html.Dd(text))]


def show(services: Services, context: PageContext, code: str, round_code: str) -> Any:
    """What changes when a choice changes."""
    detail = services.indicator.detail(context.user, context.site, code, round_code)
    return content(detail, context) if detail else []


def register_callbacks(app: Dash, services: Services) -> None:
    app.callback(
        Output(Ids.CONTENT, "children"),
        Input(Ids.CODE, "value"),
        Input(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda code, chosen, path: show(services, app.router.context_of(path), code, chosen))  # type: ignore[attr-defined]
    keep_in_address(app, [Ids.CODE, Ids.ROUND])
