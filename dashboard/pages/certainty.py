"""How sure is it? A scenario's figures at once, and on request each with its interval from a thousand draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dash import Dash, State, dcc, html

from budget_model.errors import NotFoundError
from dashboard.components import captioned_figure, card, difference_note, file_links, notice, page_header, tile, tiles
from dashboard.components.job_panel import JobPanel
from dashboard.context import PageContext
from dashboard.figures.tornado import TornadoRow, tornado_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.simulate_files import XLSX
from dashboard.pages.years import age, table
from dashboard.pages.years_form import planned_of, planned_or_refusal, question_form
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.jobs import JobNews
from dashboard.services.simulate import TRYERS
from dashboard.services.years import Planned, same_model
from dashboard.views import certainty as view
from dashboard.views import years as years_view
from dashboard.views.certainty_tables import certainty_notes, certainty_tables
from dashboard.views.simulate_names import source_parts
from dashboard.views.tornado import SHOWN, tornado_rows, tornado_sentence, tornado_view
from dashboard.views.years_assumptions import error_sentences, growth_summary, plan_sentences
from dashboard.views.years_question import address_of, parameters_of, query_of
from data.store.jobs import JobState
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "certainty"
TITLE = mark("How sure is it?")
GROUP = Group.SIMULATION
ROLES = TRYERS
KIND = "plan-draws"
QUESTION = "certainty-question"
USUAL_YEARS = 1


def question(_services: Services, _context: PageContext, held: Any) -> Mapping[str, Any]:
    return held if isinstance(held, dict) else {}


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _(
        "Surveys err, and costs and effects are known only within ranges. A thousand draws of what is not known "
        "exactly show how far the figures may be off, and what they hang on most."
    )
    planned = planned_or_refusal(services, context, USUAL_YEARS)
    if not isinstance(planned, Planned):
        return html.Div([page_header(_(TITLE), subtitle), planned])
    scenarios = services.scenarios.list(context.user, context.site)
    others = same_model(scenarios, planned)
    form = question_form(NAME, planned.asked, scenarios, context, growth_summary(planned, context), others)
    asked = parameters_of(planned)
    news = services.jobs.latest(context.user, context.site, KIND, asked)
    panel = DRAWS.layout(
        services,
        context,
        news,
        html.P(
            _("The point estimate stands above. The draws take seconds, of many years up to a minute."),
            className="hint",
        ),
    )
    return html.Div(
        [
            page_header(_(TITLE), subtitle),
            card(_("Which scenario, how far"), form),
            *at_once(planned, context),
            dcc.Store(id=QUESTION, data=asked),
            card(_("How sure is this?"), panel),
        ],
        className="certainty",
    )


def at_once(planned: Planned, context: PageContext) -> list[Any]:
    """The point estimate, without any draw."""
    _ = context.gettext
    shown = [tile(one.name, one.value, one.note or None, one.group) for one in years_view.figures(planned, context)]
    years = html.A(_("Year by year"), href=context.address("years", **query_of(planned.asked)))
    return [
        html.P(years_view.finding(planned, context), className="lead-sentence"),
        age(planned, context),
        *([notice(plan, "info")] if (plan := plan_sentences(planned, context)) else []),
        tiles(shown, _("The point estimate")),
        html.P(years),
    ]


def show_draws(services: Services, context: PageContext, news: JobNews) -> Any:
    """A finished calculation, with the question that it was asked: the form above may say something else by now."""
    _, result = context.gettext, news.result
    try:
        planned = planned_of(services, context, address_of(news.parameters), USUAL_YEARS)
    except NotFoundError:
        return notice([_("The scenario of this calculation is no longer there.")])
    if planned.loaded.sha256 != news.parameters["model"]:
        return notice([_("Survey, budget or programmes have changed since. Compute again.")])
    if view.has_no_doubt(result):
        sentence = _("This model states no survey error and no range, so that nothing could be drawn.")
        return notice([sentence, _("That does not mean that it is sure: state ranges under Programmes.")])
    return html.Div(
        [
            html.Ul([html.Li(told) for told in view.group_sentences(result, context)], className="finding-list"),
            *(html.P(told) for told in error_sentences(planned.loaded, context)),
            chances(result, planned, context),
            files(news, context),
            *figures(result, planned, context),
            tornado(result, planned, context),
            difference_note(context),
        ]
    )


def drawn(result: Mapping[str, Any], context: PageContext) -> str:
    return context.gettext(
        "{draws} draws, seed {seed}", draws=context.formats.number(result["draws"]), seed=result["seed"]
    )


def chances(result: Mapping[str, Any], planned: Planned, context: PageContext) -> Any:
    """How often it beats today's budget, and the scenario that it is held against."""
    _, name = context.gettext, years_view.name_of(planned, context)
    told = []
    if planned.scenario is not None:
        told += view.chance_sentences(result["beats_baseline"], name, _("today's budget"), context)
    if planned.against is None:
        return html.Ul([html.Li(sentence) for sentence in told])
    other = _("“{name}”", name=planned.against.name)
    told += view.chance_sentences(result["beats_other"], name, other, context)
    parts: list[Any] = [html.Ul([html.Li(sentence) for sentence in told])]
    if planned.scenario is not None:
        both = {f"s{planned.scenario.id}": "on", f"s{planned.against.id}": "on"}
        parts.append(html.P(html.A(_("Compare the two side by side"), href=context.address("compare", **both))))
    return html.Div(parts)


