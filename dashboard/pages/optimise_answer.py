"""What the Optimise page shows of a finished search: finding, money, needs, what binds, what contradicts."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components import Column, captioned_figure, data_table, difference_note, notice, source_note, tile, tiles
from dashboard.components.forms import field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.figures.frontier import frontier_figure
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may
from dashboard.services.jobs import JobNews
from dashboard.services.simulate import LoadedModel
from dashboard.views.optimise import (
    OBJECTIVES,
    ProgrammeRow,
    binding_cells,
    conflict_sentences,
    finding,
    frontier_cells,
    frontier_sentence,
    group_tiles,
    need_cells,
    programme_rows,
    source_of,
)
from dashboard.views.words import group_names


def show_best(services: Services, context: PageContext, news: JobNews) -> Any:
    """The proposal, or the conditions that contradict each other."""
    _, result = context.gettext, news.result
    loaded = services.simulate.loaded(context.user, context.site, str(news.parameters["model"]))
    found = finding(result, context)
    asked = html.P([html.Strong(_("Asked for: ")), asked_for(news, loaded, context)], className="asked")
    if found.is_warning:
        sentences = conflict_sentences(result, loaded, context)
        listed = html.Ul([html.Li(sentence) for sentence in sentences])
        return html.Div([asked, notice([found.sentence, found.certainty], "warning"), listed])
    return html.Div(
        [
            asked,
            html.P(html.Strong(found.sentence), className="finding"),
            html.P(found.certainty),
            tiles(
                [tile(one.name, one.proposed, one.change, one.group) for one in group_tiles(result, context)],
                _("Coverage of identified needs under the proposal; change against the start"),
            ),
            difference_note(context),
            money(programme_rows(result, loaded, context), news, context),
            needs(news, loaded, context),
            limits(news, loaded, context),
            source_note(context, [source_of(loaded, context), _("projection of the model, not a promise")]),
        ]
    )


def asked_for(news: JobNews, loaded: LoadedModel, context: PageContext) -> str:
    """The question of this answer: the form above may say something else by now."""
    _, formats, asked = context.gettext, context.formats, news.parameters
    objective = OBJECTIVES[asked["objective"]]
    parts = [_(objective)]
    if asked["budget"]:
        parts.append(_("at most {money} a year", money=formats.money(float(asked["budget"]), loaded.model.currency)))
    if asked["max_change"] is not None:
        parts.append(_("each programme changes by at most {share}", share=formats.share(asked["max_change"], 0)))
    if asked["protects_all"]:
        parts.append(_("nobody worse off"))
    if asked["max_gap"] is not None:
        parts.append(_("gap of at most {points}", points=formats.points(asked["max_gap"], 2).lstrip("+")))
    if asked["targets"]:
        parts.append(_("a target for a need"))
    return " · ".join(parts)


def money(rows: list[ProgrammeRow], news: JobNews, context: PageContext) -> Any:
    """Programmes with their proposed money; an official ticks what she takes over and saves it."""
    _ = context.gettext
    if not may(context.user, PLANNERS, context.site):
        cells = [[row.name, row.today, row.best, row.change] for row in rows]
        columns = [
            Column(_("Programme")),
            Column(_("Today"), True),
            Column(_("Proposed amount"), True),
            Column(_("Change"), True),
        ]
        return data_table(_("Money of each programme, a year"), columns, cells)
    columns = [
        Column(_("Programme")),
        Column(_("Take over")),
        Column(_("Today"), True),
        Column(_("At the start"), True),
        Column(_("Proposed amount"), True),
        Column(_("Change"), True),
    ]
    cells = [[row.name, tick(row, context), row.today, row.start, row.best, row.change] for row in rows]
    return plain_form(
        context.address("optimise/take"),
        [
            hidden("job", news.id),
            data_table(_("Money of each programme, a year"), columns, cells),
            field("name", _("Name of the scenario"), required=True, maxlength=120),
            field("note", _("Note")),
            submit(_("Save what is ticked as a scenario")),
        ],
    )


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


def limits(news: JobNews, loaded: LoadedModel, context: PageContext) -> Any:
    _ = context.gettext
    cells = binding_cells(news.result, loaded, context)
    if not cells:
        return None
    columns = [Column(_("What holds it back")), Column(_("The first loosening would bring"), True)]
    caption = _("Conditions that bind, the dearest first; a price holds for a small change only")
    return html.Details([html.Summary(_("What holds it back")), data_table(caption, columns, cells)])


def show_frontier(services: Services, context: PageContext, news: JobNews) -> Any:
    """The frontier with its table."""
    _, result = context.gettext, news.result
    sentence = frontier_sentence(result, context)
    if not result["points"]:
        return notice([sentence])
    loaded = services.simulate.loaded(context.user, context.site, str(news.parameters["model"]))
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
        sources=[source_of(loaded, context)],
    )
