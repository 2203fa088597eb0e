"""What the Optimise page shows of a finished search: finding, money, needs, what binds, what contradicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import (
    Column,
    captioned_figure,
    data_table,
    difference_note,
    file_links,
    notice,
    source_note,
    tile,
    tiles,
)
from dashboard.components.forms import field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.figures.frontier import frontier_figure
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may
from dashboard.services.jobs import JobNews
from dashboard.services.simulate_models import LoadedModel
from dashboard.views.optimise import (
    ProgrammeRow,
    binding_cells,
    budget_price,
    finding,
    frontier_cells,
    frontier_sentence,
    group_tiles,
    need_cells,
    programme_rows,
    year_rows,
)
from dashboard.views.optimise_conflicts import conflict_sentences
from dashboard.views.optimise_question import assumed_sentence, question_words
from dashboard.views.simulate_names import source_parts
from dashboard.views.words import group_names


def sources_of(services: Services, context: PageContext, news: JobNews) -> list[str]:
    """Round, period, budget year and model of a search."""
    workbench = services.simulate.workbench(context.user, context.site, str(news.parameters["model"]))
    return source_parts(workbench, context)


MOST_BINDING = 15  # rows on the page; the file has all


def show_best(services: Services, context: PageContext, news: JobNews) -> Any:
    """The proposal, or the conditions that contradict each other."""
    _, result = context.gettext, news.result
    loaded = services.simulate.loaded(context.user, context.site, str(news.parameters["model"]))
    areas = services.simulate.area_names(context.user, context.site)
    found = finding(result, context)
    words = question_words(news.parameters, loaded, areas, context)
    asked = html.P([html.Strong(_("Asked for: ")), words], className="asked")
    if found.is_warning:
        sentences = conflict_sentences(result, loaded, context, areas)
        listed = html.Ul([html.Li(sentence) for sentence in sentences])
        return html.Div([asked, notice([found.sentence, found.certainty], "warning"), listed])
    return html.Div(
        [
            asked,
            html.P(html.Strong(found.sentence), className="finding"),
            html.P(found.certainty),
            assumed_note(news, loaded, context),
            tiles(
                [tile(one.name, one.proposed, one.change, one.group) for one in group_tiles(result, context)],
                _("Coverage of identified needs under the proposal; change against the start"),
            ),
            difference_note(context),
            plan_years(news, context),
            money(programme_rows(result, loaded, context), news, context),
            needs(news, loaded, context),
            limits(news, loaded, areas, context),
            why(news, context),
            files(news, context),
            source_note(context, [*sources_of(services, context, news), _("projection of the model, not a promise")]),
        ]
    )


def assumed_note(news: JobNews, loaded: LoadedModel, context: PageContext) -> Any:
    """That the best value rests on a limit which nobody stated, and how many programmes stand at it."""
    sentence = assumed_sentence(news.parameters, news.result, loaded, context)
    word = html.Span(context.gettext("assumption"), className="assumption")
    return html.P([word, " ", sentence]) if sentence else None


def why(news: JobNews, context: PageContext) -> html.P:
    """The way to the reasons of a proposal, of one year or of several."""
    return html.P(
        html.A(context.gettext("Reasons of this proposal"), href=context.address("reasons", proposal=news.id))
    )


def plan_years(news: JobNews, context: PageContext) -> Any:
    """A plan year by year; nothing for a single year."""
    _, names = context.gettext, group_names(context)
    rows = year_rows(news.result, context)
    if not rows:
        return None
    groups = [Column(_("{group}: needs covered", group=names.get(g, g)), True) for g in news.result["best"]["groups"]]
    costs = [_("Allocated"), _("To run works of earlier years"), _("Together")]
    caption = _("The plan year by year, in money of each year; coverage above is over all years")
    return data_table(caption, [Column(_("Year")), *groups, *(Column(cost, True) for cost in costs)], rows)


def money(rows: list[ProgrammeRow], news: JobNews, context: PageContext) -> Any:
    """Programmes with their proposed money; an official ticks what she takes over and saves it."""
    _ = context.gettext
    may_save = may(context.user, PLANNERS, context.site)
    is_plan = any(row.years for row in rows)
    years = max((len(row.years) for row in rows), default=0)
    caption = _("Money of each programme, over all years") if is_plan else _("Money of each programme, a year")
    table = money_table(caption, rows, may_save, context)
    if not may_save:
        return table
    save = _("Save what is ticked as a scenario")
    if is_plan:
        save = _("Save what is ticked as a plan of {years} years", years=years)
    return plain_form(
        context.address("optimise/take"),
        [
            hidden("job", news.id),
            table,
            *(year_ticks(years, context) if is_plan else []),
            field("name", _("Name of the scenario"), required=True),
            field("note", _("Note")),
            html.Div(
                [submit(save), submit(_("Save the whole proposal"), "whole", "yes", "outline-primary")],
                className="form-buttons",
            ),
        ],
    )


def money_table(caption: str, rows: Sequence[ProgrammeRow], may_save: bool, context: PageContext) -> Any:
    """Today, the start where it is another, and the proposal; with ticks for who may save, and years of a plan."""
    _ = context.gettext
    years = max((len(row.years) for row in rows), default=0)
    starts_elsewhere = any(row.start != row.today for row in rows)
    columns = [
        Column(_("Programme")),
        *([Column(_("Take over"))] if may_save else []),
        Column(_("Today"), True),
        *([Column(_("At the start"), True)] if starts_elsewhere else []),
        Column(_("Proposed amount"), True),
        Column(_("Change"), True),
        *(Column(_("Year {year}", year=year), True) for year in range(1, years + 1)),
    ]
    cells = [
        [
            row.name,
            *([tick(row, context)] if may_save else []),
            *([row.today, row.start] if starts_elsewhere else [row.today]),
            *(row.best, row.change),
            *row.years,
        ]
        for row in rows
    ]
    return data_table(caption, columns, cells)


def year_ticks(years: int, context: PageContext) -> list[Any]:
    """Which years of a plan are taken over; all of them unless somebody unticks one."""
    _ = context.gettext
    boxes = [
        dbc.Checkbox(id=f"optimise-year-{year}", name=f"year-{year}", value=True, label=_("Year {year}", year=year))
        for year in range(1, years + 1)
    ]
    hint = _(
        "The scenario keeps all {years} years. What is not ticked, programme or year, stays at the amounts that the "
        "search started from.",
        years=years,
    )
    legend = html.Legend(_("Years to take over"), className="form-label")
    parts = [legend, html.Div(boxes, className="filters"), html.P(hint, className="hint")]
    return [hidden("is_plan", "yes"), html.Fieldset(parts, className="year-ticks")]


def files(news: JobNews, context: PageContext) -> html.Div:
    """The proposal by programme and area (and year)."""
    told = context.gettext("The proposal by area:")
    return file_links(told, lambda kind: context.address(f"optimise/optimum.{kind}", job=news.id))


def tick(row: ProgrammeRow, context: PageContext) -> Any:
    """A box for a programme whose money changes."""
    if not row.is_changed:
        return context.gettext("locked") if row.is_locked else "–"
    name = f"take-{row.code}"
    label = context.gettext("Take over the proposal for {programme}", programme=row.name)
    return dbc.Checkbox(
        id=f"optimise-{name}", name=name, value=True, label=html.Span(label, className="visually-hidden")
    )


def needs(news: JobNews, loaded: LoadedModel, context: PageContext) -> html.Details:
    _, names = context.gettext, group_names(context)
    columns = [Column(_("Covered"))]
    for group in news.result["best"]["groups"]:
        name = names.get(group, group)
        columns += [
            Column(_("{group}: at the start", group=name), True),
            Column(_("{group}: proposed", group=name), True),
            Column(_("{group}: gain (persons)", group=name), True),
            Column(_("{group}: lose (persons)", group=name), True),
        ]
    caption = _("Coverage of each need, and who gains and loses against today, area by area")
    return html.Details(
        [
            html.Summary(_("What it does for each need")),
            data_table(caption, columns, need_cells(news.result, loaded, context)),
        ]
    )


def limits(news: JobNews, loaded: LoadedModel, areas: Mapping[str, str], context: PageContext) -> Any:
    _ = context.gettext
    is_limited = news.parameters.get("max_change") is not None
    cells = binding_cells(news.result, loaded, context, areas, is_limited)
    price = budget_price(news.result, context)
    told = html.P(price) if price else None
    if not cells:
        return told
    columns = [Column(_("What holds it back")), Column(_("Loosening it would bring"), True)]
    caption = _("Conditions that bind, the budget first, then the dearest; each loosened alone, all others kept")
    table = data_table(caption, columns, cells[:MOST_BINDING])
    more = len(cells) - MOST_BINDING
    rest = context.ngettext(
        "… and {number} more condition that binds less: it stands in the file of the proposal.",
        "… and {number} more conditions that bind less: they stand in the file of the proposal.",
        more,
        number=context.formats.number(more),
    )
    fold = html.Details(
        [html.Summary(_("What holds it back")), table, html.P(rest, className="hint") if more > 0 else None]
    )
    return html.Div([told, fold])


def show_frontier(services: Services, context: PageContext, news: JobNews) -> Any:
    """The frontier with its table."""
    _, result = context.gettext, news.result
    sentence = frontier_sentence(result, context)
    if not result["points"]:
        return notice([sentence])
    columns = [
        Column(_("Gap, women minus men")),
        Column(_("Needs met"), True),
        Column(_("At most"), True),
        Column(_("Women covered"), True),
        Column(_("Men covered"), True),
    ]
    table = data_table(
        _("Best total for each gap; no allocation exceeds the figure under “At most”"),
        columns,
        frontier_cells(result, context),
    )
    return captioned_figure(
        "optimise-frontier-chart",
        frontier_figure(result["points"], {}, context),
        context,
        sentence=sentence,
        unit=_("Needs met (weighted persons) against percentage points"),
        table=table,
        sources=sources_of(services, context, news),
    )
