"""Compare: two to four saved scenarios side by side, on one printable page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html

from budget_model.errors import InputError, NotFoundError
from dashboard.components import Column, card, data_table, difference_note, no_data, notice, page_header, source_note
from dashboard.components.job_panel import JobPanel
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.compare_map import MapIds, map_card, maps
from dashboard.services import Services
from dashboard.services.jobs import JobNews
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate import TRYERS
from dashboard.views.compare import (
    FEWEST,
    MOST,
    Compared,
    chance_sentences,
    chosen_ids,
    compared_of,
    interval_rows,
    main_rows,
    money_rows,
    need_rows,
    sentence,
    year_columns,
    year_rows,
    years_sentences,
)
from dashboard.views.simulate_names import source_parts
from dashboard.views.words import group_names
from data.workflows.compared import read_scenario_ids

NAME = "compare"
TITLE = mark("Compare scenarios")
GROUP = Group.SIMULATION
ROLES = TRYERS
KIND = "compare"
IDS = "compare-ids"
REFUSALS = {
    "compare-models": (
        mark("These scenarios rest on different models: survey, budget or programmes changed between them."),
        mark("Open each in Simulate and save it again with today's model to compare them."),
    ),
    "compare-growth": (
        mark("The plans among these scenarios assume different growth of prices, people or budget."),
        mark("Compare plans that share their assumptions; Over the years says which each has."),
    ),
}


def question(_services: Services, _context: PageContext, ids: Any) -> Mapping[str, Any]:
    return {"scenarios": ids}


def show_chances(services: Services, context: PageContext, news: JobNews) -> Any:
    """Intervals and chances of a finished calculation."""
    _ = context.gettext
    ids = news.parameters["scenarios"]
    names = [services.scenarios.scenario(context.user, context.site, one).name for one in ids]
    groups = group_names(context)
    columns = [Column(_("Scenario"))]
    columns += [
        Column(_("{group}: needs covered", group=groups.get(group, group)), True)
        for group in news.result["allocations"][0]["groups"]
    ]
    caption = _("Coverage of identified needs; in brackets P5 to P95 of 1,000 draws of what is not known exactly")
    if news.result.get("years", 1) > 1:
        caption = _(
            "Coverage of identified needs over all {years} years; in brackets P5 to P95 of 1,000 draws of what is not "
            "known exactly",
            years=news.result["years"],
        )
    return html.Div(
        [
            html.Ul([html.Li(told) for told in chance_sentences(news.result, names, context)]),
            data_table(caption, columns, interval_rows(news.result, names, context)),
        ]
    )


CHANCES = JobPanel(
    "compare-chances", KIND, mark("Compute chances and intervals"), show_chances, question, (State(IDS, "data"),)
)


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    listed = services.scenarios.list(context.user, context.site)
    subtitle = _(
        "Two to four saved scenarios side by side: money, coverage of women and men, gap, who gains and loses."
    )
    header = page_header(_(TITLE), subtitle)
    if len(listed) < FEWEST:
        missing = _("There are fewer than two scenarios to compare.")
        return html.Div([header, no_data(missing, _("Open Simulate, move money and save."))])
    ids = chosen_ids(context.query)
    parts: list[Any] = [header, choices(listed, ids, context)]
    if FEWEST <= len(ids) <= MOST:
        parts += comparison(services, context, ids)
    elif ids:
        parts.append(notice([_("Choose two to four scenarios.")]))
    return html.Div(parts, className="compare")


def choices(listed: list[SavedScenario], ids: list[int], context: PageContext) -> html.Section:
    """A form that only asks: the address then names the scenarios, and can be shared."""
    _ = context.gettext
    boxes = [
        dbc.Checkbox(id=f"compare-s{one.id}", name=f"s{one.id}", label=f"{one.name} · {one.owner}", value=one.id in ids)
        for one in listed
    ]
    button = html.Button(_("Compare"), type="submit", className="btn btn-primary", disable_n_clicks=True)
    form = html.Form([*boxes, button], action=context.address(NAME), method="GET", disable_n_clicks=True)
    return card(_("Scenarios"), form, className="compare-choices")


def comparison(services: Services, context: PageContext, ids: list[int]) -> list[Any]:
    _, user, site = context.gettext, context.user, context.site
    try:
        compared = compared_of(services.years.together(user, site, ids))
    except NotFoundError as error:
        return [notice([_("This site has no scenario “{number}”.", number=error.identifier)])]
    except InputError as error:
        return [
            notice([_(told) for problem in error.problems for told in REFUSALS.get(problem.rule, (problem.message,))])
        ]
    news = services.jobs.latest(user, site, KIND, {"scenarios": ids})
    workbench = services.simulate.workbench(user, site, compared[0].loaded.sha256)
    sources = [*source_parts(workbench, context), _("projection of the model, not a promise")]
    years = years_sentences(compared, context)
    return [
        dcc.Store(id=IDS, data=ids),
        notice(years, "info") if years else None,
        side_by_side(compared, sources, context),
        year_by_year(compared, context),
        card(_("How sure is the difference?"), CHANCES.layout(services, context, news), className="no-print-buttons"),
        card(_("Where people stay uncovered"), map_card(services, context, compared)),
        money_card(compared, sources, context),
        needs_card(compared, sources, context),
    ]


def names_of(compared: Sequence[Compared]) -> list[Column]:
    return [Column(one.saved.name, True) for one in compared]


def side_by_side(compared: Sequence[Compared], sources: Sequence[str], context: PageContext) -> html.Section:
    _ = context.gettext
    columns = [Column(_("What")), *names_of(compared)]
    return card(
        _("Side by side"),
        [
            html.P(html.Strong(sentence(compared, context)), className="finding"),
            data_table(_("Scenarios side by side"), columns, main_rows(compared, context)),
            difference_note(context),
            source_note(context, sources),
        ],
    )


def year_by_year(compared: Sequence[Compared], context: PageContext) -> html.Section | None:
    """Each year of plans; nothing for scenarios of one year."""
    _, rows = context.gettext, year_rows(compared, context)
    if not rows:
        return None
    columns = [Column(title, at > 1) for at, title in enumerate(year_columns(compared, context))]
    table = data_table(_("Each year of each scenario, in money of that year"), columns, rows)
    return card(_("Year by year"), table, className="compare-by-year")


def money_card(compared: Sequence[Compared], sources: Sequence[str], context: PageContext) -> html.Section:
    _ = context.gettext
    is_plan = compared[0].n_years > 1
    title = _("Money of each programme, over all years") if is_plan else _("Money of each programme, a year")
    columns = [Column(_("Programme")), Column(_("Today"), True), *names_of(compared)]
    table = data_table(_("Programmes, those that differ most first"), columns, money_rows(compared, context))
    return _most_card(title, table, sources, context)


def needs_card(compared: Sequence[Compared], sources: Sequence[str], context: PageContext) -> html.Section:
    _, groups = context.gettext, group_names(context)
    pairs = [Column(f"{one.saved.name}: {groups.get(group, group)}", True) for one in compared for group in one.groups]
    columns = [Column(_("Covered")), *pairs]
    table = data_table(_("Needs, those that differ most first"), columns, need_rows(compared, context))
    return _most_card(_("Coverage of each need"), table, sources, context)


def _most_card(title: str, table: Any, sources: Sequence[str], context: PageContext) -> html.Section:
    """A long table of which paper has the beginning."""
    told = context.gettext("On paper: the six that differ most; the page has all of them.")
    parts = [table, html.P(told, className="print-only"), source_note(context, sources)]
    return card(title, parts, className="compare-most")


def show_maps(services: Services, context: PageContext, need: Any, group: Any, ids: Any) -> list[Any]:
    """The maps of another need or group."""
    chosen = read_scenario_ids({"scenarios": ids})
    compared = compared_of(services.years.together(context.user, context.site, chosen))
    return maps(services, context, compared, str(need), str(group))


def register_callbacks(app: Dash, services: Services) -> None:
    CHANCES.register(app, services)
    app.callback(
        Output(MapIds.MAPS, "children"),
        Input(MapIds.NEED, "value"),
        Input(MapIds.GROUP, "value"),
        State(IDS, "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda need, group, ids, path: show_maps(services, app.router.context_of(path), need, group, ids))
