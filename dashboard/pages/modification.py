"""A saved scenario as a proposed modification by budget line and funding source, for the budget office."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Input, Output, State, html

from budget_model.errors import InputError, NotFoundError
from dashboard.components import Column, card, data_table, keep_in_address, no_data, notice, page_header, select
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import PLANNERS
from dashboard.shown_errors import sentences_of
from dashboard.views import modification as views
from data.workflows import modification_words as words
from data.workflows.modification import BASES
from data.workflows.modification_workbook import modification_workbook

NAME = "modification"
TITLE = mark("Proposed modification")
GROUP = None  # scenarios lead here
ROLES = PLANNERS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Ids(StrEnum):
    """Components that callbacks talk to."""

    SCENARIO = "modification-scenario"
    BASIS = "modification-basis"
    CONTENT = "modification-content"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _("A saved scenario written back by budget line and funding source. A proposal: it changes no budget.")
    header = page_header(_(TITLE), subtitle)
    scenarios = services.scenarios.list(context.user, context.site)
    if not scenarios:
        return html.Div(
            [header, no_data(_("No scenario is saved here yet."), _("Open Simulate, move money and save."))]
        )
    names = [{"label": one.name, "value": str(one.id)} for one in scenarios]
    asked, basis = context.query.get("scenario") or names[0]["value"], context.query.get("basis") or BASES[0]
    bases = [{"label": _(words.BASES[name]), "value": name} for name in BASES]
    choices = [
        select(Ids.SCENARIO, _("Scenario"), names, asked),
        select(Ids.BASIS, _("What may move"), bases, basis),
    ]
    shown = html.Div(content(services, context, asked, basis), id=Ids.CONTENT)
    return html.Div([header, html.Div(choices, className="filters"), shown])


def content(services: Services, context: PageContext, scenario: str, basis: str) -> list[Any]:
    """The modification, or why there is none."""
    _ = context.gettext
    try:
        found = services.links.modification(context.user, context.site, number_of(scenario), basis)
    except (InputError, NotFoundError) as error:
        return [notice(sentences_of(error, context))]
    assumed = views.assumptions(found, context)
    address = context.address(f"{NAME}/modification.xlsx", scenario=scenario, basis=basis)
    return [
        html.P(views.finding(found, context), className="lead-sentence"),
        html.P(html.A(_("Download XLSX for the budget office"), href=address, className="btn btn-primary")),
        *([notice([assumed])] if assumed else []),
        html.P(views.after_note(found, context)),
        *[
            table_card(context, f"{found.year}, {found.currency}", *shown)
            for shown in views.shown_tables(found, context)
        ],
    ]


def table_card(
    context: PageContext, what: str, title: str, header: list[str], rows: list[list[str]], numbers: set[int]
) -> html.Section:
    if not rows:
        return card(title, html.P(context.gettext("Nothing.")))
    columns = [Column(name, place in numbers) for place, name in enumerate(header)]
    return card(title, data_table(f"{title}, {what}", columns, rows), what, className="titled-above")


def number_of(scenario: str) -> int:
    """The number of an address; NotFoundError where it is none."""
    if not (scenario.isascii() and scenario.isdecimal() and len(scenario) < 10):
        raise NotFoundError("scenario", scenario)
    return int(scenario)


def export(services: Services, context: PageContext) -> Resource:
    """The workbook."""
    scenario, basis = context.query.get("scenario") or "", context.query.get("basis") or BASES[0]
    if basis not in BASES:
        raise unknown_choice("basis", basis, BASES, context)
    found = services.links.modification(context.user, context.site, number_of(scenario), basis)
    name = f"{context.site.slug if context.site else ''}-{NAME}-{found.year}-{scenario}.xlsx"
    return Resource(modification_workbook(found, context.language), XLSX, name)


QUERIES = {"modification.xlsx": frozenset({"scenario", "basis"})}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {"modification.xlsx": export}


def answer(app: Any, services: Services, scenario: str, basis: str, path: str) -> list[Any]:
    return content(services, app.router.context_of(path), scenario, basis)


def register_callbacks(app: Any, services: Services) -> None:
    app.callback(
        Output(Ids.CONTENT, "children"),
        [Input(Ids.SCENARIO, "value"), Input(Ids.BASIS, "value")],
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer, app, services))
    keep_in_address(app, [Ids.SCENARIO, Ids.BASIS])
