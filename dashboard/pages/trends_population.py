"""Amounts per woman and per person on the trends page, and the form for the population that they need."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.errors import InputError
from dashboard.components import Column, card, data_table
from dashboard.components.forms import field_id, plain_form, submit
from dashboard.context import PageContext
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.trends import TrendView
from dashboard.views import trends_per_head as per_head

PAGE = "trends"


def population_card(found: TrendView, context: PageContext) -> html.Section:
    """The table where the population is held, else what is missing; the form for those who may keep it."""
    _, own = context.gettext, found.own
    parts: list[Any] = [html.P(per_head.population_sentence(own, context))]
    if own.population is not None:
        columns = [Column(name, place > 0) for place, name in enumerate(per_head.per_head_header(context))]
        caption = _("Amounts per woman and per person, nominal; a dash is unknown, not 0")
        parts.append(data_table(caption, columns, per_head.per_head_rows(own, context)))
        parts.append(
            html.P([html.Strong(_("Source: ")), context.stored(own.population.source)], className="source-note")
        )
    if found.may_keep_index:
        form = population_form(context)
        parts.append(html.Details([html.Summary(_("Give the population by sex")), form]))
    return card(_("Per woman and per person"), parts)


def population_form(context: PageContext) -> html.Form:
    _ = context.gettext
    table, source = field_id("population"), field_id("population_source")
    hint = _("First line “year,women,men”, then a line a year: 2025,201300,198700. It replaces the one above.")
    return plain_form(
        f"{context.address(PAGE)}/population",
        [
            html.Div(
                [
                    html.Label(_("Population by year"), htmlFor=table, className="form-label"),
                    dbc.Textarea(id=table, name="population", rows=5, value="", className="code"),
                    html.P(hint, className="hint"),
                ],
                className="field",
            ),
            html.Div(
                [
                    html.Label(
                        _("Who counted or projected it, and where it was published"),
                        htmlFor=source,
                        className="form-label",
                    ),
                    dbc.Input(id=source, name="source", value="", required=True, maxlength=300),
                ],
                className="field",
            ),
            html.Div([submit(_("Keep the population"), kind="outline-secondary")], className="buttons"),
        ],
    )


def keep_population(services: Services, context: PageContext, posted: Posted) -> str:
    text, source = posted.fields.get("population", ""), posted.fields.get("source", "")
    try:
        services.trends.keep_population(context.user, context.site, text, source)
    except InputError as refusal:
        return context.address(PAGE, refused=refusal.problems[0].rule)
    return context.address(PAGE)
