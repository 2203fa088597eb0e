"""Step 4 of an import: what the round would hold, and the button that stores it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import Column, card, data_table, tile, tiles
from dashboard.components.forms import hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.pages.imports_parts import MAPPING, NAME, action, problems_card, refused_notice
from dashboard.services import Services
from dashboard.views.imports import preview_tables
from data.workflows.import_found import Found
from data.workflows.import_preview import Preview
from data.workflows.staging import Stage


def preview_cards(services: Services, stage: Stage, found: Found, context: PageContext) -> list[Any]:
    _ = context.gettext
    preview = services.imports.preview(context.user, context.site, stage, found)
    refusals = refused_notice(context)
    back = html.A(
        _("Back: which column is what"),
        href=context.address(NAME, draft=stage.token, step=str(MAPPING)),
        className="btn btn-outline-secondary",
    )
    if preview.is_refused:
        return [*refusals, problems_card(preview.problems, context), html.P(back)]
    tables = preview_tables(preview, context)
    header = [Column(_("Area")), *(Column(name, True) for name in (_("Households"), _("Women"), _("Men")))]
    go = plain_form(
        action(context, "finish"),
        [hidden("draft", stage.token), html.Div([back, submit(_("Import as a draft"))], className="buttons")],
    )
    return [
        *refusals,
        preview_figures(preview, len(tables.possible), context),
        card(
            _("Households and people by area"),
            data_table(_("Women and men include girls and boys"), header, tables.areas),
        ),
        card(
            _("First rows, as they would be stored"),
            data_table(
                _("Without numbers of people and households"), [Column(name) for name in tables.header], tables.first
            ),
        ),
        indicators_card(tables, context),
        problems_card(preview.problems, context),
        card(_("Import round {code}", code=stage.round_code), go),
    ]


def preview_figures(preview: Preview, n_indicators: int, context: PageContext) -> Any:
    _, number = context.gettext, context.formats.number
    return tiles(
        [
            tile(_("Households"), number(preview.households)),
            tile(_("Persons"), number(preview.persons)),
            tile(_("Days of the survey"), days_of(preview, context)),
            tile(_("Indicators that can be had"), number(n_indicators)),
        ],
        _("What the round would hold"),
    )


def days_of(preview: Preview, context: PageContext) -> str:
    """From the first to the last day, or that they were not stated."""
    _, day = context.gettext, context.formats.date
    first, last = preview.days
    if first and last:
        return _("{first} to {last}", first=day(first), last=day(last))
    if first:
        return _("from {first}", first=day(first))
    return _("until {last}", last=day(last)) if last else _("not stated")


def indicators_card(tables: Any, context: PageContext) -> html.Section:
    _ = context.gettext
    had = html.Details(
        [
            html.Summary(_("Indicators of the core catalogue that can be had: {count}", count=len(tables.possible))),
            html.Ul([html.Li(name) for name in tables.possible]),
        ]
    )
    lacking = data_table(
        _("Indicators that cannot be had, and the columns that they lack"),
        [Column(_("Indicator")), Column(_("Missing"))],
        tables.lacking,
    )
    return card(_("Indicators"), [had, lacking] if tables.lacking else [had])
