"""Overview: one screen on what women and men lack most and what today's budget does about it."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    no_data,
    page_header,
    source_note,
    tile,
    tiles,
    unprotected_notice,
)
from dashboard.context import PageContext
from dashboard.figures.bars import money_figure, persons_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.overview import Overview
from dashboard.views.overview import OverviewView, currency_of, overview_view
from dashboard.views.words import group_names, round_name, round_sources, short_unit

NAME = ""
TITLE = mark("Overview")
GROUP = Group.LACKING
ROLES = EVERYBODY


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    found = services.overview.overview(context.user, context.site, context.query.get("round"))
    header = page_header(_("What women and men lack, and what the budget does about it"), site_line(found, context))
    waiting = unprotected_notice(services.needs.unprotected(context.user, context.site), context)
    if not found.needs and not found.headings:
        return html.Div([header, *(waiting or [nothing_yet(context)])])
    view = overview_view(found, context)
    return html.Div(
        [
            header,
            *waiting,
            other_rounds(found, context),
            html.P(" ".join(view.lead), className="lead-sentence"),
            tiles([tile(t.label, t.value, t.note, t.group) for t in view.tiles], _("The most important figures")),
            html.Div([needs_card(view, found, context), html.Div(answer(view, found, context))], className="columns"),
            budget_card(view, found, context),
        ]
    )


def answer(view: OverviewView, found: Overview, context: PageContext) -> list[html.Section]:
    """Beside the needs: what the budget does about each of them, and which it leaves alone."""
    return [served_card(view, found, context), *([unserved_card(view, context)] if found.needs else [])]


def other_rounds(found: Overview, context: PageContext) -> html.P | None:
    """Links to the page in the site's other rounds; nothing where there is one."""
    shown = found.findings.round
    others = [one for one in found.findings.rounds if shown is None or one.code != shown.code]
    if not others:
        return None
    links: list[Any] = []
    for one in others:
        links += [" ", html.A(round_name(one, context), href=context.address(NAME, round=one.code))]
    return html.P([context.gettext("Other survey rounds:"), *links], className="source-note")


def site_line(found: Overview, context: PageContext) -> str:
    """Which survey and which year the page is about."""
    _ = context.gettext
    parts = [context.site.name if context.site else ""]
    if found.findings.round:
        parts.append(_("survey round {code}", code=round_name(found.findings.round, context)))
    if found.year:
        parts.append(_("budget {year}", year=found.year))
    return " · ".join(part for part in parts if part)


def nothing_yet(context: PageContext) -> html.Div:
    _ = context.gettext
    return no_data(
        _("This site has neither indicators nor programmes to show yet."),
        _("Import a survey round, run its indicators, and enter programmes; the documentation shows each step."),
    )


def needs_card(view: OverviewView, found: Overview, context: PageContext) -> html.Section:
    _ = context.gettext
    title = _("The greatest needs")
    if not view.needs_rows or found.findings.round is None:
        how = _(
            "They appear when a survey round is imported, its indicators are run, and (for the public) it is published."
        )
        return card(title, no_data(_("There are no needs to show yet."), how))
    figure = persons_figure(view.needs_rows, group_names(context), _("persons affected"))
    table = data_table(_("All needs, by persons"), columns_of(view.needs_header), view.needs_table)
    chart = captioned_figure(
        "overview-needs",
        figure,
        context,
        sentence=view.needs_finding,
        unit=_("Persons affected, and the share of those to whom it applies"),
        table=table,
        sources=round_sources(found.findings.round, context),
    )
    return card(title, [chart, html.P(html.A(_("All gaps between women and men"), href=context.address("needs")))])


def budget_card(view: OverviewView, found: Overview, context: PageContext) -> html.Section:
    _ = context.gettext
    title = _("Where the programme money goes")
    if not view.money_bars:
        how = _("An official imports a programmes file: python -m budget_model programmes import")
        return card(title, no_data(_("No programme has been entered."), how))
    unit = _("Millions of {currency} a year", currency=context.formats.symbol(currency_of(context)))
    table = data_table(_("Money of programmes by heading"), columns_of(view.money_header), view.money_table)
    chart = captioned_figure(
        "overview-money",
        money_figure(view.money_labels, view.money_bars, short_unit(context)),
        context,
        sentence=view.money_finding,
        unit=unit,
        table=table,
        sources=money_sources(found, context),
    )
    return card(title, chart)


def money_sources(found: Overview, context: PageContext) -> list[str]:
    _ = context.gettext
    if not found.is_budget_from_lines:
        return [_("amounts stated with the programmes, no budget lines")]
    return [_("modified budget {year}", year=found.year), ", ".join(found.files)]


def served_card(view: OverviewView, found: Overview, context: PageContext) -> html.Section:
    _ = context.gettext
    table = data_table(
        _("Programmes and money for the greatest needs"), columns_of(view.served_header), view.served_table
    )
    explanation = _("A programme that serves several needs counts with all its money for each of them.")
    note = source_note(context, [*money_sources(found, context), explanation])
    return card(_("What today's budget does about them"), [table, note])


def unserved_card(view: OverviewView, context: PageContext) -> html.Section:
    _ = context.gettext
    title = _("Needs that no programme serves")
    if not view.unserved:
        return card(title, html.P(_("Every need that can be shown has at least one programme.")))
    return card(title, html.Ul([html.Li(line) for line in view.unserved]))


def columns_of(header: tuple[str, ...]) -> list[Column]:
    return [Column(title, position > 0) for position, title in enumerate(header)]


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
