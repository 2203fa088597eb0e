"""One's own calculations in the background: where each stands, cancel, and the way to its answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard.components import Column, card, data_table, no_data, page_header
from dashboard.components.forms import plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.simulate import TRYERS
from dashboard.views.calculations import CalculationRow, Names, calculation_rows

NAME = "calculations"
TITLE = mark("My calculations")
GROUP = Group.SIMULATION
ROLES = TRYERS
POLL_MILLISECONDS = 2000


class Ids(StrEnum):
    """Components that callbacks talk to."""

    LIST = "calculations-list"
    TIMER = "calculations-timer"
    SEEN = "calculations-seen"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    rows = rows_of(services, context)
    subtitle = _(
        "What you asked to be computed in the background at this site. Only you see it. The last 50 are listed."
    )
    return html.Div(
        [
            page_header(_(TITLE), subtitle),
            card(_("Calculations"), html.Div(listed(rows, context), id=Ids.LIST)),
            dcc.Store(id=Ids.SEEN, data=standing(rows)),
            dcc.Interval(id=Ids.TIMER, interval=POLL_MILLISECONDS, disabled=not has_active(rows)),
        ],
        className="calculations",
    )


def rows_of(services: Services, context: PageContext) -> list[CalculationRow]:
    scenarios = {one.id: one.name for one in services.scenarios.list(context.user, context.site)}
    names = Names(scenarios, uploads_of(services, context))
    return calculation_rows(services.jobs.list(context.user, context.site), names, context)


def uploads_of(services: Services, context: PageContext) -> dict[str, str]:
    """Budget files of the person that wait, by token; none for who may not import any."""
    if not services.budget_imports.may_import(context.user, context.site):
        return {}
    waiting = services.budget_imports.waiting(context.user, context.site)
    return {one.token: ", ".join(one.data) for one in waiting}


def standing(rows: list[CalculationRow]) -> str:
    """What the list shows, in short: it is written anew only where this changes, so that nobody loses her place."""
    return " ".join(f"{row.id}:{row.state}:{row.can_cancel}:{len(row.details)}" for row in rows)


def has_active(rows: list[CalculationRow]) -> bool:
    return any(row.is_active for row in rows)


def listed(rows: list[CalculationRow], context: PageContext) -> Any:
    _ = context.gettext
    if not rows:
        hint = _("Open “Best reallocation”, “How sure is it?” or “Compare scenarios” and start one.")
        return no_data(_("You have asked for no calculation here yet."), hint)
    columns = [
        Column(_("Calculation")),
        Column(_("About")),
        Column(_("Asked for on (UTC)")),
        Column(_("State")),
        Column(_("Answer")),
    ]
    cells = [[html.Span(row.kind), row.question, row.asked_on, state(row), way_on(row, context)] for row in rows]
    return data_table(_("The newest first"), columns, cells)


def state(row: CalculationRow) -> html.Div:
    return html.Div([html.Span(row.state), *(html.P(sentence, className="hint") for sentence in row.details)])


def way_on(row: CalculationRow, context: PageContext) -> Any:
    """The answer of what is done; the end of what goes on."""
    _ = context.gettext
    if row.can_cancel:
        button = submit(_("Cancel"), "job", row.id, "outline-secondary")
        return plain_form(context.address(f"{NAME}/cancel"), [button])
    if not row.address:
        return "–"
    hint = html.Span(f" {row.kind}, {row.asked_on}", className="visually-hidden")
    return html.A([_("See the answer"), hint], href=row.address)


def cancel(services: Services, context: PageContext, posted: Posted) -> str:
    services.jobs.cancel(context.user, context.site, posted.fields.get("job", ""))
    return context.address(NAME)


ACTIONS = {"cancel": cancel}


def refresh(services: Services, context: PageContext, seen: Any) -> tuple[Any, str, bool]:
    rows = rows_of(services, context)
    now = standing(rows)
    return no_update if now == seen else listed(rows, context), now, not has_active(rows)


def register_callbacks(app: Dash, services: Services) -> None:
    app.callback(
        Output(Ids.LIST, "children"),
        Output(Ids.SEEN, "data"),
        Output(Ids.TIMER, "disabled"),
        Input(Ids.TIMER, "n_intervals"),
        State(Ids.SEEN, "data"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda _ticks, seen, path: refresh(services, app.router.context_of(path), seen))
