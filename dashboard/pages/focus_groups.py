"""Focus groups: priorities of women and men beside what the survey found, sessions to enter, weights of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from dashboard.components import (
    card,
    page_header,
    select,
)
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.focus_answers import change_mix, save, withdraw
from dashboard.pages.focus_cards import Ids, content
from dashboard.pages.focus_form import (
    FIELDS,
    FormIds,
    Typed,
    form_class,
    labelled,
    record_from,
    session_form,
)
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.focus_groups import FocusBoard
from dashboard.views.focus_groups import need_names
from dashboard.views.focus_words import WEIGHTINGS

NAME = "focus-groups"
TITLE = mark("Focus groups")
GROUP = Group.LACKING
ROLES = SIGNED_IN


# ---- layout ----------------------------------------------------------------------------------------------------------


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.focus_groups.board(context.user, context.site)
    subtitle = _("What women and men put first when they are asked in groups, beside what the survey counts.")
    code = context.query.get("edit")
    parts = [html.Div(content(board, context), id=Ids.CONTENT)]
    if board.may_record:
        form = form_card(services, board, context, code)
        parts = [form, *parts] if code else [*parts, form]
    if board.may_mix:
        parts.append(mix_form(board, context))
    return html.Div([page_header(_(TITLE), subtitle), *parts])


def button(button_id: str, label: str, kind: str = "outline-secondary", **options: Any) -> html.Button:
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


def form_card(services: Services, board: FocusBoard, context: PageContext, code: str | None) -> html.Section:
    """The form with its messages and buttons; with a code it edits that session."""
    _ = context.gettext
    editing = services.focus_groups.to_edit(context.user, context.site, code) if code else None
    title = _("Edit {code}", code=code) if code else _("Enter a session")
    confirm = dbc.Checkbox(
        id=Ids.CONFIRM, value=False, label=_("I have checked it: none of this names a person or says how to reach one.")
    )
    hints = html.Div(
        [html.Div(id=Ids.HINT_LIST), confirm], id=Ids.HINT_BOX, hidden=True, className="notice notice-warning"
    )
    buttons = [
        button(Ids.SAVE, _("Save the session"), "primary"),
        button(Ids.WITHDRAW, _("Withdraw the session"), hidden=editing is None),
    ]
    body = [
        html.Div(session_form(board, context, editing), id=Ids.FORM_BOX),
        dcc.Store(id=Ids.HINTS, data=[]),
        hints,
        html.Div(id=Ids.MESSAGE, role="status"),
        html.Div(buttons, className="entry-buttons"),
    ]
    told = _("Nothing is overwritten: a change is kept as a new version, with who and when.")
    return card(title, body, subtitle=told)


def mix_form(board: FocusBoard, context: PageContext) -> html.Section:
    """How far the focus groups count: for those who plan."""
    _ = context.gettext
    share = dbc.Input(
        id=Ids.MIX, type="text", inputmode="numeric", autocomplete="off", value=str(int(board.mix.focus_share * 100))
    )
    weightings = [{"label": _(name), "value": code} for code, name in WEIGHTINGS.items()]
    weighting = select(Ids.WEIGHTING, _("What a session counts by"), weightings, board.mix.weighting)
    weighting.className = "field wide"
    reason = dbc.Input(id=Ids.MIX_REASON, maxlength=500, autocomplete="off", value="")
    told = _(
        "Weight of a need = (1 − share) · 1 + share · (its priority over the mean priority of the needs on the table). "
        "It changes the weighted coverage in Simulate; scenarios that are saved keep the weights of their day."
    )
    return card(
        _("Change the mix"),
        [
            html.Div(
                [
                    labelled(_("Share of the focus groups (%)"), share),
                    weighting,
                    labelled(_("Reason, and who agreed"), reason),
                ],
                className="form-grid focus-form",
            ),
            html.Div(id=Ids.MIX_MESSAGE, role="status"),
            html.Div([button(Ids.SET_MIX, _("Set the mix"))], className="entry-buttons"),
        ],
        subtitle=told,
    )


# ---- callbacks -------------------------------------------------------------------------------------------------------


def typed_fields(values: Sequence[Any], ids: Sequence[Mapping[str, str]]) -> Typed:
    return list(zip(ids, values, strict=True))


def register_callbacks(app: Dash, services: Services) -> None:
    _register_entry(app, services)
    app.callback(Output(FormIds.FORM, "className"), Input(FormIds.COMPOSITION, "value"), prevent_initial_call=True)(
        form_class
    )
    app.callback(
        Output(Ids.CONTENT, "children", allow_duplicate=True),
        Output(Ids.MIX_MESSAGE, "children"),
        Input(Ids.SET_MIX, "n_clicks"),
        State(Ids.MIX, "value"),
        State(Ids.WEIGHTING, "value"),
        State(Ids.MIX_REASON, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(_answer_mix, app, services))


def _register_entry(app: Dash, services: Services) -> None:
    """The form of a session and its two buttons."""
    people_field = {"type": "focus-people", "sex": ALL, "band": ALL}
    score_field = {"type": "focus-score", "group": ALL, "need": ALL}
    app.callback(
        Output(Ids.CONTENT, "children"),
        Output(Ids.FORM_BOX, "children"),
        Output(Ids.MESSAGE, "children"),
        Output(Ids.HINT_LIST, "children"),
        Output(Ids.HINT_BOX, "hidden"),
        Output(Ids.HINTS, "data"),
        Output(Ids.CONFIRM, "value"),
        Input(Ids.SAVE, "n_clicks"),
        Input(Ids.WITHDRAW, "n_clicks"),
        State("location", "pathname"),
        State(Ids.HINTS, "data"),
        State(Ids.CONFIRM, "value"),
        State(people_field, "value"),
        State(people_field, "id"),
        State(score_field, "value"),
        State(score_field, "id"),
        *[State(component, prop) for component, prop in FIELDS.values()],
        prevent_initial_call=True,
    )(partial(_answer_entry, app, services))


def _answer_entry(
    app: Any,
    services: Services,
    save_clicks: int | None,
    withdraw_clicks: int | None,
    path: str,
    shown_hints: list[str] | None,
    is_confirmed: bool | None,
    people: list[Any],
    people_ids: list[dict[str, str]],
    scores: list[Any],
    score_ids: list[dict[str, str]],
    *values: Any,
) -> tuple[Any, ...]:
    if not (save_clicks or withdraw_clicks) or not ctx.triggered_id:
        raise PreventUpdate  # the buttons were drawn anew, nobody pressed one
    context, fields = app.router.context_of(path), dict(zip(FIELDS, values, strict=True))
    if ctx.triggered_id == Ids.WITHDRAW:
        return withdraw(services, context, fields)
    names = need_names(services.focus_groups.board(context.user, context.site), context)
    record_of = partial(record_from, fields, typed_fields(people, people_ids), typed_fields(scores, score_ids), names)
    return save(services, context, record_of, fields, shown_hints or [], bool(is_confirmed))


def _answer_mix(app: Any, services: Services, _clicks: Any, share: Any, weighting: Any, reason: Any, path: str) -> Any:
    return change_mix(services, app.router.context_of(path), share, weighting, reason)
