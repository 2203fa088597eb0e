"""Optimise: the best reallocation under conditions set in plain words, and what one takes over of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dash import Dash, Input, Output, Patch, State, html

from budget_model.coverage.portable_outlook import MAX_YEARS
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.components import card, notice, page_header
from dashboard.components.job_panel import JobPanel
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.optimise_answer import show_best, show_frontier
from dashboard.pages.optimise_files import optimum_file
from dashboard.pages.optimise_form import STATES, Ids, form, question_of, source_row, target_row
from dashboard.pages.simulate import nothing_yet
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.jobs import JobNews
from dashboard.services.optimise import FRONTIER_KIND, KIND
from dashboard.services.simulate import TRYERS
from dashboard.services.simulate_models import LoadedModel
from dashboard.shown_errors import ToldError
from dashboard.views.simulate_start import other_spread, start_of
from data.workflows.optimum import Part

NAME = "optimise"
TITLE = mark("Best reallocation")
GROUP = Group.SIMULATION
ROLES = TRYERS


def question(_services: Services, _context: PageContext, *values: Any) -> Mapping[str, Any]:
    """The conditions of the form as the parameters of a job."""
    return question_of(values)


BEST = JobPanel("optimise-best", KIND, mark("Search"), show_best, question, STATES)
FRONTIER = JobPanel("optimise-frontier", FRONTIER_KIND, mark("Draw the frontier"), show_frontier, question, STATES)


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    try:
        start = start_of(services, context)
    except (InputError, NotFoundError) as error:
        return html.Div([page_header(_(TITLE)), nothing_yet(error, context)])
    subtitle = _(
        "Which reallocation meets most under your conditions, and how far at most it is from the best there is."
    )
    told = (*start.notices, *other_spread(start, context))
    news, points = (
        asked_for(services, context, name, kind) for name, kind in (("job", KIND), ("frontier", FRONTIER_KIND))
    )
    return html.Div(
        [
            page_header(_(TITLE), subtitle),
            notice(told, "info") if told else None,
            html.Div(
                [
                    card(_("Conditions"), form(start, context), className="optimise-conditions"),
                    html.Div(
                        [
                            card(
                                _("Proposal"),
                                BEST.layout(services, context, news, search_hint(context)),
                                className="optimise-answer",
                            ),
                            card(
                                _("Needs met against the gap"),
                                FRONTIER.layout(services, context, points, frontier_hint(context)),
                            ),
                        ]
                    ),
                ],
                className="optimise-columns",
            ),
        ],
        className="optimise",
    )


def asked_for(services: Services, context: PageContext, name: str, kind: str) -> JobNews | None:
    """The calculation that the address names, or the person's last one of this kind.

    Raises
    ------
    NotFoundError : the address names one that is not hers, or of another kind.
    """
    if name not in context.query:
        return services.jobs.latest(context.user, context.site, kind)
    news = services.jobs.job(context.user, context.site, context.query[name])
    if news.kind != kind:
        raise NotFoundError("calculation", news.id)
    return news


def search_hint(context: PageContext) -> html.P:
    """How long it takes, and that nobody has to wait for it."""
    _ = context.gettext
    listed = html.A(_("My calculations"), href=context.address("calculations"))
    text = _(
        "A plan of several years with many conditions can take minutes. You may leave this page; the answer waits in"
    )
    return html.P([text, " ", listed, "."], className="hint")


def frontier_hint(context: PageContext) -> html.P:
    text = context.gettext(
        "How much does a smaller gap between women and men cost in needs met? Each point is the best for its gap. "
        "This can take a minute."
    )
    return html.P(text, className="hint")


def take(services: Services, context: PageContext, posted: Posted) -> str:
    """Keep the ticked programmes and years of a proposal as a scenario; the list of scenarios is shown next."""
    _ = context.gettext
    fields = posted.fields
    programmes = [name.removeprefix("take-") for name, value in fields.items() if name.startswith("take-") and value]
    years = [number for number in range(1, MAX_YEARS + 1) if fields.get(f"year-{number}")]
    if fields.get("whole"):
        programmes, years = services.optimise.programmes(context.user, context.site, fields.get("job", "")), []
    elif fields.get("is_plan") and not years:
        raise ToldError([_("Not saved."), _("No year was ticked. Go back and tick at least one.")])
    try:
        services.optimise.take_over(
            context.user,
            context.site,
            fields.get("job", ""),
            Part(programmes, years),
            fields.get("name", ""),
            fields.get("note", ""),
        )
    except InputError as error:
        raise ToldError(take_sentences(error, context)) from error
    return context.address("scenarios")


TAKE_SENTENCES = {
    "optimum-nothing-taken": mark("No programme was ticked. Go back and tick at least one."),
    "scenario-name": mark("Give the scenario a name of 1 to 120 characters."),
    "scenario-name-long": mark("The name of the scenario is too long: at most 120 characters are kept. Shorten it."),
    "scenario-exists": mark("You already have a scenario of this name. Go back and choose another one."),
    "scenario-note": mark("The note is too long: at most 2,000 characters are kept."),
    "above-budget": mark("The ticked programmes alone cost more than the budget. Tick also those that give up money."),
}


def _take_sentence(problem: Problem, context: PageContext) -> str:
    """A plan's total is told with its year; running costs of works may push a year above its budget."""
    _ = context.gettext
    if problem.rule == "above-budget" and "year" in problem.facts:
        return _(
            "Year {year}: what is ticked, the rest as at the start, and the running costs of earlier works are "
            "{excess} above the budget. Tick also those that give up money.",
            year=problem.facts["year"],
            excess=context.formats.money(problem.facts["excess"], problem.facts["currency"], 2),
        )
    return _(TAKE_SENTENCES[problem.rule]) if problem.rule in TAKE_SENTENCES else problem.message


def take_sentences(error: InputError, context: PageContext) -> list[str]:
    _ = context.gettext
    found = [_take_sentence(problem, context) for problem in error.problems]
    return [_("Not saved."), *dict.fromkeys(found)]


ACTIONS = {"take": take}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "optimum.csv": partial(optimum_file, kind="csv"),
    "optimum.xlsx": partial(optimum_file, kind="xlsx"),
}
QUERIES = dict.fromkeys(RESOURCES, frozenset({"job"}))


def loaded_of(services: Services, context: PageContext, held: Any) -> LoadedModel:
    """The model that the form was made for."""
    sha256 = held.get("model") if isinstance(held, dict) else None
    return services.simulate.loaded(context.user, context.site, str(sha256))


def add_target(services: Services, context: PageContext, clicks: Any, held: Any) -> Patch:
    rows = Patch()
    loaded, areas = loaded_of(services, context, held), services.simulate.area_names(context.user, context.site)
    rows.append(target_row(int(clicks or 0), loaded, areas, context))
    return rows


def add_source(services: Services, context: PageContext, clicks: Any, held: Any) -> Patch:
    rows = Patch()
    rows.append(source_row(int(clicks or 0), loaded_of(services, context, held), context))
    return rows


def register_callbacks(app: Dash, services: Services) -> None:
    BEST.register(app, services)
    FRONTIER.register(app, services)
    for button, rows, add in (
        (Ids.ADD_TARGET, Ids.TARGETS, add_target),
        (Ids.ADD_SOURCE, Ids.SOURCES, add_source),
    ):
        app.callback(
            Output(rows, "children"),
            Input(button, "n_clicks"),
            State(Ids.START, "data"),
            State("location", "pathname"),
            prevent_initial_call=True,
        )(lambda clicks, held, path, add=add: add(services, app.router.context_of(path), clicks, held))
