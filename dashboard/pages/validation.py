"""Validation: a survey round from draft to published. What the rules found, corrections, states, who took part."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from dashboard.components import keep_in_address, no_data, page_header, select
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.validation_actions import ACTIONS, FIELDS, act, preview, show_groups, show_round
from dashboard.pages.validation_cards import content
from dashboard.pages.validation_figures import CATALOGUE_NAME
from dashboard.pages.validation_parts import Ids
from dashboard.router import Resource
from dashboard.services import Services
from data.workflows.round_states import VALIDATORS

NAME = "validation"
TITLE = mark("Validation")
GROUP = Group.SURVEY
ROLES = VALIDATORS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# ---- layout ------------------------------------------------------------------------------------------------------


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.validation.board(context.user, context.site, context.query.get("round"))
    subtitle = _("A survey round is checked, corrected and validated before it is published; then it never changes.")
    header = page_header(_(TITLE), subtitle)
    if board is None:
        nothing = no_data(
            _("This site has no survey round yet."), _("Import one; it begins as a draft and is validated here.")
        )
        return html.Div([header, nothing])
    options = [{"label": code, "value": code} for code, _state in board.rounds]
    return html.Div(
        [
            header,
            html.Div(select(Ids.ROUND, _("Survey round"), options, board.code), className="filters"),
            html.Div(id=Ids.MESSAGE, role="status"),
            dcc.Loading(
                html.Div(content(board, context), id=Ids.CONTENT),
                delay_show=400,
                overlay_style={"visibility": "visible", "opacity": 0.5},
            ),
        ]
    )


# ---- files ---------------------------------------------------------------------------------------------------------


def report_file(services: Services, context: PageContext) -> Resource:
    board = services.validation.board(context.user, context.site, context.query.get("round"))
    code = board.code if board else context.query.get("round", "")
    content = services.validation.report(context.user, context.site, code, context.language)
    return Resource(content, XLSX, f"{context.site.slug}-{code}-{context.gettext(TITLE).lower()}.xlsx")


def cases_file(services: Services, context: PageContext) -> Resource:
    code, rule = context.query.get("round", ""), context.query.get("rule", "")
    content = services.validation.cases(context.user, context.site, code, rule)
    return Resource(content, "text/csv", f"{context.site.slug}-{code}-{rule}.csv")


QUERIES = {"report.xlsx": frozenset({"round"}), "cases.csv": frozenset({"round", "rule"})}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "report.xlsx": report_file,
    "cases.csv": cases_file,
}


# ---- callbacks -----------------------------------------------------------------------------------------------------


def register_callbacks(app: Dash, services: Services) -> None:
    def context_of(path: str) -> PageContext:
        return app.router.context_of(path)  # type: ignore[attr-defined]

    _register_actions(app, services)
    app.callback(
        Output(Ids.CONTENT, "children", allow_duplicate=True),
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Input(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda code, path: show_round(services, context_of(path), code))
    app.callback(
        Output(Ids.GROUPS, "children"),
        Input(Ids.RULE, "value"),
        State(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda rule, code, path: show_groups(services, context_of(path), code, rule))
    app.callback(
        Output(Ids.PREVIEW, "children"),
        Output(Ids.APPLY, "hidden"),
        Input(Ids.UPLOAD, "contents"),
        State(Ids.UPLOAD, "filename"),
        State(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda contents, name, code, path: preview(services, context_of(path), code, contents, name))
    app.callback(Output(CATALOGUE_NAME, "children"), Input(Ids.CATALOGUE, "filename"), prevent_initial_call=True)(
        lambda name: name or ""
    )
    keep_in_address(app, [Ids.ROUND])


def _register_actions(app: Dash, services: Services) -> None:
    """The buttons that change something, with all fields that they may need."""
    app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.MESSAGE, "children"),
        *[Input(button_id, "n_clicks") for button_id in ACTIONS],
        State(Ids.ROUND, "value"),
        State("location", "pathname"),
        *[State(component, prop) for component, prop in FIELDS.values()],
        prevent_initial_call=True,
    )(partial(_answer_action, app, services))


def _answer_action(app: Any, services: Services, *arguments: Any) -> tuple[Any, Any]:
    clicks, (code, path), values = (
        arguments[: len(ACTIONS)],
        arguments[len(ACTIONS) :][:2],
        arguments[len(ACTIONS) + 2 :],
    )
    if not any(clicks) or not ctx.triggered_id:
        raise PreventUpdate  # the buttons were drawn anew, nobody pressed one
    fields = dict(zip(FIELDS, values, strict=True))
    return act(services, app.router.context_of(path), ctx.triggered_id, code, fields)
