"""Review desk: budget lines in a grid whose rows come from the server, the panel of a line, bulk steps, agreement.

Keyboard first: `assets/50-review.js` moves through the grid and presses the panel's buttons. Phones get a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Input, Output, State, dcc, html

from budget_model.errors import InputError
from dashboard.components import Column, data_table, keep_in_address, no_data, notice, page_header, select
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages import review_rows, review_steps
from dashboard.pages.review_bulk import CHOICES, bulk_part, chosen_filters, register_bulk
from dashboard.pages.review_grid import GRID, grid_place
from dashboard.pages.review_list import address_of, listed_lines
from dashboard.pages.review_panel import Filled, line_panel
from dashboard.pages.review_raters import RaterIds, agreement_part, rate, rater_part, rating_layout
from dashboard.pages.review_steps import DONE, MESSAGE, OPEN, PANEL, post_step, register_steps
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import PLANNERS, SIGNED_IN, may
from dashboard.services.tags import DOUBTERS
from dashboard.shown_errors import sentences_of
from dashboard.views.review import (
    GROUPINGS,
    SHOWN,
    DeskFilters,
    count_sentence,
    desk_filters,
    group_cells,
    queue_query,
)
from dashboard.views.review_tags import WITH_SCHEME, code_label
from dashboard.views.suggestions import filled_note
from dashboard.views.words import label_key_name

NAME = "review"
TITLE = mark("Review desk")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
LIBRARIES = ("dash_ag_grid",)
MOST_GROUPS = 60
NOTHING = "-"
SHORTCUTS = {
    "j, ↓": mark("next line"),
    "k, ↑": mark("line before"),
    "x": mark("tick the line"),
    "p": mark("show or hide the panel of the line"),
    "e": mark("go to the form of the line"),
    "r": mark("mark as reviewed"),
    "a": mark("approve"),
    "d": mark("go to the reason of a dispute"),
    "/": mark("go to the search"),
    "Esc": mark("back to the list"),
    "?": mark("show or hide this help"),
}


class Ids(StrEnum):
    """Components that callbacks and scripts talk to."""

    YEAR = "review-year"
    SHOW = "review-show"
    MARKER = "review-marker"
    TEXT = "review-text"
    BY = "review-by"
    PART = "review-part"
    SUMMARY = "review-summary"
    GROUPS = "review-groups"
    LIST = "review-list"
    LIST_WANTED = "review-list-wanted"
    OVERVIEW_WANTED = "review-overview-wanted"
    WATCHED = "review-watched"
    KEYS_ON = "review-keys-on"


FILTERS = (Ids.YEAR, Ids.SHOW, Ids.MARKER, Ids.TEXT, Ids.BY, Ids.PART)  # in the order of CHOICES


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    if context.query.get("rate"):
        return rating_layout(services, context, context.query["rate"])
    years = services.tags.years(context.user, context.site)
    header = page_header(
        _(TITLE), _("What each budget line has to do with women and men: proposed, reviewed, approved.")
    )
    if not years:
        how = _("Bring a budget file in on the page “Budget files”.")
        return html.Div([header, no_data(_("There are no budget lines of this site yet."), how)])
    labels = labels_of(services, context, years)
    filters = desk_filters(context.query, years, labels)
    sides = [left(services, context, filters, labels), right(services, context, filters)]
    beside = " has-panel" if context.query.get("line") else ""  # nothing is chosen: the grid has all the room
    desk = html.Div(sides, id="review-desk", className=f"review-desk{beside}")
    parts = [header, filter_bar(services, context, filters, years, labels), desk]
    if may(context.user, PLANNERS, context.site):
        parts.append(bulk_part(services.tags.schemes(), context))
    parts.append(rater_part(services, context, filters.year, may(context.user, DOUBTERS, context.site)))
    stores = [dcc.Store(id=name) for name in (OPEN, DONE, Ids.WATCHED, Ids.LIST_WANTED, Ids.OVERVIEW_WANTED)]
    return html.Div([*parts, *stores], className="review")


def labels_of(services: Services, context: PageContext, years: Sequence[int]) -> list[str]:
    """Labels that the newest year's lines carry, from its first lines."""
    asked = context.query.get("year", "")
    year = int(asked) if asked.isdigit() and int(asked) in years else max(years)
    return list(services.tags.labels(context.user, context.site, year))


# --- choices -------------------------------------------------------------------------------------------------------


