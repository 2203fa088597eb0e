"""Review desk: what its buttons do to a tag, and what the reader is told when a step is refused.

The buttons post to an address of their own (`assets/51-review-steps.js`): on the way through Dash, which gathers every
field of the form one by one, a step takes the browser longer than storing it takes the server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from dash import ALL, Input, Output, State, ctx, html, no_update
from plotly.io.json import to_json_plotly

from budget_model.errors import BudgetModelError, InputError, StaleVersionError
from dashboard.auth.callback_body import is_choice
from dashboard.components import notice
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.pages.review_form import ITEM, NOTHING, SCORE
from dashboard.pages.review_panel import (
    USE,
    PanelIds,
    filled_by_similar,
    form_title,
    line_head,
    line_panel,
    similar_part,
    step_data,
)
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.tags import Key
from dashboard.shown_errors import sentences_of
from dashboard.views.review import grid_row, key_of
from dashboard.views.review_tags import HGDG, content_of, refusal_sentences, score_sentence
from data.workflows.tag_steps import TagState

PANEL, MESSAGE, DONE, OPEN = "review-panel", "review-message", "review-done", "review-open"
NAME = "step"  # the address below the page's
FORM_PATH = re.compile(r"[a-z_]+|need\.\d{1,2}\.(id|weight|overlap)")  # what a field of the form may be called
SAID = {
    "proposed": mark("Proposed. Somebody else reviews it now."),
    "reviewed": mark("Reviewed. It can be approved now."),
    "approved": mark("Approved. This version counts from now on."),
    "disputed": mark("Disputed. A new proposal answers it."),
}
REWRITES_FORM = (PanelIds.RETURN, PanelIds.DISPUTE)  # the form then holds another version, or is unfolded
Answer = tuple[Any, Any, Any]  # panel (its head, where the form stays), message, what is done


@dataclass(frozen=True)
class Typed:
    """What the panel holds when a button is pressed; the browser's words, taken for nothing but text."""

    key: Key
    based_on: int
    values: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    version: str = ""


Take = Callable[[Services, PageContext, Typed], TagState]


def propose(services: Services, context: PageContext, typed: Typed) -> TagState:
    """What the form says becomes a proposal."""
    evidence = [line for line in str(typed.values.get("evidence") or "").splitlines() if line.strip()]
    content = content_of(typed.values, typed.answers)
    rationale = str(typed.values.get("rationale") or "")
    return services.tags.propose(context.user, context.site, typed.key, content, rationale, evidence, typed.based_on)


def go_back(services: Services, context: PageContext, typed: Typed) -> TagState:
    version = int(typed.version) if typed.version.isdigit() else 0
    return services.tags.go_back(context.user, context.site, typed.key, version, typed.based_on, typed.reason)


STEPS: dict[str, Take] = {
    PanelIds.PROPOSE: propose,
    PanelIds.REVIEW: lambda services, context, typed: services.tags.review(
        context.user, context.site, typed.key, typed.based_on, typed.reason
    ),
    PanelIds.APPROVE: lambda services, context, typed: services.tags.approve(
        context.user, context.site, typed.key, typed.based_on, typed.reason
    ),
    PanelIds.DISPUTE: lambda services, context, typed: services.tags.dispute(
        context.user, context.site, typed.key, typed.based_on, typed.reason
    ),
    PanelIds.RETURN: go_back,
}


def take_step(services: Services, context: PageContext, step: str, typed: Typed) -> Answer:
    """Take a step; a refusal leaves the panel as it is, with everything that was written in it."""
    try:
        state = STEPS[step](services, context, typed)
    except StaleVersionError as stale:
        return no_update, conflict(stale, step, context), no_update
    except InputError as refusal:
        return no_update, notice(refusal_sentences(refusal, context), "danger"), no_update
    shown = line_panel if step in REWRITES_FORM else line_head
    finished = done(services, context, state)
    return shown(services, context, typed.key), said(state, context), finished


def done(services: Services, context: PageContext, state: TagState) -> dict[str, Any]:
    """What the grid needs to show the step without asking for all its rows again."""
    key = (state.year, state.code)
    row = services.tags.row(context.user, context.site, key)
    return {"version": state.version, "key": key, "row": grid_row(row, context) if row else None}


def said(state: TagState, context: PageContext) -> html.Div:
    _ = context.gettext
    if not state.saved:
        return notice([_("The tag says this already: nothing was stored.")], "info")
    return notice([_(SAID[state.state]), *counting(state, context)], "info")


def counting(state: TagState, context: PageContext) -> list[str]:
    """What goes on counting beside a step that does not count."""
    if state.approved_version is None or state.approved_version == state.version:
        return []
    told = context.gettext(
        "Version {version} goes on counting until another one is approved.", version=state.approved_version
    )
    return [told]


def conflict(stale: StaleVersionError, step: str, context: PageContext) -> html.Div:
    """What the other person did. What was written stays in the form and can be proposed on top of theirs."""
    _ = context.gettext
    told = notice(sentences_of(stale, context), "danger")
    if step != PanelIds.PROPOSE:
        return told
    button = html.Button(
        _("Propose mine on top of version {version}", version=stale.found),
        id="review-on-top",
        className="btn btn-outline-secondary",
        **step_data(PanelIds.PROPOSE, stale.found),
    )
    return html.Div([told, html.Div(button, className="buttons")])


