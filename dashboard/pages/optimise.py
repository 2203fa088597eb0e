"""Optimise: the best reallocation under conditions set in plain words, and what one takes over of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, State, dcc, html

from budget_model.errors import InputError, NotFoundError
from dashboard.components import card, notice, page_header
from dashboard.components.job_panel import JobPanel
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.optimise_answer import show_best, show_frontier
from dashboard.pages.simulate import nothing_yet
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.optimise import FRONTIER_KIND, KIND
from dashboard.services.simulate import TRYERS
from dashboard.shown_errors import ToldError
from dashboard.views.optimise import OBJECTIVES, need_options
from dashboard.views.simulate_names import budget_of
from dashboard.views.simulate_start import Start, start_of

NAME = "optimise"
TITLE = mark("Best reallocation")
GROUP = Group.SIMULATION
ROLES = TRYERS


class Ids(StrEnum):
    """Components that callbacks talk to."""

    START = "optimise-start-from"
    OBJECTIVE = "optimise-objective"
    BUDGET = "optimise-budget"
    CHANGE = "optimise-change"
    PROTECT = "optimise-protect"
    GAP = "optimise-gap"
    NEED = "optimise-need"
    TARGET = "optimise-target"


STATES = tuple(
    State(part, "data" if part is Ids.START else "value")
    for part in (Ids.START, Ids.OBJECTIVE, Ids.BUDGET, Ids.CHANGE, Ids.PROTECT, Ids.GAP, Ids.NEED, Ids.TARGET)
)


def question(services: Services, context: PageContext, *values: Any) -> Mapping[str, Any]:
    """The conditions of the form as the parameters of a job; what cannot be read is told in the reader's words."""
    start, objective, budget, change, protects, gap, need, target = values
    held = start if isinstance(start, dict) else {}
    return {
        "model": held.get("model"),
        "changes": held.get("changes") or {},
        "objective": objective,
        "budget": str(budget).strip() if budget not in (None, "") else None,
        "max_change": _percent(change),
        "protects_all": bool(protects),
        "max_gap": _percent(gap),
        "targets": {need: _percent(target)} if need and need != "-" and target not in (None, "") else {},
    }


def _percent(value: Any) -> Any:
    """A percentage of the form as a share; what is no number goes on as it is and is refused with its words."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value or None
    return value / 100


BEST = JobPanel("optimise-best", KIND, mark("Search"), show_best, question, STATES)
FRONTIER = JobPanel("optimise-frontier", FRONTIER_KIND, mark("Draw the frontier"), show_frontier, question, STATES)


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    try:
        start = start_of(services, context)
    except (InputError, NotFoundError) as error:
        return html.Div([page_header(_(TITLE)), nothing_yet(error, context)])
    user, site = context.user, context.site
    subtitle = _(
        "Which reallocation meets most under your conditions, and how far at most it is from the best there is."
    )
    news = services.jobs.latest(user, site, KIND)
    points = services.jobs.latest(user, site, FRONTIER_KIND)
    return html.Div(
        [
            page_header(_(TITLE), subtitle),
            notice(start.notices, "info") if start.notices else None,
            dcc.Store(id=Ids.START, data={"model": start.workbench.loaded.sha256, "changes": dict(start.changes)}),
            html.Div(
                [
                    card(_("Conditions"), form(start, context), className="optimise-conditions"),
                    html.Div(
                        [
                            card(_("Proposal"), BEST.layout(services, context, news), className="optimise-answer"),
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


def frontier_hint(context: PageContext) -> html.P:
    text = context.gettext(
        "How much does a smaller gap between women and men cost in needs met? Each point is the best for its gap. "
        "This can take a minute."
    )
    return html.P(text, className="hint")


def form(start: Start, context: PageContext) -> list[Any]:
    _, formats = context.gettext, context.formats
    loaded = start.workbench.loaded
    total = formats.money(budget_of(loaded.model), loaded.model.currency)
    objectives = [{"value": code, "label": _(words)} for code, words in OBJECTIVES.items()]
    needs = [{"value": "-", "label": _("none")}, *({"value": c, "label": n} for c, n in need_options(loaded, context))]
    from_where = (
        _("The search starts from the amounts of the address; limits on change are counted from there.")
        if start.changes
        else _("The search starts from today's budget of {total}.", total=total)
    )
    return [
        html.P(from_where),
        html.Fieldset(
            [
                html.Legend(_("What should it do?")),
                dbc.RadioItems(id=Ids.OBJECTIVE, options=objectives, value="total"),
            ]
        ),
        number(
            Ids.BUDGET, _("Most that may be spent a year"), loaded.model.currency, _("Empty: as much as at the start.")
        ),
        number(Ids.CHANGE, _("Most that a programme may change by"), "%", _("Of its money at the start."), 20, 1000),
        dbc.Checklist(
            id=Ids.PROTECT,
            options=[{"value": "yes", "label": _("Neither women nor men may be worse off in any need")}],
            value=[],
            switch=True,
        ),
        number(Ids.GAP, _("Most that women's and men's coverage may differ"), _("percentage points"), "", None, 100),
        html.Div(
            [
                html.Label(_("Target for one need"), htmlFor=Ids.NEED, className="form-label"),
                dbc.Select(id=Ids.NEED, options=needs, value="-"),
            ],
            className="field",
        ),
        number(Ids.TARGET, _("Lowest coverage of women and of men in that need"), "%", "", None, 100),
    ]


def number(
    part: str, label: str, unit: str, hint: str = "", value: float | None = None, most: float | None = None
) -> html.Div:
    """A field for a number with its unit."""
    limits = {} if most is None else {"max": most}
    made = dbc.Input(id=part, type="number", min=0, step="any", value=value, debounce=True, **limits)
    parts = [html.Label([label, f" ({unit})"], htmlFor=part, className="form-label"), made]
    return html.Div([*parts, html.P(hint, className="hint")] if hint else parts, className="field")


def take(services: Services, context: PageContext, posted: Posted) -> str:
    """Keep the ticked programmes of a proposal as a scenario; the list of scenarios is shown next."""
    fields = posted.fields
    programmes = [name.removeprefix("take-") for name, value in fields.items() if name.startswith("take-") and value]
    try:
        services.optimise.take_over(
            context.user,
            context.site,
            fields.get("job", ""),
            programmes,
            fields.get("name", ""),
            fields.get("note", ""),
        )
    except InputError as error:
        raise ToldError(take_sentences(error, context)) from error
    return context.address("scenarios")


TAKE_SENTENCES = {
    "optimum-nothing-taken": mark("No programme was ticked. Go back and tick at least one."),
    "scenario-name": mark("Give the scenario a name of 1 to 120 characters."),
    "scenario-exists": mark("You already have a scenario of this name. Go back and choose another one."),
    "scenario-note": mark("The note is too long: at most 2,000 characters are kept."),
    "above-budget": mark("The ticked programmes alone cost more than the budget. Tick also those that give up money."),
}


def take_sentences(error: InputError, context: PageContext) -> list[str]:
    _ = context.gettext
    found = [_(TAKE_SENTENCES[p.rule]) if p.rule in TAKE_SENTENCES else p.message for p in error.problems]
    return [_("Not saved."), *dict.fromkeys(found)]


ACTIONS = {"take": take}


def register_callbacks(app: Dash, services: Services) -> None:
    BEST.register(app, services)
    FRONTIER.register(app, services)