def filter_bar(
    services: Services, context: PageContext, filters: DeskFilters, years: Sequence[int], labels: Sequence[str]
) -> html.Div:
    _ = context.gettext
    scheme = services.tags.schemes()[WITH_SCHEME["marker"]]
    markers = [{"value": one.code, "label": code_label(scheme, one.code, context)} for one in scheme.categories]
    groupings = [{"value": name, "label": label_key_name(name, context)} for name in GROUPINGS if name in labels]
    nothing = {"value": NOTHING, "label": "–"}
    search = [
        dbc.Label(_("Words in the line"), html_for=Ids.TEXT, class_name="form-label"),
        dbc.Input(id=Ids.TEXT, type="search", value=filters.text, debounce=True, autocomplete="off"),
    ]
    part = dbc.Input(id=Ids.PART, type="hidden", value=filters.part)
    shown = [{"value": name, "label": _(words)} for name, words in SHOWN.items()]
    return html.Div(
        [
            select(
                Ids.YEAR, _("Year"), [{"value": str(y), "label": str(y)} for y in reversed(years)], str(filters.year)
            ),
            select(Ids.SHOW, _("Lines"), shown, filters.show),
            select(Ids.MARKER, _("Gender marker"), [nothing, *markers], filters.marker or NOTHING),
            html.Div(search),
            select(Ids.BY, _("Sum by"), [nothing, *groupings], filters.by or NOTHING),
            part,
        ],
        className="filters",
    )


# --- grid, groups and list -----------------------------------------------------------------------------------------


def left(services: Services, context: PageContext, filters: DeskFilters, labels: Sequence[str]) -> html.Div:
    _ = context.gettext
    summary, groups = overview(services, context, filters)
    listed = listed_lines(services, context, filters)
    return html.Div(
        [
            html.Div([html.P(summary, id=Ids.SUMMARY, role="status"), panel_switch(context)], className="review-told"),
            html.Div(groups, id=Ids.GROUPS),
            grid_place(context, labels),
            html.Div(listed, id=Ids.LIST, className="review-list"),
            shortcuts(context),
        ],
        className="review-left",
    )


def panel_switch(context: PageContext) -> html.Button:
    """Shows and hides the panel; `50-review.js` does it, and its key."""
    _ = context.gettext
    is_open = bool(context.query.get("line"))
    words = {"data-show": _("Show the panel of the line"), "data-hide": _("Hide the panel of the line")}
    state = {"aria-expanded": str(is_open).lower(), "aria-controls": PANEL}
    label = words["data-hide"] if is_open else words["data-show"]
    return html.Button(label, id="review-panel-switch", className="btn btn-outline-secondary btn-sm", **words, **state)


def overview(services: Services, context: PageContext, filters: DeskFilters) -> tuple[str, Any]:
    """What stands above the grid: the sentence of counts, and the sums."""
    count, states = services.tags.counts(context.user, context.site, queue_query(filters, context.user.login))
    return count_sentence(count, states, filters, context), groups_part(services, context, filters)


def groups_part(services: Services, context: PageContext, filters: DeskFilters) -> Any:
    """Sums by a label; each name narrows the lines to that part."""
    _ = context.gettext
    if not filters.by:
        return None
    whole = DeskFilters(filters.year, filters.show, filters.marker, filters.text)
    query = queue_query(whole, context.user.login)
    found = services.tags.groups(context.user, context.site, query, filters.by)
    largest = sorted(found, key=lambda one: -(one.amounts.get("pim") or 0))[:MOST_GROUPS]
    name = label_key_name(filters.by, context)
    rows = [[group_link(one.label, filters, context), *group_cells(one, context)] for one in largest]
    titles = (_("Lines"), _("Tagged"), _("Approved"), _("Modified budget (PIM)"), _("Accrued"))
    header = [Column(name), *(Column(title, True) for title in titles)]
    caption = _("Sums of the lines by {label}, the largest first ({shown} of {total})")
    table = data_table(caption.format(label=name.lower(), shown=len(rows), total=len(found)), header, rows)
    return html.Div([table, whole_link(filters, context)], className="panel review-groups")


def group_link(label: str, filters: DeskFilters, context: PageContext) -> Any:
    if not label:
        return context.gettext("Without label")
    current = {"aria-current": "true"} if label == filters.part else {}
    return html.A(label, href=address_of(filters, context, part=label), **current)


def whole_link(filters: DeskFilters, context: PageContext) -> Any:
    if not filters.part:
        return None
    told = context.gettext("Only “{part}” is shown.", part=filters.part)
    return html.P([told, " ", html.A(context.gettext("Show all parts"), href=address_of(filters, context, part=""))])


def shortcuts(context: PageContext) -> html.Details:
    """The keys, and the box that switches them off."""
    _ = context.gettext
    rows = [(keys, _(words)) for keys, words in SHORTCUTS.items()]
    return html.Details(
        [
            html.Summary(_("Keyboard shortcuts")),
            dbc.Checkbox(id=Ids.KEYS_ON, label=_("Shortcuts of one letter are on"), value=True, persistence=True),
            data_table(
                _("They work outside of fields, in the list and the panel"), [Column(_("Key")), Column(_("What"))], rows
            ),
        ],
        id="review-shortcuts",
        className="review-shortcuts",
    )


