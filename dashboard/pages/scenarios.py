"""Scenarios: what was saved at this site, by whom, and what it would do. Each opens in Simulate."""

from __future__ import annotations

from dash import Dash, html

from dashboard.components import Column, card, data_table, difference_note, no_data, page_header
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.simulate import TRYERS
from dashboard.views.scenarios import ScenarioRow, scenario_rows

NAME = "scenarios"
TITLE = mark("Scenarios")
GROUP = Group.SIMULATION
ROLES = TRYERS


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    rows = scenario_rows(services.scenarios.list(context.user, context.site), context)
    new = html.A(_("New scenario"), href=context.address("simulate"), className="btn btn-primary")
    subtitle = _("Allocations that officials of this site saved. Nothing is ever overwritten.")
    header = page_header(_(TITLE), subtitle, [new])
    if not rows:
        return html.Div(
            [header, no_data(_("No scenario is saved here yet."), _("Open Simulate, move money and save."))]
        )
    return html.Div(
        [
            header,
            card(_("Saved scenarios"), [table(rows, context), difference_note(context)], className="scenario-list"),
        ]
    )


def table(rows: list[ScenarioRow], context: PageContext) -> html.Div:
    _ = context.gettext
    columns = [
        Column(_("Scenario")),
        Column(_("Saved by")),
        Column(_("Saved on (UTC)")),
        Column(_("Model version")),
        Column(_("Budget year"), True),
        Column(_("Years"), True),
        Column(_("Allocated"), True),
        Column(_("Women's needs covered"), True),
        Column(_("Men's needs covered"), True),
        Column(_("Gap, women minus men"), True),
    ]
    cells = [
        [
            name_cell(row),
            row.owner,
            row.saved_on,
            row.model,
            row.year,
            row.years,
            row.spent,
            row.women,
            row.men,
            row.gap,
        ]
        for row in rows
    ]
    caption = _(
        "Coverage of identified needs as computed when saved; in brackets the change against the budget of its day. "
        "Of a plan of several years, money and coverage are over all of them"
    )
    return data_table(caption, columns, cells)


def name_cell(row: ScenarioRow) -> html.Div:
    """The name opens the scenario; its note and the ways to its reasons, years and intervals stand below."""
    notes = [html.P(text, className="scenario-note") for text in (row.note, row.found) if text]
    ways = [
        html.A(way.text, href=way.address, className="scenario-reasons", **{"aria-label": way.label})
        for way in row.ways
    ]
    return html.Div([html.A(row.name, href=row.address), *notes, html.P(ways, className="scenario-ways")])


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