def files(news: JobNews, context: PageContext) -> html.Div:
    """Everything that was drawn, sectors included."""
    told = context.gettext("All figures with their intervals:")
    return file_links(told, lambda kind: context.address(f"{NAME}/certainty.{kind}", job=news.id))


def figures(result: Mapping[str, Any], planned: Planned, context: PageContext) -> list[Any]:
    _ = context.gettext
    columns = view.figure_columns(context)
    last = (
        _("Coverage of each need in year {year}, with P5 and P95", year=planned.n_years)
        if planned.n_years > 1
        else _("Coverage of each need, with P5 and P95")
    )
    whole = _("All needs together, over all years") if planned.n_years > 1 else _("All needs together")
    parts: list[Any] = [table(whole, columns, view.main_rows(result, planned, context))]
    if planned.n_years > 1:
        parts.append(
            table(_("Coverage year by year"), view.year_columns(result, context), view.year_rows(result, context))
        )
    needs = table(last, view.need_columns(planned, context), view.need_rows(result, planned, context), 2)
    return [*parts, html.Details([html.Summary(_("Each need with its interval")), needs])]


def tornado(result: Mapping[str, Any], planned: Planned, context: PageContext) -> html.Figure:
    """What the answer hangs on most; the chart has the widest bars, the table all."""
    _, found = context.gettext, tornado_view(result, planned, context)
    scale = 100 if found.is_share else 1
    rows = [
        TornadoRow(bar.name, scale * bar.low, scale * bar.high, bar.low_text, bar.high_text)
        for bar in found.bars[:SHOWN]
    ]
    names = (_("Assumption at its low end (P5)"), _("Assumption at its high end (P95)"))
    columns = [_("Assumption"), _("At its low end"), _("At its high end"), _("Apart")]
    unit = _("{unit}; each assumption moved alone, the {number} that matter most", unit=found.unit, number=len(rows))
    if found.still:
        unit = f"{unit}. {_still(found.still, context)}"
    return captioned_figure(
        "certainty-tornado",
        tornado_figure(rows, scale * found.stated, found.unit, names, " %" if found.is_share else ""),
        context,
        sentence=tornado_sentence(found, context),
        unit=unit,
        table=table(found.unit, columns, tornado_rows(found, context)),
        sources=[*source_parts(planned.workbench, context), drawn(result, context)],
    )


def _still(number: int, context: PageContext) -> str:
    return context.ngettext(
        "{number} more assumption changes nothing here.",
        "{number} more assumptions change nothing here.",
        number,
        number=context.formats.number(number),
    )


DRAWS = JobPanel("certainty-draws", KIND, mark("Compute intervals"), show_draws, question, (State(QUESTION, "data"),))


def register_callbacks(app: Dash, services: Services) -> None:
    DRAWS.register(app, services)


# ---- files -----------------------------------------------------------------------------------------------------------


def file(services: Services, context: PageContext, kind: str) -> Resource:
    """All figures of a finished calculation of one's own."""
    _ = context.gettext
    news = services.jobs.job(context.user, context.site, context.query.get("job", ""))
    if news.kind != KIND or news.state is not JobState.DONE:
        raise NotFoundError("calculation", news.id)
    planned = planned_of(services, context, address_of(news.parameters), USUAL_YEARS)
    if planned.loaded.sha256 != news.parameters["model"]:
        raise NotFoundError("model", str(news.parameters["model"]))
    notes, tables = certainty_notes(news.result, planned, context), certainty_tables(news.result, planned, context)
    what = _("intervals")
    name = f"{context.site.slug if context.site else ''}-{what}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "certainty.csv": partial(file, kind="csv"),
    "certainty.xlsx": partial(file, kind="xlsx"),
}
QUERIES = dict.fromkeys(RESOURCES, frozenset({"job"}))