# --- what is posted ------------------------------------------------------------------------------------------------


def post_step(services: Services, context: PageContext, posted: Posted) -> Resource:
    """One of the buttons of the panel was pressed: what the page shows then, as components and the row of the grid."""
    asked = step_of(posted.fields.get("sent", ""))
    if asked is None:
        told = notice([context.gettext("The request was not understood: load the page again.")], "danger")
        return as_json({"message": told, "done": None})
    step, typed = asked
    try:
        shown, message, finished = take_step(services, context, step, typed)
    except BudgetModelError as refusal:  # no role, or a line that is not there
        shown, message, finished = no_update, notice(sentences_of(refusal, context), "danger"), no_update
    if finished is no_update:
        return as_json({"message": message, "done": None})
    answer = {"message": message, "done": finished}
    if step in REWRITES_FORM:
        return as_json({**answer, "panel": shown})
    return as_json({**answer, "head": shown, "title": form_title(True, context), "folds": step == PanelIds.PROPOSE})


def as_json(answer: Mapping[str, Any]) -> Resource:
    return Resource(to_json_plotly(answer).encode(), "application/json")


def step_of(sent: str) -> tuple[str, Typed] | None:
    """Which step on which line, and what the panel holds; None for what the page's script would not have sent."""
    try:
        told = json.loads(sent)
    except ValueError:
        return None
    if not isinstance(told, Mapping) or told.get("step") not in STEPS:
        return None
    key, base = key_of(told.get("key")), str(told.get("based_on"))
    values, points = fields_of(told.get("values")), fields_of(told.get("points"))
    if key is None or values is None or points is None or not base.isdecimal():
        return None
    fields = {path: value for path, value in values.items() if FORM_PATH.fullmatch(path)}
    answers = {item: str(value) for item, value in points.items() if value}
    reason, version = str(told.get("reason") or ""), str(told.get("version") or "")
    return str(told["step"]), Typed(key, int(base), fields, answers, reason, version)


def fields_of(sent: Any) -> dict[str, Any] | None:
    """Values of fields by their path; a select's sign for nothing is nothing. None where it is no such thing."""
    if not isinstance(sent, Mapping) or not all(is_choice(value) for value in sent.values()):
        return None
    return {str(path): "" if value == NOTHING else value for path, value in sent.items()}


# --- callbacks -----------------------------------------------------------------------------------------------------


def by_path(values: Sequence[Any], ids: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Values of fields by their path; a select's sign for nothing is nothing."""
    return {place["path"]: "" if value == NOTHING else value for place, value in zip(ids, values, strict=True)}


def show_line(app: Any, services: Services, opened: Any, path: str) -> tuple[Any, Any]:
    """The panel of the line that was chosen, and an empty message."""
    key = key_of(opened)
    if key is None:
        return no_update, no_update
    return line_panel(services, app.router.context_of(path), key), None


def show_similar(app: Any, services: Services, shown: Any, path: str) -> Any:
    """Lines like the one in the panel, once the panel stands."""
    key = key_of(shown)
    return no_update if key is None else similar_part(services, app.router.context_of(path), key)


def use_similar(app: Any, services: Services, _clicks: Any, key: Any, path: str) -> Any:
    """The panel again, its form filled with the tag of a similar line."""
    line, taken = key_of(key), key_of(ctx.triggered_id["path"]) if isinstance(ctx.triggered_id, Mapping) else None
    if line is None or taken is None or not (ctx.triggered and ctx.triggered[0]["value"]):
        return no_update
    context = app.router.context_of(path)
    found = services.tags.similar(context.user, context.site, line)
    chosen = next((one for one in found if (one.year, one.code) == taken), None)
    return line_panel(services, context, line, filled_by_similar(chosen, context)) if chosen else no_update


def show_score(app: Any, services: Services, points: Sequence[Any], items: Any, path: str) -> str:
    """The points of the HGDG form as far as it is answered."""
    answers = {item: str(value) for item, value in by_path(points, items).items() if value}
    return score_sentence(services.tags.schemes()[HGDG], answers, app.router.context_of(path))


def register_steps(app: Any, services: Services) -> None:
    path = State("location", "pathname")
    app.callback(
        [Output(PANEL, "children"), Output(MESSAGE, "children")],
        Input(OPEN, "data"),
        path,
        prevent_initial_call=True,
    )(partial(show_line, app, services))
    app.callback(
        Output(PANEL, "children", allow_duplicate=True),
        Input({"type": USE, "path": ALL}, "n_clicks"),
        [State(PanelIds.KEY, "data"), path],
        prevent_initial_call=True,
    )(partial(use_similar, app, services))
    app.callback(Output(PanelIds.SIMILAR, "children"), Input(PanelIds.KEY, "data"), path)(
        partial(show_similar, app, services)
    )
    app.callback(
        Output(SCORE, "children"),
        Input({"type": ITEM, "path": ALL}, "value"),
        [State({"type": ITEM, "path": ALL}, "id"), path],
        prevent_initial_call=True,
    )(partial(show_score, app, services))
