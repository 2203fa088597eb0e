"""Years: a saved scenario, or today's budget, carried on through 1 to 10 years; money, coverage and persons by year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html

from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    difference_note,
    notice,
    page_header,
    source_note,
    tile,
    tiles,
)
from dashboard.context import PageContext
from dashboard.figures.year_lines import year_lines_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.simulate_files import XLSX
from dashboard.pages.years_form import planned_of, planned_or_refusal, question_form
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.simulate import TRYERS
from dashboard.services.years import Planned
from dashboard.views import years as view
from dashboard.views import years_reasons, years_tables
from dashboard.views.simulate_names import covered_name, group_name, source_parts
from dashboard.views.words import group_names
from dashboard.views.years_assumptions import (
    error_sentences,
    growth_sentences,
    growth_summary,
    limit_sentences,
    plan_sentences,
    rules,
    work_columns,
    work_rows,
)
from dashboard.views.years_question import AGAINST, NAMES, USUAL_YEARS, query_of
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "years"
TITLE = mark("Over the years")
GROUP = Group.SIMULATION
ROLES = TRYERS


class Ids(StrEnum):
    """Components that callbacks talk to."""

    NEED = "years-need"
    LINES = "years-lines"
    QUESTION = "years-question"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _(
        "What becomes of a scenario through 1 to 10 years: works go on serving, services lapse with their money, "
        "prices and people grow as you assume."
    )
    planned = planned_or_refusal(services, context, USUAL_YEARS)
    if not isinstance(planned, Planned):
        return html.Div([page_header(_(TITLE), subtitle), planned])
    scenarios = services.scenarios.list(context.user, context.site)
    form = question_form(NAME, planned.asked, scenarios, context, growth_summary(planned, context))
    header = page_header(_(TITLE), subtitle, downloads(planned, context))
    asked = card(_("Which scenario, how far"), form)
    return html.Div([header, asked, *answer(planned, context)], className="years")


def downloads(planned: Planned, context: PageContext) -> list[html.A]:
    query = query_of(planned.asked)
    return [
        html.A(name, href=context.address(f"{NAME}/years.{kind}", **query), className="btn btn-outline-secondary")
        for kind, name in (("csv", "CSV"), ("xlsx", "XLSX"))
    ]


def answer(planned: Planned, context: PageContext) -> list[Any]:
    _ = context.gettext
    sources = [*source_parts(planned.workbench, context), _("projection of the model, not a promise")]
    limits, own = limit_sentences(planned, context), plan_sentences(planned, context)
    sure = html.A(_("How sure is this?"), href=context.address("certainty", **query_of(planned.asked)))
    shown = [tile(one.name, one.value, one.note or None, one.group) for one in view.figures(planned, context)]
    return [
        html.P(view.finding(planned, context), className="lead-sentence finding-sentence"),
        notice(own, "info") if own else None,
        notice(limits) if limits else None,
        age(planned, context),
        tiles(shown, _("The years in figures")),
        html.P(sure),
        card(_("Coverage year by year"), [*coverage(planned, context, sources), difference_note(context)]),
        money_card(planned, context, sources),
        persons_card(planned, context, sources),
        needs_card(planned, context),
        whose_work(planned, context),
        assumptions(planned, context),
    ]


def money_card(planned: Planned, context: PageContext, sources: Sequence[str]) -> html.Section:
    _ = context.gettext
    rows = view.money_rows(planned, context)
    return card(
        _("Money year by year"),
        [
            html.P(html.Strong(view.money_sentence(planned, context)), className="finding"),
            table(_("Money of each year, in money of that year"), view.money_columns(context), rows),
            source_note(context, sources),
        ],
    )


def persons_card(planned: Planned, context: PageContext, sources: Sequence[str]) -> html.Section:
    _ = context.gettext
    columns, rows = view.person_columns(planned, context), view.person_rows(planned, context)
    return card(
        _("Persons year by year"),
        [
            html.P(_("A person with three needs counts three times. Gains and losses are never netted.")),
            table(_("Persons of each year, against today's budget carried on"), columns, rows),
            source_note(context, sources),
        ],
    )


def needs_card(planned: Planned, context: PageContext) -> html.Section:
    _ = context.gettext
    columns, rows = view.need_columns(planned, context), view.need_rows(planned, context)
    folded = html.Details(
        [
            html.Summary(_("Each need, women and men, year by year")),
            table(_("Those that change most first"), columns, rows, 2),
        ]
    )
    finding = html.P(html.Strong(view.need_sentence(planned, context)), className="finding")
    return card(_("Coverage of each need"), [finding, folded])


def whose_work(planned: Planned, context: PageContext) -> html.Section:
    """The reasons of the years: whose work the covered needs are, women and men apart."""
    _ = context.gettext
    parts = [
        html.Details(
            [
                html.Summary(_("{group}: whose work, year by year", group=group_name(group, context))),
                table(
                    _("{group}: needs covered, persons; every year adds up", group=group_name(group, context)),
                    years_reasons.work_columns(planned, context),
                    years_reasons.work_rows_of(planned, g, context),
                ),
            ]
        )
        for g, group in enumerate(planned.loaded.model.groups)
    ]
    text = _(
        "A person with three needs counts three times. What a work of an earlier year still serves is its programme's "
        "work. Whole numbers are rounded so that they add up."
    )
    query = {name: value for name, value in query_of(planned.asked).items() if name != AGAINST}
    more = html.A(
        _("Reasons of these years: the next 1,000, cuts and the flow"), href=context.address("reasons", **query)
    )
    finding = html.P(html.Strong(years_reasons.work_sentence(planned, context)), className="finding")
    return card(_("Whose work the covered needs are"), [finding, html.P(text), *parts, html.P(more)])


def age(planned: Planned, context: PageContext) -> Any:
    if planned.workbench.is_current:
        return None
    _ = context.gettext
    return notice(
        [_("These figures rest on an earlier model; survey, budget or programmes have changed since.")], "info"
    )


def table(caption: str, titles: list[str], rows: list[list[str]], texts: int = 1) -> html.Div:
    """A table whose first columns hold texts and whose others hold numbers."""
    return data_table(caption, [Column(title, at >= texts) for at, title in enumerate(titles)], rows)


def coverage(planned: Planned, context: PageContext, sources: list[str]) -> list[Any]:
    """The chart with a choice of need above it."""
    _, model = context.gettext, planned.loaded.model
    named = sorted(
        ((covered_name(planned.loaded, code, context), code) for code in model.needs), key=lambda n: n[0].lower()
    )
    options = [{"value": view.ALL_NEEDS, "label": _("All needs together")}]
    options += [{"value": code, "label": name} for name, code in named]
    chooser = html.Div(
        [
            html.Label(_("Need"), htmlFor=Ids.NEED, className="form-label"),
            dbc.Select(id=Ids.NEED, options=options, value=view.ALL_NEEDS),
        ],
        className="filters",
    )
    shown = html.Div(lines_figure(planned, view.ALL_NEEDS, context, sources), id=Ids.LINES)
    return [dcc.Store(id=Ids.QUESTION, data=query_of(planned.asked)), chooser, shown]


def lines_figure(planned: Planned, need: str, context: PageContext, sources: list[str]) -> html.Figure:
    lines = view.lines_of(planned, need, context)
    return captioned_figure(
        "years-chart",
        year_lines_figure(lines, group_names(context), context),
        context,
        sentence=view.lines_sentence(lines, context),
        unit=context.gettext("Share of the people concerned who are covered, %"),
        table=table(lines.name, view.lines_columns(lines, context), view.lines_rows(lines, context)),
        sources=sources,
    )


def assumptions(planned: Planned, context: PageContext) -> html.Section:
    """One tap away: what is assumed, and which works last."""
    _ = context.gettext
    works = work_rows(planned, context)
    told = [*growth_sentences(planned, context), *error_sentences(planned.loaded, context), *rules(planned, context)]
    parts: list[Any] = [html.Ul([html.Li(text) for text in told])]
    if works:
        parts.append(table(_("Programmes whose works last"), work_columns(planned, context), works, 3))
    else:
        parts.append(html.P(_("No programme of this model builds what lasts: every one lapses with its money.")))
    link = html.A(_("Programmes, with the source of every parameter"), href=context.address("programmes"))
    return card(_("Assumptions"), html.Details([html.Summary(_("What these figures rest on")), *parts, html.P(link)]))


def show_lines(services: Services, context: PageContext, question: Any, need: Any) -> html.Figure:
    """The chart of another need, for the question that the page was made for."""
    held = {str(key): str(value) for key, value in question.items()} if isinstance(question, dict) else {}
    planned = planned_of(services, context, held, USUAL_YEARS)
    sources = [*source_parts(planned.workbench, context), context.gettext("projection of the model, not a promise")]
    return lines_figure(planned, str(need), context, sources)


def register_callbacks(app: Dash, services: Services) -> None:
    app.callback(
        Output(Ids.LINES, "children"),
        Input(Ids.NEED, "value"),
        State(Ids.QUESTION, "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda need, question, path: show_lines(services, app.router.context_of(path), question, need))


# ---- files -----------------------------------------------------------------------------------------------------------


def file(services: Services, context: PageContext, kind: str) -> Resource:
    """The years as the page shows them, in full precision."""
    _ = context.gettext
    planned = planned_of(services, context, context.query, USUAL_YEARS)
    notes, tables = years_tables.notes(planned, context), years_tables.tables(planned, context)
    what = _("by-year")
    name = f"{context.site.slug if context.site else ''}-{what}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "years.csv": partial(file, kind="csv"),
    "years.xlsx": partial(file, kind="xlsx"),
}
QUERIES = dict.fromkeys(RESOURCES, NAMES)