def right(services: Services, context: PageContext, filters: DeskFilters) -> html.Div:
    """The panel: the line of the address, or what to do."""
    _ = context.gettext
    message, code = None, context.query.get("line", "")
    empty = html.P(_("Choose a line: its amounts, history and form appear here."), className="hint")
    content: Any = [html.H2(_("Line")), empty]
    if code:
        try:
            content = line_panel(
                services, context, (filters.year, code), filled_by_suggestion(services, context, filters.year, code)
            )
        except InputError as refusal:
            message = notice(sentences_of(refusal, context), "danger")
    lost = _("No answer came. Load the page again to see whether the step was stored.")
    data = {"aria-label": _("Line"), "data-steps": f"{context.address(NAME)}/{review_steps.NAME}", "data-lost": lost}
    panel = html.Section(content, id=PANEL, className="panel review-panel", tabIndex=-1, **data)
    return html.Div([html.Div(message, id=MESSAGE, role="alert"), panel], className="review-right")


def filled_by_suggestion(services: Services, context: PageContext, year: int, code: str) -> Filled | None:
    """The suggestion that the address asks for; only for those who may propose."""
    if context.query.get("suggestion") != "yes" or not may(context.user, PLANNERS, context.site):
        return None
    line = services.suggestions.line(context.user, context.site, year, code)
    return Filled(line.content, filled_note(line, services.tags.schemes(), context)) if line else None


# --- callbacks -----------------------------------------------------------------------------------------------------


def answer_overview(app: Any, services: Services, _asked: Any, *sent: Any) -> tuple[str, Any]:
    *choices, path = sent
    context = app.router.context_of(path)
    return overview(services, context, chosen_filters(services, context, choices))


def answer_list(app: Any, services: Services, _asked: Any, path: str, *choices: Any) -> list[Any]:
    context = app.router.context_of(path)
    return listed_lines(services, context, chosen_filters(services, context, choices))


def answer_agreement(app: Any, services: Services, scheme: str, year: Any, path: str) -> Any:
    context = app.router.context_of(path)
    known = services.tags.schemes()
    years = services.tags.years(context.user, context.site)
    chosen = int(year) if str(year or "").isdigit() and int(year) in years else max(years)
    return agreement_part(services, context, scheme if scheme in known else RATED_FIRST, chosen)


RATED_FIRST = "oecd_dac"
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {review_rows.NAME: review_rows.rows_file}
QUERIES = {review_rows.NAME: review_rows.QUERY}
ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {"rate": rate, review_steps.NAME: post_step}


def register_callbacks(app: Any, services: Services) -> None:
    path = State("location", "pathname")
    states = [State(name, "value") for name in FILTERS]
    assert len(states) == len(CHOICES)
    app.callback(
        [Output(Ids.SUMMARY, "children"), Output(Ids.GROUPS, "children")],
        Input(Ids.OVERVIEW_WANTED, "data"),  # not where the rows bring the sentence, and nothing is summed
        [*states, path],
        prevent_initial_call=True,
    )(partial(answer_overview, app, services))
    app.callback(
        Output(Ids.LIST, "children"),
        Input(Ids.LIST_WANTED, "data"),  # only where the list is shown: it takes as long as the grid's rows
        [path, *states],
        prevent_initial_call=True,
    )(partial(answer_list, app, services))
    app.callback(
        Output(RaterIds.FOUND, "children"),
        [Input(RaterIds.SCHEME, "value"), Input(Ids.YEAR, "value")],
        path,
        prevent_initial_call=True,
    )(partial(answer_agreement, app, services))
    register_steps(app, services)
    register_bulk(app, services, GRID, states)
    keep_in_address(app, list(FILTERS))
    for function, inputs in (
        ("watch", [Input(GRID, "id")]),
        ("giveRows", [Input(GRID, "getRowsRequest")]),
        ("renew", [Input(name, "value") for name in FILTERS]),
        ("refresh", [Input(DONE, "data")]),
    ):
        app.clientside_callback(
            ClientsideFunction("review", function),
            Output(Ids.WATCHED, "data", allow_duplicate=True),
            *inputs,
            prevent_initial_call=function != "watch" or "initial_duplicate",
        )
    app.clientside_callback(
        ClientsideFunction("review", "wantOverview"),
        Output(Ids.OVERVIEW_WANTED, "data"),
        [Input(DONE, "data"), *[Input(name, "value") for name in FILTERS]],
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("review", "wantList"),
        Output(Ids.LIST_WANTED, "data"),
        Input(Ids.SUMMARY, "children"),
        prevent_initial_call=True,
    )
