"""Simulate: move money between programmes and see whose needs are met. The scripts in `assets/` draw while it moves;
the callbacks here give the result that counts and save it. Panels and files of the page have rooms of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from werkzeug.exceptions import BadRequest

from budget_model.errors import AllocationError, BudgetModelError, InputError, NotFoundError
from dashboard.components import no_data, notice, page_header
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.simulate_files import QUERIES as QUERIES
from dashboard.pages.simulate_files import RESOURCES as RESOURCES
from dashboard.pages.simulate_panels import Ids, header, programmes, results, summary
from dashboard.services import Services
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate import TRYERS
from dashboard.services.simulate_tries import Run
from dashboard.shown_errors import ToldError
from dashboard.views.best_reach import best_sentence
from dashboard.views.simulate import page_view
from dashboard.views.simulate_problems import problem_sentences, save_sentences
from dashboard.views.simulate_result import answer_view
from dashboard.views.simulate_start import kept_spread, kept_years, start_of

NAME = "simulate"
TITLE = mark("Simulate")
GROUP = Group.SIMULATION
ROLES = TRYERS
STORES = (Ids.STARTED, Ids.RELEASED, Ids.ANSWER, Ids.SETTLED, Ids.SAVED, Ids.FOLLOWED)


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    try:
        start = start_of(services, context)
    except (InputError, NotFoundError) as error:
        return html.Div([page_header(_(TITLE)), nothing_yet(error, context)])
    workbench = start.workbench
    view = page_view(workbench, context, start.changes, start.stored)
    told = (*start.notices, *kept_years(start, context), *kept_spread(start, context))
    return html.Div(
        [
            header(workbench, context),
            notice(told, id="simulate-notices") if told else None,
            html.P(_("Loading the model …"), id="simulate-loading", className="loading", role="status"),
            html.Div(
                [
                    summary(workbench, context),
                    html.Div(
                        [programmes(context), html.Div(results(start, context), className="simulate-results")],
                        className="simulate-columns",
                    ),
                ],
                id="simulate-workbench",
                hidden=True,
            ),
            *[dcc.Store(id=store) for store in STORES],
            dcc.Store(id=Ids.VIEW, data=view),
        ],
        className="simulate",
    )


def nothing_yet(error: BudgetModelError, context: PageContext) -> html.Div:
    _ = context.gettext
    if isinstance(error, NotFoundError):
        return no_data(
            _("This site has no survey round with needs yet."),
            _("They appear when a survey round is imported and its indicators are run."),
        )
    return no_data(_("The model of this site cannot be built yet."), str(error))


def answer_release(services: Services, context: PageContext, released: Mapping[str, Any]) -> dict[str, Any]:
    """The authoritative result for what a browser released, with the sequence number it came with."""
    run = run_released(services, context, released)
    return {"sequence": released.get("sequence"), **answer_view(run, context)}


def run_released(services: Services, context: PageContext, released: Mapping[str, Any] | None) -> Run:
    """Run what the browser's store holds; it is input like any other."""
    asked = released if isinstance(released, dict) else {}
    changes, model, scenario = asked.get("changes"), asked.get("model"), asked.get("scenario")
    if not isinstance(changes, dict) or not isinstance(model, str) or not isinstance(scenario, int | None):
        raise BadRequest("no amounts")
    try:
        if scenario is not None:
            return services.scenarios.run(context.user, context.site, scenario, changes)
        return services.simulate.run(context.user, context.site, model, changes)
    except AllocationError as error:
        loaded = services.simulate.loaded(context.user, context.site, model)
        raise ToldError(problem_sentences(error.problems, loaded, context)) from error


def compare_with_best(services: Services, context: PageContext, released: Mapping[str, Any] | None) -> str:
    """What the money could meet at best, once the answer that counts is there. The search never keeps it waiting."""
    return best_sentence(run_released(services, context, released), context)


def save(
    services: Services, context: PageContext, released: Mapping[str, Any] | None, name: str | None, note: str | None
) -> tuple[Any, dict[str, Any] | None]:
    """Save, or say why not: a message, and where the saved scenario is found."""
    _ = context.gettext
    if not isinstance(name or "", str) or not isinstance(note or "", str):
        raise BadRequest("name and note are texts")
    run = run_released(services, context, released)
    try:
        saved = keep(services, context, released or {}, run, (name or "", note or ""))
    except InputError as error:
        free = services.scenarios.free_name(context.user, context.site, name or "")
        return notice(save_sentences(error, run.loaded, free, context), "danger"), None
    listed = html.A(_("See all scenarios"), href=context.address("scenarios"))
    message = _("Saved as “{name}”.", name=saved.name)
    return html.Div([html.P([message, " ", listed])], className="notice notice-info"), {
        "id": saved.id,
        "query": f"?scenario={saved.id}",
    }


def keep(
    services: Services, context: PageContext, released: Mapping[str, Any], run: Run, words: tuple[str, str]
) -> SavedScenario:
    """Store what was released: on top of the saved scenario that is open, or of today's budget."""
    user, site, scenario = context.user, context.site, released.get("scenario")
    if scenario is not None:
        return services.scenarios.save_from(user, site, scenario, released["changes"], *words)
    texts = {code: str(amount) for code, amount in run.changes.items()}
    return services.scenarios.save(user, site, run.loaded.sha256, texts, *words)


def register_callbacks(app: Dash, services: Services) -> None:
    def context_of(path: str) -> PageContext:
        return app.router.context_of(path)

    app.callback(
        Output(Ids.ANSWER, "data"),
        Input(Ids.RELEASED, "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda released, path: answer_release(services, context_of(path), released))
    app.callback(
        Output(Ids.SAVE_MESSAGE, "children"),
        Output(Ids.SAVED, "data"),
        Input(Ids.SAVE, "n_clicks"),
        State(Ids.RELEASED, "data"),
        State(Ids.NAME, "value"),
        State(Ids.NOTE, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda _clicks, released, name, note, path: save(services, context_of(path), released, name, note))
    app.callback(
        Output(Ids.BEST, "children"),
        Input(Ids.ANSWER, "data"),
        State(Ids.RELEASED, "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda _answer, released, path: compare_with_best(services, context_of(path), released))
    for function, output, store in (
        ("start", Ids.STARTED, Ids.VIEW),
        ("settle", Ids.SETTLED, Ids.ANSWER),
        ("saved", Ids.FOLLOWED, Ids.SAVED),
    ):
        app.clientside_callback(ClientsideFunction("simulate", function), Output(output, "data"), Input(store, "data"))
